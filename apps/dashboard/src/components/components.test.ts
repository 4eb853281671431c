import { describe, expect, it } from '@jest/globals';
import type { Transition, TransitionState } from '../api/types.js';
import { isWithin } from './navigation.js';
import { isRangeName, RANGES, rangeQuery, stepsOf } from './range.js';
import { attemptsOf, spansOf } from './timeline.js';

const START = Date.parse('2026-01-31T12:00:00.000Z');

/** A history from pairs of a state and the milliseconds after the start. */
function history(
  ...changes: readonly (readonly [TransitionState, number, number?])[]
): readonly Transition[] {
  return changes.map(([state, ms, attempt = 0], at) => ({
    id: `job.${at + 1}`,
    attempt,
    state_before: changes[at - 1]?.[0] ?? null,
    state_after: state,
    error:
      state === 'failed'
        ? { statusCode: 503, code: 'AWAY', message: 'Away.', validations: [], request: null, response: null }
        : null,
    exchange: state === 'succeeded' ? { status: 200, request: 'POST /', response: 'ok' } : null,
    created_at: new Date(START + ms).toISOString(),
    event_id: 'event',
    job_id: 'job',
    redacted: false,
  }));
}

const retried = history(
  ['acknowledged', 0],
  ['awaiting', 2],
  ['executing', 10, 1],
  ['failed', 60, 1],
  ['executing', 5_060, 2],
  ['succeeded', 5_100, 2],
);

const succeeded = { status: 'succeeded', due_at: new Date(START + 5_060).toISOString() } as const;

describe('the timeline of a job', () => {
  it('is made of waiting and running without gaps', () => {
    const spans = spansOf(retried, START + 99_999);
    expect(spans.map(({ kind, state, from, to }) => [kind, state, from - START, to - START])).toEqual([
      ['wait', 'awaiting', 0, 2],
      ['wait', 'executing', 2, 10],
      ['run', 'failed', 10, 60],
      ['wait', 'executing', 60, 5_060],
      ['run', 'succeeded', 5_060, 5_100],
    ]);
  });

  it('reaches to now while the job is not finished', () => {
    const spans = spansOf(retried.slice(0, 5), START + 6_000);
    expect(spans.at(-1)).toEqual({ kind: 'run', state: 'executing', from: START + 5_060, to: START + 6_000 });
  });

  it('never ends before it began, whatever the clocks say', () => {
    expect(spansOf(retried.slice(0, 1), START - 5_000).at(-1)?.to).toBe(START);
  });

  it('holds one attempt per try, with its wait, its length, its error and what went over the wire', () => {
    expect(attemptsOf(succeeded, retried)).toEqual([
      expect.objectContaining({
        attempt: 1,
        state: 'failed',
        waitedMs: 8,
        durationMs: 50,
        nextAt: new Date(START + 5_060).toISOString(),
        exchange: { status: 503, request: null, response: null },
        error: expect.objectContaining({ code: 'AWAY' }),
      }),
      expect.objectContaining({
        attempt: 2,
        state: 'succeeded',
        waitedMs: 5_000,
        durationMs: 40,
        nextAt: null,
        exchange: { status: 200, request: 'POST /', response: 'ok' },
        error: null,
      }),
    ]);
  });

  it('shows a try that still runs, and none where the job was discarded untried', () => {
    expect(attemptsOf({ ...succeeded, status: 'executing' }, retried.slice(0, 3))).toEqual([
      expect.objectContaining({ state: 'executing', endedAt: null, durationMs: null, nextAt: null }),
    ]);
    const waiting = attemptsOf({ status: 'failed', due_at: 'in an hour' }, retried.slice(0, 4));
    expect(waiting).toEqual([expect.objectContaining({ state: 'failed', nextAt: 'in an hour' })]);
    const discarded = { ...succeeded, status: 'discarded' } as const;
    expect(attemptsOf(discarded, history(['acknowledged', 0], ['awaiting', 1], ['discarded', 9]))).toEqual(
      [],
    );
  });
});

describe('ranges of time', () => {
  it('are whole steps that include the one that runs', () => {
    const now = Date.parse('2026-01-31T12:34:56Z');
    expect(rangeQuery('1h', now)).toEqual({
      from: '2026-01-31T11:35:00.000Z',
      to: '2026-01-31T12:35:00.000Z',
      step_ms: 60_000,
    });
  });

  it('stay the same until the next step begins, so that nothing is asked twice', () => {
    const now = Date.parse('2026-01-31T12:34:00Z');
    expect(rangeQuery('15m', now)).toEqual(rangeQuery('15m', now + 59_999));
    expect(rangeQuery('15m', now)).not.toEqual(rangeQuery('15m', now + 60_000));
  });

  it('have at most 1,500 steps of whole minutes, as the API takes them', () => {
    for (const { spanMs, stepMs } of Object.values(RANGES)) {
      expect(stepMs % 60_000).toBe(0);
      expect(spanMs / stepMs).toBeLessThanOrEqual(1_500);
    }
  });

  it('list all their steps', () => {
    const range = rangeQuery('15m', START);
    const steps = stepsOf(range);
    expect([steps.length, steps[0], steps.at(-1)]).toEqual([
      15,
      Date.parse(range.from),
      Date.parse(range.to) - 60_000,
    ]);
  });

  it('are known by name only', () => {
    expect([isRangeName('7d'), isRangeName('toString'), isRangeName(null)]).toEqual([true, false, false]);
  });
});

describe('navigation', () => {
  it('knows the part an address lies in', () => {
    expect(isWithin('/events', '/events/123')).toBe(true);
    expect(isWithin('/events', '/events-of-others')).toBe(false);
    expect(isWithin('/', '/events')).toBe(false);
  });
});
