import { describe, expect, it } from '@jest/globals';
import type { BulkProgress, BulkRecord } from '../contracts/bulk.js';
import type { Store } from '../contracts/store.js';
import { FragmentError } from '../errors/fragment-error.js';
import { StoppedClock } from '../fixtures.fixture.js';
import { silentLogger } from '../platform/logger.js';
import { BulkRunner, type BulkStep } from './bulk-runner.js';

const order = (over: Partial<BulkRecord> = {}): BulkRecord => ({
  id: 'order-1',
  kind: 'retry',
  where: {},
  state: 'waiting',
  total: 0,
  totalIsCapped: false,
  done: 0,
  visited: 0,
  actor: 'jane',
  createdAt: new Date(0),
  ...over,
});

/** One order in a store, and a runner that carries it out with the steps it is given. */
function scene(step: BulkStep, over: Partial<BulkRecord & { cursor: string }> = {}) {
  const clock = new StoppedClock();
  const written: BulkProgress[] = [];
  const locks = { held: 0, renewals: 0, free: true, lost: false };
  let record: BulkRecord & { cursor?: string } = order(over);
  const isOpen = (): boolean => record.state === 'waiting' || record.state === 'running';
  const store: Partial<Store> = {
    openBulks: () => Promise.resolve(isOpen() ? [record] : []),
    setBulk: (_id, progress) => {
      if (!isOpen()) return Promise.resolve(false);
      written.push(progress);
      record = { ...record, ...progress };
      return Promise.resolve(true);
    },
    lock: () => {
      if (!locks.free || locks.held > 0) return Promise.resolve(undefined);
      locks.held += 1;
      return Promise.resolve({
        renew: () => {
          locks.renewals += 1;
          return Promise.resolve(!locks.lost);
        },
        release: () => Promise.resolve(void (locks.held -= 1)),
      });
    },
  };
  const runner = new BulkRunner(store as Store, clock, silentLogger, step);
  runner.start();
  return { clock, runner, written, locks, cancel: () => (record = { ...record, state: 'cancelled' }) };
}

/** Visits ids 0 to `total` - 1. */
const counting =
  (total: number, seen: number[] = []): BulkStep =>
  (_order, { limit, after }) => {
    const from = after === undefined ? 0 : Number(after) + 1;
    const ids = Array.from({ length: Math.min(limit, total - from) }, (_, i) => from + i);
    seen.push(...ids);
    return Promise.resolve({ visited: ids.length, done: ids.length, last: ids.at(-1)?.toString() });
  };

describe('a bulk order', () => {
  it('is carried out step by step, each written down, until nothing is left', async () => {
    const seen: number[] = [];
    const { clock, written, locks, runner } = scene(counting(1_200, seen));
    await clock.advance(1_000);
    expect(seen).toEqual(Array.from({ length: 1_200 }, (_, i) => i));
    expect(written).toEqual([
      { state: 'running', done: 500, visited: 500, cursor: '499' },
      { state: 'running', done: 1_000, visited: 1_000, cursor: '999' },
      { state: 'running', done: 1_200, visited: 1_200, cursor: '1199' },
      { state: 'done', done: 1_200, visited: 1_200 },
    ]);
    expect(locks.held).toBe(0);
    await runner.stop();
  });

  it('keeps to its rate', async () => {
    const { clock, written, runner } = scene(counting(100), { ratePerSecond: 20 });
    await clock.advance(1_000);
    expect(written.at(-1)).toMatchObject({ visited: 20 });
    await clock.advance(2_000);
    expect(written.at(-1)).toMatchObject({ visited: 60 });
    await clock.advance(3_000);
    expect(written.at(-1)).toMatchObject({ state: 'done', visited: 100 });
    await runner.stop();
  });

  it('may be slower than one a second', async () => {
    const { clock, written, runner } = scene(counting(3), { ratePerSecond: 0.5 });
    await clock.advance(1_000);
    expect(written.at(-1)).toMatchObject({ visited: 1 });
    await clock.advance(1_900);
    expect(written.at(-1)).toMatchObject({ visited: 1 });
    await clock.advance(200);
    expect(written.at(-1)).toMatchObject({ visited: 2 });
    await runner.stop();
  });

  it('keeps its lock while it waits, and takes no step more when that was lost', async () => {
    const seen: number[] = [];
    const { clock, locks, runner } = scene(counting(100, seen), { ratePerSecond: 0.01 });
    await clock.advance(1_000);
    const renewals = locks.renewals;
    // The lock lasts for ten seconds, and the wait for a hundred.
    for (let waited = 0; waited < 60; waited += 5) await clock.advance(5_000);
    expect(locks.renewals - renewals).toBeGreaterThanOrEqual(12);
    Object.assign(locks, { lost: true, free: false });
    await clock.advance(60_000);
    expect(seen).toEqual([0]);
    await runner.stop();
  });

  it('goes on where another process left it', async () => {
    const seen: number[] = [];
    const { clock, written, runner } = scene(counting(10, seen), { cursor: '6', done: 7, visited: 7 });
    await clock.advance(1_000);
    expect(seen).toEqual([7, 8, 9]);
    expect(written.at(-1)).toEqual({ state: 'done', done: 10, visited: 10 });
    await runner.stop();
  });

  it('ends at the next step when it is cancelled', async () => {
    const seen: number[] = [];
    const { clock, cancel, runner, locks } = scene(counting(100, seen), { ratePerSecond: 10 });
    await clock.advance(1_000);
    cancel();
    await clock.advance(10_000);
    expect(seen).toHaveLength(10);
    expect(locks.held).toBe(0);
    await runner.stop();
  });

  it('is left to the process that has its lock', async () => {
    const seen: number[] = [];
    const { clock, locks, runner } = scene(counting(3, seen));
    locks.free = false;
    await clock.advance(3_000);
    expect(seen).toEqual([]);
    locks.free = true;
    await clock.advance(1_000);
    expect(seen).toEqual([0, 1, 2]);
    await runner.stop();
  });

  it('waits for a store that is away, and fails for any other reason', async () => {
    let failure: Error | undefined = new FragmentError('FRAGMENT_STORE_UNAVAILABLE');
    const step: BulkStep = (o, at) => (failure ? Promise.reject(failure) : counting(1)(o, at));
    const away = scene(step);
    await away.clock.advance(2_000);
    expect(away.written).toEqual([]);
    failure = undefined;
    await away.clock.advance(1_000);
    expect(away.written.at(-1)).toMatchObject({ state: 'done' });
    await away.runner.stop();

    const broken = scene(() => Promise.reject(new TypeError('no such thing')));
    await broken.clock.advance(1_000);
    expect(broken.written).toEqual([{ state: 'failed', done: 0, visited: 0, error: 'no such thing' }]);
    await broken.runner.stop();
  });

  it('stops with its process, and stays open', async () => {
    const { clock, runner, written, locks } = scene(counting(100), { ratePerSecond: 1 });
    await clock.advance(1_000);
    await runner.stop();
    expect(written.at(-1)).toMatchObject({ state: 'running' });
    expect(locks.held).toBe(0);
  });
});
