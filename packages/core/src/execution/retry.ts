import type { RetrySettings } from '../contracts/application.js';
import type {
  DeliveryError,
  Exchange,
  FailureAdvice,
  JobResult,
  LeasedJob,
  Schedule,
} from '../contracts/destination.js';
import type { Settlement } from '../contracts/store.js';
import { errorRegistry, type ErrorCode } from '../errors/registry.js';
import { parseSchedule } from '../schedule/schedule.js';

/** Exponential backoff with full jitter, in milliseconds; `tries` counts the failed tries so far, from 1. */
export function backoffMs(tries: number, s: RetrySettings): number {
  // The exponent is bounded before the power: 2 ** 2000 is Infinity, and Infinity * 0 is no time at all.
  const ceiling = Math.min(s.capMs, s.baseMs * s.factor ** Math.min(Math.max(tries - 1, 0), 64));
  return Math.round(ceiling * s.random());
}

export interface RetryContext {
  readonly schedule: Schedule;
  readonly retry: RetrySettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By job, what of those that succeeded is to be kept. */
  readonly kept?: ReadonlyMap<string, Exchange>;
}

/** What the store is told about one result: the one place where a failure becomes a retry or an end. */
export function settlementOf(
  job: LeasedJob,
  result: JobResult | undefined,
  context: RetryContext,
): Settlement {
  const base = { id: job.id, token: job.token, attempt: job.attempt };
  const followups = result?.then && result.then.length > 0 ? { followups: result.then } : {};
  if (!result)
    return { ...base, ...retryOf(job, 'unknown', ownError('FRAGMENT_DELIVERY_NO_RESULT'), {}, context) };
  if (result.outcome === 'succeeded') {
    const exchange = context.kept?.get(job.id);
    return { ...base, ...followups, outcome: 'succeeded', ...(exchange ? { exchange } : {}) };
  }
  if (result.outcome === 'discarded')
    return { ...base, ...followups, outcome: 'discarded', error: result.error };
  return { ...base, ...followups, ...retryOf(job, 'failed', result.error, result, context) };
}

type Ending =
  | { outcome: 'failed' | 'unknown'; error: DeliveryError; retryInMs: number; countsAsAttempt: boolean }
  | { outcome: 'discarded'; error: DeliveryError };

function retryOf(
  job: LeasedJob,
  outcome: 'failed' | 'unknown',
  error: DeliveryError,
  advice: FailureAdvice,
  { schedule, retry, now }: RetryContext,
): Ending {
  const told = advice.retryAfterMs !== undefined || advice.hold !== undefined;
  const countsAsAttempt = advice.countsAsAttempt ?? !told;
  const tries = job.countedAttempts + (countsAsAttempt ? 1 : 0);
  if (schedule.maxRetries !== undefined && countsAsAttempt && tries > schedule.maxRetries) {
    return { outcome: 'discarded', error: because('FRAGMENT_DELIVERY_MAX_RETRIES', error) };
  }
  const retryInMs = Math.round(waitMs(tries, advice, schedule, retry, now));
  if (now + retryInMs - job.createdAt.getTime() > schedule.maxAgeMs) {
    return { outcome: 'discarded', error: because('FRAGMENT_DELIVERY_MAX_AGE', error) };
  }
  return { outcome, error, retryInMs, countsAsAttempt };
}

function waitMs(
  tries: number,
  advice: FailureAdvice,
  schedule: Schedule,
  retry: RetrySettings,
  now: number,
): number {
  if (advice.retryAfterMs !== undefined)
    return Math.min(Math.max(advice.retryAfterMs, 0), retry.retryAfterCapMs);
  // A held lane decides when its jobs run; until then they are due and wait.
  if (advice.hold !== undefined) return 0;
  const next =
    schedule.interval === undefined ? undefined : parseSchedule(schedule.interval)?.next(new Date(now));
  return next ? next.getTime() - now : backoffMs(tries, retry);
}

/** A reason of ours, in the shape of a vendor's. */
export const ownError = (code: ErrorCode, detail?: string): DeliveryError => ({
  code,
  message: detail === undefined ? errorRegistry[code].message : `${errorRegistry[code].message} ${detail}`,
});

/** An end of ours that still shows what the last try said. */
const because = (code: ErrorCode, last: DeliveryError): DeliveryError => ({
  ...last,
  code,
  message: `${errorRegistry[code].message} Last: ${last.message} (${last.code})`,
});
