import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobRecord, Queue, Store } from '@fragment/core';
import {
  memoryBroker,
  memoryQueue,
  requiring,
  testPostgres,
  testRedis,
  waitFor,
  type TestPostgres,
} from '@fragment/testing';
import { failure, Gate, recorder, succeeds, type Recorder } from './recorder.js';
import { Opened, openWorld, type World, type WorldOptions } from './world.js';

const describeWithRedis = await requiring('redis', describe);

let database: TestPostgres;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

async function open(o: Omit<WorldOptions, 'database'>): Promise<World> {
  return opened.add(await openWorld({ database, ...o }));
}
/** A second process of the same application. */
const openBeside = (first: World, o: Omit<WorldOptions, 'database'>): Promise<World> =>
  open({ schema: first.schema, ...o });

const gatewayOnly = { gateway: true, scheduler: false };
const schedulerOnly = { gateway: false, scheduler: true };

const track = (n: number, userId = `user-${n}`) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  messageId: `order-${n}`,
});
async function send(world: World, from: number, count: number): Promise<void> {
  const batch = Array.from({ length: count }, (_, n) => track(from + n));
  const { body } = await world.post('/v1/batch', { batch });
  expect(body.meta).toMatchObject({ stored: count });
}

const keysOf = (...recorders: readonly Recorder[]): readonly string[] =>
  recorders.flatMap(({ taken }) => taken.map(({ idempotencyKey }) => idempotencyKey));
const repeated = (keys: readonly string[]): readonly string[] =>
  keys.filter((key, index) => keys.indexOf(key) !== index);

/** Every job succeeded at its first try, and was given to a destination once. */
function expectEachOnce(jobs: readonly JobRecord[], ...recorders: readonly Recorder[]): void {
  expect(jobs.filter(({ status, attempt }) => status !== 'succeeded' || attempt !== 1)).toEqual([]);
  const keys = keysOf(...recorders);
  expect(repeated(keys)).toEqual([]);
  expect(keys).toHaveLength(jobs.length);
}

/** Two processes that both take part: the first call of each waits for the other's. */
async function twoSchedulersShare(
  ofFirst: Partial<WorldOptions>,
  ofSecond: Partial<WorldOptions> = ofFirst,
): Promise<void> {
  const gate = new Gate();
  const answer = async () => {
    if (left.taken.length > 0 && right.taken.length > 0) gate.open();
    await gate.pass();
    return succeeds();
  };
  const left = recorder('crm', { answer });
  const right = recorder('crm', { answer });
  const first = await open({ ...ofFirst, destinations: [left.destination] });
  const second = await openBeside(first, { ...ofSecond, destinations: [right.destination] });
  for (let n = 0; n < 10; n += 1) await send(n % 2 === 0 ? first : second, n * 60, 60);
  expectEachOnce(await first.ended(600), left, right);
}
/** So few messages at once that the other process gets some. */
const sharing = { execution: { messages: 1 } };

describe('two schedulers on one Postgres', () => {
  it('never deliver a job twice', () => twoSchedulersShare(sharing));

  it('never deliver a job twice when the queue gives every message to both, twice', () => {
    const queues = [0, 1].map(() => memoryQueue({ duplicate: () => true }));
    const toBoth: Queue['offer'] = (refs, o) => queues.forEach((queue) => queue.offer(refs, o));
    // Many small leases, so that many are after the same jobs at the same moment.
    const execution = { leaseLimit: 5 };
    const [first, second] = queues.map((queue) => ({ execution, queue: { ...queue, offer: toBoth } }));
    return twoSchedulersShare(first!, second);
  });

  it('deliver again what one of them lost its lease for, and refuse its late result', async () => {
    const gate = new Gate();
    const stuck = recorder('crm', {
      answer: async () => {
        await gate.pass();
        return { outcome: 'discarded', error: failure };
      },
    });
    /** Frozen but for its delivery: neither renews nor sweeps, and hears of nothing new. */
    const frozen = (store: Store): Store => ({
      ...store,
      renew: () => Promise.resolve([]),
      lock: () => Promise.resolve(undefined),
    });
    const execution = { leaseMs: 400, renewMs: 200 };
    const first = await open({
      destinations: [stuck.destination],
      queue: memoryQueue(),
      wrapStore: frozen,
      execution,
    });
    await send(first, 1, 1);
    await waitFor(() => gate.waiting === 1);

    const crm = recorder('crm');
    const second = await openBeside(first, { destinations: [crm.destination], services: schedulerOnly });
    await second.ended(1);
    gate.open();
    await waitFor(() => first.log.some(({ message }) => message === 'late results were refused'));

    const [job] = await second.jobs();
    expect(job).toMatchObject({ status: 'succeeded', attempt: 2, lostLeases: 1 });
    expect(await second.history(job!)).toEqual(['executing', 'failed', 'executing', 'succeeded']);
    expect(keysOf(stuck)).toEqual(keysOf(crm));
  });

  it('lose nothing when one of them stops: what it has not begun is given back at once', async () => {
    const gate = new Gate();
    const begun = recorder('crm', {
      limits: { concurrency: 2 },
      answer: async () => {
        await gate.pass();
        return succeeds();
      },
    });
    const first = await open({ destinations: [begun.destination], execution: { leaseMs: 60_000 } });
    await send(first, 0, 8);
    await waitFor(() => gate.waiting === 2);
    const stopped = first.stop();
    const crm = recorder('crm');
    const second = await openBeside(first, { destinations: [crm.destination] });
    gate.open();
    await stopped;
    expectEachOnce(await second.ended(8), begun, crm);
    expect(begun.taken).toHaveLength(2);
  });
});

describeWithRedis('two schedulers on Postgres and Redis', () => {
  it('never deliver a job twice', async () => {
    const redis = opened.add((await testRedis())!);
    await twoSchedulersShare({ ...sharing, redis: redis.url });
  });
});

describe('a queue that cannot be relied on', () => {
  it('loses every offer of the gateway and half of the others: the sweeper makes up for it', async () => {
    const broker = memoryBroker();
    let offers = 0;
    const forgetful = memoryQueue({ broker, drop: () => (offers += 1) % 2 === 0 });
    const crm = recorder('crm', {
      answer: ({ attempt }) => (attempt === 1 ? { outcome: 'failed', error: failure } : succeeds()),
    });
    const gateway = await open({
      destinations: [crm.destination],
      services: gatewayOnly,
      queue: memoryQueue({ broker, drop: () => true }),
    });
    const scheduler = await openBeside(gateway, {
      destinations: [crm.destination],
      services: schedulerOnly,
      queue: forgetful,
    });
    await send(gateway, 0, 4);
    const jobs = await scheduler.ended(4);
    expect(jobs.map(({ status, attempt }) => [status, attempt])).toEqual(Array(4).fill(['succeeded', 2]));
    expect(offers).toBeGreaterThan(0);
  });

  it('repeats every offer: each job is delivered once', async () => {
    const crm = recorder('crm');
    const world = await open({
      destinations: [crm.destination],
      queue: memoryQueue({ duplicate: () => true }),
    });
    await send(world, 0, 300);
    expectEachOnce(await world.ended(300), crm);
  });
});

describe('ordering: user', () => {
  it('keeps each user’s order, also when the first job fails, and lets other users pass', async () => {
    const crm = recorder('crm', {
      ordering: 'user',
      answer: ({ attempt, event }) =>
        attempt < 3 && event.messageId === 'order-0' ? { outcome: 'failed', error: failure } : succeeds(),
    });
    const world = await open({ destinations: [crm.destination] });
    const users = ['ada', 'bob'] as const;
    const batch = Array.from({ length: 12 }, (_, n) => track(n, users[n % 2]));
    await world.post('/v1/batch', { batch });
    const jobs = await world.ended(12);
    expect(jobs.filter(({ status }) => status !== 'succeeded')).toEqual([]);
    const takenOf = (user: string) =>
      crm.taken
        .filter(({ event }) => event.userId === user)
        .map(({ event }) => Number(event.messageId?.slice(6)));
    expect(takenOf('ada')).toEqual([0, 0, 0, 2, 4, 6, 8, 10]);
    expect(takenOf('bob')).toEqual([1, 3, 5, 7, 9, 11]);
    const lastFailure = crm.taken.findLastIndex(({ event }) => event.messageId === 'order-0');
    expect(crm.taken.findIndex(({ event }) => event.messageId === 'order-1')).toBeLessThan(lastFailure);
  });
});
