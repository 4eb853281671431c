import type { Application, LaneState } from '@fragment/core';
import type { Reading, Sample } from './reading.js';
import { StoreReading } from './store-reading.js';

const LANE_STATES: readonly LaneState[] = ['open', 'slowed', 'tripped', 'held', 'paused'];

export function storeReadings(app: Application): readonly Reading[] {
  const reading = new StoreReading(app);
  const registered = app.destinations.map(({ name }) => name);
  return [
    {
      name: 'fragment_store_up',
      help: '1 when the store answered in time, 0 when it did not: what is read from it is then left out',
      type: 'gauge',
      read: async () => [{ labels: {}, value: (await reading.current()).up ? 1 : 0 }],
    },
    {
      name: 'fragment_backlog',
      help: 'Jobs that are not finished',
      type: 'gauge',
      read: async () => {
        const { backlog } = await reading.current();
        if (!backlog) return [];
        const jobs = new Map([
          ...registered.map((name): [string, number] => [name, 0]),
          ...backlog.lanes.map((lane): [string, number] => [lane.destination, lane.jobs]),
        ]);
        return [...jobs].map(([destination, value]) => ({ labels: { destination }, value }));
      },
    },
    {
      name: 'fragment_oldest_awaiting_seconds',
      help: 'For how long the oldest job that is due has been due',
      type: 'gauge',
      read: async () => {
        const { backlog } = await reading.current();
        if (!backlog) return [];
        const due = new Map(backlog.lanes.map((lane) => [lane.destination, lane.oldestDueAt]));
        return [...new Set([...registered, ...due.keys()])].map((destination) => ({
          labels: { destination },
          value: secondsSince(due.get(destination), app.clock.now()),
        }));
      },
    },
    ...laneReadings(app, reading),
    ...poolReadings(app),
  ];
}

function laneReadings({ destinations }: Application, reading: StoreReading): readonly Reading[] {
  return [
    {
      name: 'fragment_circuit_state',
      help: '1 for the state that the lane of a destination is in, 0 for the others',
      type: 'gauge',
      read: async () => {
        const { up, lanes } = await reading.current();
        if (!up) return [];
        const states = new Map(lanes.map(({ destination, state }) => [destination, state]));
        return destinations.flatMap(({ name }) => circuit(name, states.get(name) ?? 'open'));
      },
    },
    {
      name: 'fragment_plan_errors',
      help: 'Events whose planning failed: they have no jobs until they are replayed',
      type: 'gauge',
      read: async () => {
        const { backlog } = await reading.current();
        return backlog ? [{ labels: {}, value: backlog.planErrors }] : [];
      },
    },
  ];
}

function poolReadings({ store }: Application): readonly Reading[] {
  return [
    {
      name: 'fragment_pool_connections',
      help: 'Connections to the store, by pool and whether they are used',
      type: 'gauge',
      read: () =>
        (store.pools?.() ?? []).flatMap(({ name, used, idle }) => [
          { labels: { pool: name, state: 'used' }, value: used },
          { labels: { pool: name, state: 'idle' }, value: idle },
        ]),
    },
    {
      name: 'fragment_pool_size',
      help: 'How many connections a pool may have',
      type: 'gauge',
      read: () => (store.pools?.() ?? []).map(({ name, size }) => ({ labels: { pool: name }, value: size })),
    },
    {
      name: 'fragment_pool_waiting',
      help: 'Who waits for a connection of a pool',
      type: 'gauge',
      read: () =>
        (store.pools?.() ?? []).map(({ name, waiting }) => ({ labels: { pool: name }, value: waiting })),
    },
  ];
}

const circuit = (destination: string, is: LaneState): readonly Sample[] =>
  LANE_STATES.map((state) => ({ labels: { destination, state }, value: state === is ? 1 : 0 }));

const secondsSince = (time: Date | undefined, nowMs: number): number =>
  time === undefined ? 0 : Math.max(0, (nowMs - time.getTime()) / 1_000);
