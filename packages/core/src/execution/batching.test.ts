import { describe, expect, it } from '@jest/globals';
import type { Action, BatchLimits, Destination, JobResult, LeasedJob } from '../contracts/destination.js';
import { everyJob, leasedJob, settled } from '../fixtures.fixture.js';
import { Followers } from './followers.js';
import { scheduler } from './scheduler.fixture.js';

const WAIT_MS = 2_000;
const succeeded = (job: LeasedJob): JobResult => ({ job: job.id, outcome: 'succeeded' });

/** A scheduler with one lane whose calls are noted as the ids of their jobs. */
async function open(
  o: {
    readonly batch?: BatchLimits;
    readonly actions?: (load: Action['load']) => readonly Action[];
    readonly answer?: (job: LeasedJob) => JobResult;
    /** Calls end when this does. */
    readonly until?: () => Promise<void>;
  } & Pick<Destination, 'ordering' | 'limits'> = {},
) {
  const calls: (readonly string[])[] = [];
  const load: Action['load'] = async (jobs) => {
    calls.push(jobs.map(({ id }) => id));
    await o.until?.();
    return everyJob(jobs, o.answer ?? succeeded);
  };
  const batch = o.batch ?? { maxJobs: 3, maxWaitMs: WAIT_MS };
  const { clock, store, queue, execution } = scheduler({
    name: 'crm',
    actions: o.actions?.(load) ?? [{ name: 'track', batch, load }],
    ...(o.ordering && { ordering: o.ordering }),
    ...(o.limits && { limits: o.limits }),
  });
  // The sweeper has nothing to make up for here.
  queue.depthNow = 100;
  await execution.start();
  const job = (id: string, over: Partial<LeasedJob> = {}): LeasedJob =>
    leasedJob({ id, dueAt: new Date(clock.now()), ...over });
  return {
    calls,
    clock,
    store,
    queue,
    execution,
    job,
    /** Jobs that came in one by one, each with a message of its own. */
    async come(...jobs: LeasedJob[]) {
      for (const one of jobs) {
        store.add(one);
        await queue.deliver({ destination: 'crm', ids: [one.id] });
      }
    },
  };
}

describe('a batch that may wait', () => {
  it('fills from message to message, and goes at once when it is full', async () => {
    const s = await open();
    await s.come(s.job('a'), s.job('b'));
    await settled();
    expect(s.calls).toEqual([]);
    await s.come(s.job('c'), s.job('d'));
    await settled();
    expect(s.calls).toEqual([['a', 'b', 'c']]);
    expect(s.store.settlements('a')).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('is full by bytes too', async () => {
    const s = await open({ batch: { maxJobs: 100, maxBytes: 5, maxWaitMs: WAIT_MS } });
    await s.come(s.job('a'), s.job('b'), s.job('c'));
    await settled();
    expect(s.calls).toEqual([['a', 'b']]);
    await s.come(s.job('large', { event: { ...leasedJob().event, data: '"123456"' } }));
    await settled();
    expect(s.calls).toEqual([['a', 'b'], ['c'], ['large']]);
    await s.come(
      ...['d', 'e'].map((id) =>
        s.job(id, { event: { ...leasedJob().event, data: id === 'd' ? '123' : '12' } }),
      ),
    );
    await settled();
    expect(s.calls[3]).toEqual(['d', 'e']);
  });

  it('leaves its time behind when it goes: the next one has its own', async () => {
    const s = await open();
    await s.come(s.job('a'));
    await s.clock.advance(WAIT_MS - 1);
    await s.come(s.job('b'), s.job('c'), s.job('d'));
    await s.clock.advance(1);
    expect(s.calls).toEqual([['a', 'b', 'c']]);
    await s.clock.advance(WAIT_MS);
    expect(s.calls).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('goes when its oldest job has been due for as long as it may wait', async () => {
    const s = await open();
    await s.come(s.job('a'));
    await s.clock.advance(WAIT_MS - 500);
    await s.come(s.job('b'));
    await s.clock.advance(499);
    expect(s.calls).toEqual([]);
    await s.clock.advance(1);
    expect(s.calls).toEqual([['a', 'b']]);
    await s.come(s.job('old', { dueAt: new Date(s.clock.now() - WAIT_MS) }));
    await settled();
    expect(s.calls).toEqual([['a', 'b'], ['old']]);
    await s.come(s.job('c'), s.job('older', { dueAt: new Date(s.clock.now() - 1_900) }));
    await s.clock.advance(100);
    expect(s.calls[2]).toEqual(['c', 'older']);
  });

  it('never waits longer than it may, whatever the clock of the store says', async () => {
    const s = await open();
    await s.come(s.job('a', { dueAt: new Date(s.clock.now() + 3_600_000) }));
    await s.clock.advance(WAIT_MS);
    expect(s.calls).toEqual([['a']]);
  });

  it('waits for its own action only; one that may not wait goes at once', async () => {
    const s = await open({
      actions: (load) => [
        { name: 'track', batch: { maxJobs: 3, maxWaitMs: WAIT_MS }, load },
        { name: 'identify', load },
      ],
    });
    await s.come(s.job('track'), s.job('identify', { action: 'identify' }));
    await settled();
    expect(s.calls).toEqual([['identify']]);
    await s.clock.advance(WAIT_MS);
    expect(s.calls).toEqual([['identify'], ['track']]);
  });

  it('keeps the leases of what waits', async () => {
    const renewed: (readonly string[])[] = [];
    const s = await open({ batch: { maxJobs: 3, maxWaitMs: 60_000 } });
    s.store.renewed = (tokens) => renewed.push(tokens);
    await s.come(s.job('a'), s.job('b'));
    await s.clock.advance(45_000);
    expect(renewed).toEqual([1, 2, 3, 4].map(() => ['token-1', 'token-2']));
    await s.clock.advance(15_000);
    expect(s.calls).toEqual([['a', 'b']]);
    renewed.length = 0;
    await s.clock.advance(60_000);
    expect(renewed).toEqual([]);
  });

  it('leaves out what lost its lease while it waited, and delivers the others', async () => {
    const s = await open({ batch: { maxJobs: 3, maxWaitMs: 20_000 } });
    await s.come(s.job('a'), s.job('b'));
    s.store.lostTokens = ['token-1'];
    await s.clock.advance(20_000);
    expect(s.calls).toEqual([['b']]);
    expect(s.store.settlements('b')).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('goes on when one of its leases is lost on the way: that result alone is refused', async () => {
    const signals: AbortSignal[] = [];
    const s = await open({
      actions: () => [
        {
          name: 'track',
          batch: { maxJobs: 2, maxWaitMs: WAIT_MS },
          load: (_jobs, { signal }) => {
            signals.push(signal);
            return new Promise(() => undefined);
          },
        },
      ],
    });
    await s.come(s.job('a'), s.job('b'));
    s.store.lostTokens = ['token-1'];
    await s.clock.advance(10_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it('is given back untouched when the process stops, and what has begun is finished', async () => {
    let finish: () => void = () => undefined;
    const s = await open({
      limits: { concurrency: 1 },
      until: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    await s.come(...['a', 'b', 'c', 'd'].map((id) => s.job(id)));
    await settled();
    const stopped = s.execution.stop(new AbortController().signal);
    await settled();
    expect(s.store.waiting).toBe(1);
    expect(s.store.settlements('d')).toEqual([]);
    finish();
    await stopped;
    expect(s.calls).toEqual([['a', 'b', 'c']]);
    expect(s.store.settlements('a')).toMatchObject([{ outcome: 'succeeded' }]);
    await s.clock.advance(WAIT_MS);
    expect(s.calls).toHaveLength(1);
  });

  it('is given back when the lane closes', async () => {
    const s = await open();
    await s.come(s.job('a'));
    s.store.lane = { destination: 'crm', state: 'paused', failures: 0, updatedAt: new Date() };
    await s.clock.advance(1_000);
    expect(s.store.waiting).toBe(1);
    await s.clock.advance(60_000);
    expect(s.calls).toEqual([]);
  });

  it('is not begun when the lane has closed in the very moment it goes', async () => {
    const s = await open({
      batch: { maxJobs: 2, maxWaitMs: 500 },
      answer: (job) => ({
        job: job.id,
        outcome: 'failed',
        error: { code: 'HTTP', message: 'no' },
        hold: 'credentials',
      }),
    });
    await s.come(s.job('a'), s.job('b'), s.job('c'));
    await settled();
    await s.clock.advance(500);
    expect(s.calls).toEqual([['a', 'b']]);
    expect(s.store.lane).toMatchObject({ state: 'held' });
    expect(s.store.settlements('c')).toEqual([]);
    expect(s.store.waiting).toBe(3);
  });

  it('takes no more than its calls need when they do not end', async () => {
    const s = await open({
      limits: { concurrency: 1 },
      batch: { maxJobs: 64, maxWaitMs: WAIT_MS },
      until: () => new Promise<void>(() => undefined),
    });
    s.store.add(...Array.from({ length: 1_000 }, (_, i) => s.job(`job-${i}`)));
    void s.queue.deliver();
    await settled();
    expect(s.calls).toHaveLength(1);
    // One that runs, and one that is full and waits for its place.
    expect(s.store.waiting).toBe(1_000 - 2 * 64);
    void s.queue.deliver();
    await settled();
    expect(s.store.waiting).toBe(1_000 - 3 * 64);
  });

  it("does not wait for a place that is another action's: several calls run at once", async () => {
    const s = await open({ until: () => new Promise<void>(() => undefined) });
    await s.come(...Array.from({ length: 9 }, (_, i) => s.job(`job-${i}`)));
    await settled();
    expect(s.calls).toHaveLength(3);
  });
});

describe('messages of one job each', () => {
  it('share the places of the lane, and none is done when enough is in hand', async () => {
    const s = await open({
      batch: { maxJobs: 1 },
      limits: { concurrency: 3 },
      until: () => new Promise<void>(() => undefined),
    });
    const enough = 128;
    await s.come(...Array.from({ length: enough - 1 }, (_, i) => s.job(`job-${i}`)));
    expect(s.calls).toEqual([['job-0'], ['job-1'], ['job-2']]);
    let done = false;
    void s.come(s.job('one more')).then(() => (done = true));
    await settled();
    expect(done).toBe(false);
  });
});

describe('a batch that may wait, in an ordered lane', () => {
  it("takes a user's next job when the one before has ended, although its message is gone", async () => {
    const s = await open({ ordering: 'user' });
    s.store.oneOfEachUser = true;
    const of = (id: string, userId: string) => s.job(id, { event: { ...leasedJob().event, userId } });
    await s.come(of('ann-1', 'ann'), of('ann-2', 'ann'), of('bob-1', 'bob'), of('ann-3', 'ann'));
    await s.clock.advance(WAIT_MS);
    // What waited behind others has been due for long: it goes at once.
    expect(s.calls).toEqual([['ann-1', 'bob-1'], ['ann-2'], ['ann-3']]);
  });
});

describe('the search for what waited behind others', () => {
  it('runs once at a time, and once more for whatever ended meanwhile', async () => {
    let searches = 0;
    let finish: () => void = () => undefined;
    const followers = new Followers(() => {
      searches += 1;
      return new Promise((resolve) => (finish = resolve));
    });
    followers.look();
    followers.look();
    followers.look();
    expect(searches).toBe(1);
    finish();
    await settled();
    expect(searches).toBe(2);
    finish();
    await followers.ended();
    expect(searches).toBe(2);
  });
});
