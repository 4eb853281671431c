import { describe, expect, it } from '@jest/globals';
import { executionDefaults } from '../application/settings.js';
import type { Destination, JobResult, LeasedJob } from '../contracts/destination.js';
import type { Logger } from '../contracts/toolkit.js';
import {
  destinationOf,
  everyJob,
  HandQueue,
  LaneStore,
  leasedJob,
  settled,
  StoppedClock,
} from '../fixtures.fixture.js';
import { silentLogger } from '../platform/logger.js';
import { Planner } from '../planning/plan.js';
import { DeliveryCounts } from './delivery-counts.js';
import { createExecution } from './execution.js';

const error = { code: 'HTTP', message: 'no' };
const succeeded = (job: LeasedJob): JobResult => ({ job: job.id, outcome: 'succeeded' });
const failed = (job: LeasedJob, advice = {}): JobResult => ({
  job: job.id,
  outcome: 'failed',
  error,
  ...advice,
});
const jobs = (n: number): LeasedJob[] => Array.from({ length: n }, (_, i) => leasedJob({ id: `job-${i}` }));

function scheduler(destination: Destination, logger: Logger = silentLogger) {
  const clock = new StoppedClock();
  const store = new LaneStore();
  const queue = new HandQueue();
  const execution = createExecution({
    sources: [],
    destinations: [destination],
    store: store.asStore(),
    queue: queue.asQueue(),
    clock,
    logger,
    settings: { ...executionDefaults, retry: { ...executionDefaults.retry, random: () => 0.5 } },
    retention: { dedupMs: 1, eventsMs: undefined, rejectionsMs: 1, statisticsMs: 1, everyMs: 1e9 },
    planner: new Planner([destination]),
    counts: new DeliveryCounts(),
    ingest: () => Promise.resolve(),
  });
  return { clock, store, queue, execution };
}

describe('lane', () => {
  it('delivers what it leased in calls of the batch size and settles each job once', async () => {
    const calls: number[] = [];
    const s = scheduler({
      name: 'crm',
      actions: [
        {
          name: 'track',
          batch: { maxJobs: 4 },
          load: (batch) => {
            calls.push(batch.length);
            return everyJob(batch, succeeded);
          },
        },
      ],
    });
    await s.execution.start();
    s.store.add(...jobs(10));
    await s.queue.deliver();
    expect(calls).toEqual([4, 4, 2]);
    expect([...s.store.rows.values()].map((row) => row.settlements.map((x) => x.outcome))).toEqual(
      Array.from({ length: 10 }, () => ['succeeded']),
    );
  });

  it('respects the bytes of a batch', async () => {
    const calls: number[] = [];
    const s = scheduler({
      name: 'crm',
      actions: [
        {
          name: 'track',
          batch: { maxJobs: 100, maxBytes: 25 },
          load: (batch) => {
            calls.push(batch.length);
            return everyJob(batch, succeeded);
          },
        },
      ],
    });
    await s.execution.start();
    s.store.add(...jobs(5).map((job) => ({ ...job, event: { ...job.event, data: '"12345678"' } })));
    await s.queue.deliver();
    expect(calls).toEqual([2, 2, 1]);
  });

  it('fails every job of a call that throws, and says why', async () => {
    const s = scheduler(destinationOf(() => Promise.reject(new TypeError('x is not a function'))));
    await s.execution.start();
    s.store.add(...jobs(1));
    await s.queue.deliver();
    expect(s.store.settlements('job-0')).toMatchObject([
      {
        outcome: 'failed',
        error: { code: 'FRAGMENT_DELIVERY_THREW', message: expect.stringContaining('x is not') },
      },
    ]);
  });

  it('makes a job the action forgot unknown and ignores results for foreign jobs', async () => {
    const s = scheduler({
      name: 'crm',
      actions: [
        {
          name: 'track',
          batch: { maxJobs: 2 },
          load: () =>
            Promise.resolve([succeeded(leasedJob({ id: 'job-0' })), succeeded(leasedJob({ id: 'other' }))]),
        },
      ],
    });
    await s.execution.start();
    s.store.add(...jobs(2));
    await s.queue.deliver();
    expect(s.store.settlements('job-0')).toMatchObject([{ outcome: 'succeeded' }]);
    expect(s.store.settlements('job-1')).toMatchObject([{ outcome: 'unknown' }]);
  });

  it('ends a call that hangs at its deadline and aborts its signal', async () => {
    let aborted = false;
    const s = scheduler(
      destinationOf(
        (_jobs, t) => {
          t.signal.addEventListener('abort', () => (aborted = true));
          return new Promise(() => undefined);
        },
        { limits: { loadTimeoutMs: 5_000 } },
      ),
    );
    await s.execution.start();
    s.store.add(...jobs(1));
    const done = s.queue.deliver();
    await s.clock.advance(5_000);
    await done;
    expect(aborted).toBe(true);
    expect(s.store.settlements('job-0')).toMatchObject([{ error: { code: 'FRAGMENT_DELIVERY_TIMEOUT' } }]);
  });

  it('trips after five failures in a row, gives the rest back, probes with one job and opens', async () => {
    let healthy = false;
    let calls = 0;
    const s = scheduler(
      destinationOf(
        (batch) => {
          calls += 1;
          return everyJob(batch, (job) => (healthy ? succeeded(job) : failed(job)));
        },
        { limits: { concurrency: 1 } },
      ),
    );
    await s.execution.start();
    s.store.add(...jobs(20));
    await s.queue.deliver();
    expect(calls).toBe(5);
    expect(s.store.lane).toMatchObject({ state: 'tripped', failures: 1 });
    expect(s.store.waiting).toBe(20);

    await s.queue.deliver();
    expect(calls).toBe(5);
    // The probe fails: the lane stays closed twice as long.
    await s.clock.advance(31_000);
    expect(calls).toBe(6);
    expect(s.store.lane).toMatchObject({ state: 'tripped', failures: 2 });
    healthy = true;
    await s.clock.advance(31_000);
    expect(calls).toBe(6);
    await s.clock.advance(30_000);
    expect(calls).toBe(7);
    expect(s.store.lane).toMatchObject({ state: 'open', failures: 0 });
    await s.queue.deliver();
    expect(s.store.waiting).toBe(0);
  });

  it('holds the lane on refused credentials, alarms once, and drains when a probe passes', async () => {
    let key = 'wrong';
    let calls = 0;
    const alarms: string[] = [];
    const logger: Logger = { ...silentLogger, error: (_f, m) => alarms.push(m ?? ''), child: () => logger };
    const s = scheduler(
      destinationOf(
        (batch) => {
          calls += 1;
          return everyJob(batch, (job) =>
            key === 'right' ? succeeded(job) : failed(job, { hold: 'credentials' }),
          );
        },
        { limits: { concurrency: 4 } },
      ),
      logger,
    );
    await s.execution.start();
    s.store.add(...jobs(12));
    await s.queue.deliver();
    expect(s.store.lane).toMatchObject({ state: 'held', failures: 1 });
    expect(calls).toBeLessThanOrEqual(4);
    expect(alarms).toEqual(['lane held: its jobs wait until the credentials are corrected']);
    key = 'right';
    await s.clock.advance(31_000);
    expect(s.store.lane).toMatchObject({ state: 'open' });
    await s.queue.deliver();
    expect(s.store.waiting).toBe(0);
    expect(s.store.settlements('job-0').every((x) => x.outcome !== 'discarded')).toBe(true);
  });

  it('does not take an event that is discarded without a request for a sign that the key works', async () => {
    let key = 'wrong';
    const s = scheduler(
      destinationOf((batch) =>
        everyJob(batch, (job) => {
          if (job.id === 'job-0' && s.store.settlements('job-0').length > 0)
            return { job: job.id, outcome: 'discarded', error };
          return key === 'right' ? succeeded(job) : failed(job, { hold: 'credentials' });
        }),
      ),
    );
    await s.execution.start();
    s.store.add(...jobs(2));
    await s.queue.deliver();
    await s.clock.advance(31_000);
    expect(s.store.settlements('job-0').at(-1)).toMatchObject({ outcome: 'discarded' });
    expect(s.store.lane).toMatchObject({ state: 'held', failures: 2 });
    key = 'right';
    await s.clock.advance(61_000);
    expect(s.store.lane).toMatchObject({ state: 'open' });
  });

  it('tries a lane that was held when the last process ended at once', async () => {
    let calls = 0;
    const s = scheduler(
      destinationOf((batch) => {
        calls += 1;
        return everyJob(batch, succeeded);
      }),
    );
    s.store.add(...jobs(1));
    s.store.lane = {
      destination: 'crm',
      state: 'held',
      failures: 4,
      until: new Date(s.clock.now() + 1e6),
      updatedAt: new Date(),
    };
    await s.execution.start();
    await settled();
    expect(calls).toBe(1);
    expect(s.store.lane).toMatchObject({ state: 'open' });
  });

  it('slows the whole lane when the destination asks for it, and goes on afterwards', async () => {
    let asked = false;
    const s = scheduler(
      destinationOf(
        (batch) =>
          everyJob(batch, (job) => {
            if (asked) return succeeded(job);
            asked = true;
            return failed(job, { retryAfterMs: 10_000, scope: 'lane' });
          }),
        { limits: { concurrency: 1 } },
      ),
    );
    await s.execution.start();
    s.store.add(...jobs(3));
    await s.queue.deliver();
    expect(s.store.lane).toMatchObject({ state: 'slowed' });
    expect(s.store.waiting).toBe(3);
    expect(s.store.settlements('job-0')).toMatchObject([{ retryInMs: 10_000, countsAsAttempt: false }]);
    await s.clock.advance(11_000);
    await s.queue.deliver();
    expect(s.store.waiting).toBe(0);
  });

  it('leaves a throttled user alone while others go on', async () => {
    const seen: string[] = [];
    const s = scheduler(
      destinationOf(
        (batch) =>
          everyJob(batch, (job) => {
            seen.push(job.id);
            return job.event.userId === 'busy' && seen.filter((id) => id.startsWith('busy')).length === 1
              ? failed(job, { retryAfterMs: 30_000, scope: 'user' })
              : succeeded(job);
          }),
        { limits: { concurrency: 1 } },
      ),
    );
    await s.execution.start();
    const of = (id: string, userId: string): LeasedJob =>
      leasedJob({ id, event: { ...leasedJob().event, userId } });
    s.store.add(of('busy-0', 'busy'), of('busy-1', 'busy'), of('calm-0', 'calm'));
    await s.queue.deliver();
    expect(seen).toEqual(['busy-0', 'calm-0']);
    expect(s.store.settlements('busy-1')).toMatchObject([
      { outcome: 'failed', countsAsAttempt: false, error: { code: 'FRAGMENT_DELIVERY_USER_PAUSED' } },
    ]);
  });

  it('delivers nothing while an operator paused it', async () => {
    let calls = 0;
    const s = scheduler(
      destinationOf((batch) => {
        calls += 1;
        return everyJob(batch, succeeded);
      }),
    );
    await s.execution.start();
    s.store.add(...jobs(1));
    s.store.lane = { destination: 'crm', state: 'paused', failures: 0, updatedAt: new Date() };
    await s.clock.advance(1_000);
    await s.queue.deliver();
    await s.clock.advance(600_000);
    expect(calls).toBe(0);
    s.store.lane = { destination: 'crm', state: 'open', failures: 0, updatedAt: new Date() };
    await s.clock.advance(1_000);
    await s.queue.deliver();
    expect(calls).toBe(1);
  });

  it('gives back what has not begun when the process stops, and finishes what has', async () => {
    let finish: () => void = () => undefined;
    const s = scheduler(
      destinationOf((batch) => new Promise((resolve) => (finish = () => resolve(batch.map(succeeded)))), {
        limits: { concurrency: 1 },
      }),
    );
    await s.execution.start();
    s.store.add(...jobs(3));
    const message = s.queue.deliver();
    await settled();
    s.queue.signal.abort();
    await settled();
    expect(s.store.waiting).toBe(2);
    finish();
    await message;
    expect(s.store.settlements('job-0')).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('offers what waited behind a retry of an ordered lane', async () => {
    const s = scheduler(destinationOf((batch) => everyJob(batch, succeeded), { ordering: 'user' }));
    s.queue.depthNow = 100;
    await s.execution.start();
    s.store.add(leasedJob({ id: 'retried', attempt: 2 }), leasedJob({ id: 'behind' }));
    await s.queue.deliver({ destination: 'crm', ids: ['retried'] });
    expect(s.queue.offered).toEqual([
      { refs: [{ destination: 'crm', ids: ['behind'] }], delayMs: undefined },
    ]);
  });

  it('does not begin what it lost the lease of while it waited for its place', async () => {
    const begun: string[] = [];
    let finish: () => void = () => undefined;
    const s = scheduler(
      destinationOf(
        (batch) => {
          begun.push(...batch.map((job) => job.id));
          return new Promise((resolve) => (finish = () => resolve(batch.map(succeeded))));
        },
        { limits: { concurrency: 1 } },
      ),
    );
    await s.execution.start();
    s.store.add(...jobs(2));
    s.store.lostTokens = ['token-1'];
    const message = s.queue.deliver();
    await s.clock.advance(10_000);
    finish();
    await message;
    expect(begun).toEqual(['job-0']);
  });

  it('asks for the rest of a range, not for all of it again', async () => {
    const s = scheduler(destinationOf((batch) => everyJob(batch, succeeded), { limits: { concurrency: 1 } }));
    await s.execution.start();
    s.store.add(...jobs(65).map((job, i) => ({ ...job, event: { ...job.event, id: `event-${i}` } })));
    await s.queue.deliver({ destination: 'crm', from: 'event-0', to: 'event-64' });
    expect(s.store.asked.map((ref) => 'from' in ref && ref.from)).toEqual(['event-0', 'event-63']);
  });

  it('keeps a result while the store is away and writes it when it is back', async () => {
    const s = scheduler(
      destinationOf((batch) => {
        s.store.down = true;
        return everyJob(batch, succeeded);
      }),
    );
    await s.execution.start();
    s.store.add(...jobs(1));
    const message = s.queue.deliver();
    await s.clock.advance(1_000);
    expect(s.store.settlements('job-0')).toEqual([]);
    s.store.down = false;
    await s.clock.advance(1_000);
    await message;
    expect(s.store.settlements('job-0')).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('is offered what is due by the sweeper at once when its queue is nearly empty, now and then when it is not', async () => {
    const s = scheduler(destinationOf((batch) => everyJob(batch, succeeded)));
    await s.execution.start();
    s.queue.depthNow = 100;
    await s.clock.advance(1_000);
    s.store.add(...jobs(1));
    await s.clock.advance(8_000);
    expect(s.queue.offered).toEqual([]);
    await s.clock.advance(2_000);
    expect(s.queue.offered).toHaveLength(1);
    s.queue.depthNow = 0;
    await s.clock.advance(2_000);
    expect(s.queue.offered).toMatchObject([{}, { refs: [{ destination: 'crm', ids: ['job-0'] }] }]);
  });

  it('delivers suspected jobs one at a time and drops the message of another lane meanwhile', async () => {
    let running = 0;
    let most = 0;
    let finish: () => void = () => undefined;
    const s = scheduler(
      destinationOf(async (batch) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => (finish = resolve));
        running -= 1;
        return batch.map(succeeded);
      }),
    );
    await s.execution.start();
    s.store.add(...jobs(2));
    const alone = { destination: 'crm', ids: ['job-0', 'job-1'], alone: true };
    const first = s.queue.deliver(alone);
    await settled();
    await s.queue.deliver(alone);
    finish();
    await settled();
    finish();
    await first;
    expect(most).toBe(1);
    expect(s.store.waiting).toBe(0);
  });
});
