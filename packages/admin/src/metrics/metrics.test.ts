import { describe, expect, it, jest } from '@jest/globals';
import {
  ATTEMPT_BOUNDS,
  LATENCY_BOUNDS_MS,
  silentLogger,
  type Application,
  type Backlog,
  type Clock,
  type DeliveryCount,
  type IngestCount,
} from '@fragment/core';
import { Registry } from 'prom-client';
import { Access } from '../access/access.js';
import { admin } from '../index.js';
import { metricsOf } from './metrics.js';

/** A clock that stands until it is moved. */
class HandClock implements Clock {
  nowMs = 1_000_000;
  #timers: { readonly at: number; readonly fn: () => void }[] = [];
  now = (): number => this.nowMs;
  setTimer = (fn: () => void, ms: number): { clear: () => void } => {
    const timer = { at: this.nowMs + ms, fn };
    this.#timers.push(timer);
    return { clear: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  };
  advance(ms: number): void {
    this.nowMs += ms;
    for (const { at, fn } of this.#timers.splice(0)) if (at <= this.nowMs) fn();
  }
}

const buckets = (bounds: readonly number[], ...counts: [at: number, count: number][]): number[] => {
  const all = new Array<number>(bounds.length + 1).fill(0);
  for (const [at, count] of counts) all[at] = count;
  return all;
};

function appWith(over: {
  readonly ingest?: readonly IngestCount[];
  readonly delivery?: readonly DeliveryCount[];
  readonly backlog?: () => Promise<Backlog>;
}) {
  const clock = new HandClock();
  const backlog = jest.fn(over.backlog ?? (() => Promise.resolve({ lanes: [], planErrors: 0 })));
  const app = {
    clock,
    logger: silentLogger,
    destinations: [{ name: 'crm' }],
    store: {
      backlog,
      lanes: () =>
        Promise.resolve([{ destination: 'crm', state: 'held', failures: 1, updatedAt: new Date(0) }]),
    },
    execution: { sweptAt: () => undefined },
    ingestCounts: () => over.ingest ?? [],
    deliveryCounts: () => over.delivery ?? [],
    ingestDurations: () => ({ buckets: buckets(LATENCY_BOUNDS_MS), totalMs: 0 }),
  } as unknown as Application;
  const registry = new Registry();
  const access = new Access({ tokens: [], hostLogin: false, hosts: undefined, basePath: '/admin' }, clock);
  metricsOf(app, access, registry);
  const lines = async (name: string): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));
  return { app, clock, backlog, registry, lines };
}

const tally = (over: Partial<DeliveryCount>): DeliveryCount => ({
  of: 'delivery',
  destination: 'crm',
  action: 'track',
  result: 'succeeded',
  count: 1,
  latency: buckets(LATENCY_BOUNDS_MS),
  totalMs: 0,
  attempts: buckets(ATTEMPT_BOUNDS),
  totalAttempts: 0,
  ...over,
});

const count = (over: Partial<IngestCount>): IngestCount => ({
  source: 'rest',
  trigger: 'track',
  type: 'track',
  result: 'stored',
  count: 1,
  ...over,
});

describe('what was counted', () => {
  it('is added up where the labels are the same: a trigger and a reason are none', async () => {
    const ingest = [
      count({}),
      count({ trigger: 'batch', count: 2 }),
      count({ result: 'refused', reason: 'A' }),
    ];
    const { lines } = appWith({ ingest });
    expect(await lines('fragment_events_received_total{')).toEqual([
      'fragment_events_received_total{source="rest",type="track",result="stored"} 3',
      'fragment_events_received_total{source="rest",type="track",result="refused"} 1',
    ]);
  });

  it('has a bounded number of series, whatever types a source makes up', async () => {
    const ingest = Array.from({ length: 300 }, (_, n) => count({ type: `type-${n}` }));
    const { lines } = appWith({ ingest });
    const series = await lines('fragment_events_received_total{');
    expect(series).toHaveLength(101);
    expect(series.at(-1)).toBe(
      'fragment_events_received_total{source="rest",type="other",result="stored"} 200',
    );
  });

  it('makes histograms: buckets that grow, and the actions of a destination together', async () => {
    const delivery = [
      tally({
        latency: buckets(LATENCY_BOUNDS_MS, [0, 2], [LATENCY_BOUNDS_MS.length, 1]),
        totalMs: 90_000_000,
      }),
      tally({ action: 'identify', latency: buckets(LATENCY_BOUNDS_MS, [1, 1]), totalMs: 2 }),
      tally({ result: 'failed', latency: buckets(LATENCY_BOUNDS_MS, [0, 9]), totalMs: 9 }),
    ];
    const { lines } = appWith({ delivery });
    const series = await lines('fragment_delivery_seconds');
    expect(series).toHaveLength(LATENCY_BOUNDS_MS.length + 3);
    expect(series.slice(0, 2)).toEqual([
      'fragment_delivery_seconds_bucket{destination="crm",le="0.001"} 2',
      'fragment_delivery_seconds_bucket{destination="crm",le="0.002"} 3',
    ]);
    expect(series.slice(-4)).toEqual([
      'fragment_delivery_seconds_bucket{destination="crm",le="86400"} 3',
      'fragment_delivery_seconds_bucket{destination="crm",le="+Inf"} 4',
      'fragment_delivery_seconds_sum{destination="crm"} 90000.002',
      'fragment_delivery_seconds_count{destination="crm"} 4',
    ]);
  });
});

describe('what is read from the store', () => {
  const backlog: Backlog = {
    lanes: [{ destination: 'gone', jobs: 7, oldestDueAt: new Date(940_000) }],
    planErrors: 2,
  };

  it('tells of every registered destination, and of others that have jobs', async () => {
    const { lines } = appWith({ backlog: () => Promise.resolve(backlog) });
    expect(await lines('fragment_backlog{')).toEqual([
      'fragment_backlog{destination="crm"} 0',
      'fragment_backlog{destination="gone"} 7',
    ]);
    expect(await lines('fragment_oldest_awaiting_seconds{destination="gone"')).toEqual([
      'fragment_oldest_awaiting_seconds{destination="gone"} 60',
    ]);
    expect(await lines('fragment_circuit_state{destination="crm",state="held"')).toEqual([
      'fragment_circuit_state{destination="crm",state="held"} 1',
    ]);
    expect(await lines('fragment_plan_errors ')).toEqual(['fragment_plan_errors 2']);
  });

  it('is one reading for many scrapes, made again after five seconds', async () => {
    const { registry, clock, backlog: read } = appWith({});
    await Promise.all([registry.metrics(), registry.metrics()]);
    await registry.metrics();
    expect(read).toHaveBeenCalledTimes(1);
    clock.advance(5_000);
    await registry.metrics();
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('is asked for less often the longer it takes', async () => {
    const {
      registry,
      clock,
      backlog: read,
    } = appWith({
      backlog: () => {
        clock.nowMs += 1_000;
        return Promise.resolve(backlog);
      },
    });
    await registry.metrics();
    clock.advance(19_000);
    await registry.metrics();
    expect(read).toHaveBeenCalledTimes(1);
    clock.advance(1_000);
    await registry.metrics();
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('is left out of a scrape when it does not come in time, and told when it has come', async () => {
    let answer: (backlog: Backlog) => void = () => undefined;
    const { registry, clock, lines } = appWith({
      backlog: () => new Promise((resolve) => (answer = resolve)),
    });
    const late = registry.metrics();
    clock.advance(2_000);
    const text = await late;
    expect(text).toMatch(/^fragment_store_up 0$/m);
    expect(text).not.toMatch(/^fragment_backlog\{/m);
    answer(backlog);
    expect(await lines('fragment_store_up')).toEqual(['fragment_store_up 1']);
    expect(await lines('fragment_backlog{')).toHaveLength(2);
  });

  it('never fails a scrape', async () => {
    const { lines } = appWith({ backlog: () => Promise.reject(new Error('away')) });
    expect(await lines('fragment_store_up')).toEqual(['fragment_store_up 0']);
  });
});

it('an admin that is attached to nothing has no metrics yet', () => {
  const answered: number[] = [];
  const res = {
    headersSent: false,
    writeHead: (status: number) => answered.push(status),
    end: () => undefined,
  };
  admin().metrics({} as never, res as never);
  expect(answered).toEqual([503]);
});
