import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JobRef } from '../contracts/job-ref.js';
import type { Queue } from '../contracts/queue.js';
import { executionDefaults } from '../application/settings.js';
import { leasedJob, settled, StoppedClock } from '../fixtures.fixture.js';
import { parseSchedule } from '../schedule/schedule.js';
import { Breaker, openMs } from './breaker.js';
import { Pace } from './pace.js';
import { backoffMs, settlementOf, type RetryContext } from './retry.js';
import { RetryOffers } from './retry-offers.js';
import { UserPauses } from './user-pauses.js';

const retry = { ...executionDefaults.retry, random: () => 0.5 };
const now = Date.parse('2026-01-02T03:04:05.000Z');
const context: RetryContext = { schedule: { realtime: true, maxAgeMs: 72 * 3_600_000 }, retry, now };
const error = { code: 'HTTP_500', message: 'Internal Server Error', status: 500 };
const failed = { job: 'j', outcome: 'failed' as const, error };

describe('retry policy', () => {
  it('backs off exponentially, jittered in full, up to the cap', () => {
    const full = { ...retry, random: () => 1 };
    expect([1, 2, 3, 4].map((n) => backoffMs(n, full))).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(backoffMs(2_000, full)).toBe(15 * 60_000);
    fc.assert(
      fc.property(fc.nat(5_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (tries, r) => {
        const ms = backoffMs(tries, { ...retry, random: () => r });
        return Number.isInteger(ms) && ms >= 0 && ms <= 15 * 60_000;
      }),
    );
  });

  it('spreads a storm: jobs that fail together, then 60 a second for ten minutes', () => {
    const retries = new Array<number>(600).fill(0);
    const fail = (atMs: number): void => {
      for (let tries = 1, at = atMs; ; tries += 1) {
        at += backoffMs(tries, executionDefaults.retry);
        if (at >= 600_000) return;
        retries[Math.floor(at / 1_000)]! += 1;
      }
    };
    for (let job = 0; job < 1_500; job += 1) fail(0);
    for (let job = 0; job < 600 * 60; job += 1) fail((job / 60) * 1_000);
    const mean = retries.reduce((sum, n) => sum + n, 0) / retries.length;
    expect(Math.max(...retries)).toBeLessThanOrEqual(2 * mean);
  });

  it('counts a plain failure and waits its backoff', () => {
    expect(settlementOf(leasedJob({ countedAttempts: 2 }), failed, context)).toMatchObject({
      outcome: 'failed',
      error,
      retryInMs: 10_000,
      countsAsAttempt: true,
    });
  });

  it('obeys Retry-After without using up an attempt, capped at an hour', () => {
    const told = settlementOf(leasedJob(), { ...failed, retryAfterMs: 7_000 }, context);
    expect(told).toMatchObject({ retryInMs: 7_000, countsAsAttempt: false });
    const long = settlementOf(leasedJob(), { ...failed, retryAfterMs: 86_400_000 }, context);
    expect(long).toMatchObject({ retryInMs: 3_600_000 });
  });

  it('keeps a job of a held lane due at once and does not count the try', () => {
    const held = settlementOf(leasedJob(), { ...failed, hold: 'credentials' }, context);
    expect(held).toMatchObject({ outcome: 'failed', retryInMs: 0, countsAsAttempt: false });
  });

  it('honours interval and maxRetries', () => {
    const schedule = { ...context.schedule, interval: '@every 1h', maxRetries: 2 };
    const second = settlementOf(leasedJob({ countedAttempts: 1 }), failed, { ...context, schedule });
    expect(second).toMatchObject({ outcome: 'failed', retryInMs: Date.parse('2026-01-02T04:00:00Z') - now });
    const third = settlementOf(leasedJob({ countedAttempts: 2 }), failed, { ...context, schedule });
    expect(third).toMatchObject({
      outcome: 'discarded',
      error: { code: 'FRAGMENT_DELIVERY_MAX_RETRIES', status: 500 },
    });
    expect(third.outcome === 'discarded' && third.error.message).toContain(
      'Internal Server Error (HTTP_500)',
    );
  });

  it('discards what would run again after its max age, and says what the last try said', () => {
    const createdAt = new Date(now - 72 * 3_600_000);
    const old = settlementOf(leasedJob({ createdAt }), failed, context);
    expect(old).toMatchObject({
      outcome: 'discarded',
      error: { code: 'FRAGMENT_DELIVERY_MAX_AGE', status: 500 },
    });
  });

  it('makes a job without an answer unknown and tries it again', () => {
    expect(settlementOf(leasedJob(), undefined, context)).toMatchObject({
      outcome: 'unknown',
      error: { code: 'FRAGMENT_DELIVERY_NO_RESULT' },
      countsAsAttempt: true,
    });
  });

  it('passes follow-ups of every outcome on', () => {
    const then = [{ action: 'notify' }];
    expect(settlementOf(leasedJob(), { job: 'j', outcome: 'succeeded', then }, context).followups).toEqual(
      then,
    );
    expect(settlementOf(leasedJob(), { ...failed, then }, context).followups).toEqual(then);
    expect(
      settlementOf(leasedJob(), { job: 'j', outcome: 'discarded', error, then }, context).followups,
    ).toEqual(then);
  });
});

describe('breaker', () => {
  const settings = executionDefaults.breaker;

  it('trips after five failures in a row', () => {
    const breaker = new Breaker(settings);
    expect([1, 2, 3, 4, 5].map(() => breaker.record(false, now))).toEqual([false, false, false, false, true]);
  });

  it('trips when half of at least twenty calls in the window failed, not before', () => {
    const breaker = new Breaker(settings);
    const trips: boolean[] = [];
    for (let call = 0; call < 20; call += 1) trips.push(breaker.record(call % 2 === 0, now + call * 100));
    expect(trips.slice(0, 19)).not.toContain(true);
    expect(trips[19]).toBe(true);
  });

  it('forgets calls that left the window', () => {
    const breaker = new Breaker(settings);
    for (let call = 0; call < 18; call += 1) breaker.record(call % 2 === 0, now);
    expect(breaker.record(true, now + 31_000)).toBe(false);
    expect(breaker.record(false, now + 31_000)).toBe(false);
  });

  it('stays open twice as long each time, up to five minutes', () => {
    expect([1, 2, 3, 4, 5, 60].map((n) => openMs(n, settings))).toEqual([
      30_000, 60_000, 120_000, 240_000, 300_000, 300_000,
    ]);
  });
});

describe('schedules', () => {
  const at = new Date('2026-01-02T03:04:05.500Z');

  it.each([
    ['@every 20s', '2026-01-02T03:04:20.000Z'],
    ['@every 1h', '2026-01-02T04:00:00.000Z'],
    ['@daily', '2026-01-03T00:00:00.000Z'],
    ['@weekly', '2026-01-04T00:00:00.000Z'],
    ['*/5 * * * *', '2026-01-02T03:05:00.000Z'],
    ['*/10 * * * * *', '2026-01-02T03:04:10.000Z'],
  ])('%s is next due at %s, in UTC', (text, expected) => {
    expect(parseSchedule(text)?.next(at)?.toISOString()).toBe(expected);
  });

  it.each(['', '@every', '@every 0s', '@every -1s', '61 * * * *', 'tomorrow'])('refuses %p', (text) => {
    expect(parseSchedule(text)).toBeUndefined();
  });
});

describe('pace and pauses', () => {
  it('spreads calls evenly and lets an abort end the wait', async () => {
    const clock = new StoppedClock();
    const pace = new Pace(clock, 10);
    const starts: number[] = [];
    const signal = new AbortController();
    for (let call = 0; call < 3; call += 1)
      void pace.wait(signal.signal).then(() => starts.push(clock.now()));
    const begin = clock.now();
    await clock.advance(100);
    expect(starts).toEqual([begin, begin + 100]);
    signal.abort();
    await clock.advance(0);
    expect(starts).toHaveLength(3);
  });

  it('starts nothing in a heap after the process was busy', async () => {
    const clock = new StoppedClock();
    const pace = new Pace(clock, 10);
    const starts: number[] = [];
    const { signal } = new AbortController();
    for (let call = 0; call < 11; call += 1) void pace.wait(signal).then(() => starts.push(clock.now()));
    await settled();
    clock.jump(800);
    await clock.advance(0);
    // The first has begun, the last two are barely late; the others take new turns.
    const late = starts.length;
    expect(late).toBeLessThanOrEqual(4);
    await clock.advance(1_000);
    expect(starts.length - late).toBeLessThanOrEqual(11);
    await clock.advance(1_000);
    expect(starts).toHaveLength(11);
  });

  it('goes on when the clock is set back', async () => {
    const clock = new StoppedClock();
    const pace = new Pace(clock, 10);
    const { signal } = new AbortController();
    await pace.wait(signal);
    clock.jump(-3_600_000);
    let started = false;
    void pace.wait(signal).then(() => (started = true));
    await clock.advance(200);
    expect(started).toBe(true);
  });

  it('pauses one user and no other, for as long as was asked', async () => {
    const clock = new StoppedClock();
    const pauses = new UserPauses(clock);
    const job = leasedJob();
    pauses.pause(job, 30_000);
    expect(pauses.remaining(job)).toBe(30_000);
    expect(pauses.remaining(leasedJob({ event: { ...job.event, userId: 'u2' } }))).toBe(0);
    await clock.advance(30_000);
    expect(pauses.remaining(job)).toBe(0);
  });
});

describe('retries on their way to the queue', () => {
  const kept = () => {
    const clock = new StoppedClock();
    const begin = Math.ceil(clock.now() / 1_000) * 1_000;
    clock.jump(begin - clock.now());
    const offered: { at: number; refs: readonly JobRef[]; delayMs: number | undefined }[] = [];
    const offer: Queue['offer'] = (refs, o) =>
      offered.push({ at: clock.now() - begin, refs, delayMs: o?.delayMs });
    const offers = new RetryOffers({ offer } as Queue, clock);
    const add = (destination: string, id: string, inMs: number) =>
      offers.add([{ destination, ids: [id], dueAt: new Date(begin + inMs) }]);
    return { clock, offers, offered, add };
  };
  const list = (destination: string, ...ids: string[]) => [{ destination, ids }];

  it('go together, those of a lane and fifth of a second, when the last of them is due', async () => {
    const { clock, offered, add } = kept();
    add('a', 'j1', 1_240);
    add('b', 'j2', 1_300);
    add('a', 'j3', 1_390);
    add('a', 'j4', 1_200);
    add('a', 'j5', 1_400);
    await clock.advance(1_389);
    expect(offered.map(({ refs }) => refs)).toEqual([list('b', 'j2')]);
    await clock.advance(100);
    expect(offered.map(({ refs }) => refs)).toEqual([
      list('b', 'j2'),
      list('a', 'j1', 'j3', 'j4'),
      list('a', 'j5'),
    ]);
    expect(offered.map(({ delayMs }) => delayMs)).toEqual([undefined, undefined, undefined]);
  });

  it('are left to the queue, with what they still have to wait, when the process stops', async () => {
    const { clock, offers, offered, add } = kept();
    add('a', 'j1', 5_000);
    await clock.advance(1_000);
    offers.handOver();
    expect(offered).toEqual([{ at: 1_000, refs: list('a', 'j1'), delayMs: 4_000 }]);
    await clock.advance(10_000);
    expect(offered).toHaveLength(1);
  });

  it('are offered in lists, and what is too much is left to the sweeper', async () => {
    const { clock, offers, offered } = kept();
    const ids = Array.from({ length: 100_000 }, (_, n) => `j${n}`);
    offers.add([{ destination: 'a', ids, dueAt: new Date(clock.now() + 500) }]);
    offers.add([{ destination: 'a', ids: ['one more'], dueAt: new Date(clock.now() + 500) }]);
    await clock.advance(1_000);
    expect(offered).toHaveLength(200);
    offers.add([{ destination: 'a', ids: ['later'], dueAt: new Date(clock.now()) }]);
    await clock.advance(20);
    expect(offered.at(-1)?.refs).toEqual(list('a', 'later'));
  });
});
