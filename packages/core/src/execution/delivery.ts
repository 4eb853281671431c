import type { ExecutionSettings } from '../contracts/application.js';
import type { Action, Destination, JobResult, LeasedJob, Schedule } from '../contracts/destination.js';
import type { Settlement } from '../contracts/store.js';
import type { Clock, Logger } from '../contracts/toolkit.js';
import type { TraceResult, Tracing } from '../contracts/tracing.js';
import { traced } from '../tracing/traced.js';
import { DeadlineError, withDeadline } from '../platform/deadline.js';
import { describeError } from '../platform/logger.js';
import { newId } from '../platform/toolkit.js';
import type { Breaker } from './breaker.js';
import type { DeliveryCounts } from './delivery-counts.js';
import { KeptExchanges } from './kept-exchanges.js';
import type { LaneGate } from './lane-state.js';
import { ownError, settlementOf } from './retry.js';
import type { Settler } from './settler.js';
import type { UserPauses } from './user-pauses.js';

export interface DeliveryParts {
  readonly destination: Destination;
  readonly schedules: ReadonlyMap<string, Schedule>;
  readonly gate: LaneGate;
  readonly breaker: Breaker;
  readonly pauses: UserPauses;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ExecutionSettings;
  readonly settler: Settler;
  readonly counts: DeliveryCounts;
  readonly tracing?: Tracing | undefined;
}

interface LaneEffect {
  /** Why the lane is to be held. */
  held: string | undefined;
  slowMs: number;
  /** Every job failed for a reason that is not a throttle. */
  down: boolean;
  reason: string;
}

/** What a call says of the destination: it took or refused a job, it failed, or nobody asked it. */
export type Answer = 'works' | 'fails' | 'unasked';

export interface Delivered {
  readonly answer: Answer;
  /** Resolves when the results are written. Never rejects. */
  readonly settled: Promise<void>;
}

/** A job that is discarded without an answer of the vendor never left the house. */
const wasAsked = (result: JobResult | undefined): boolean =>
  result?.outcome === 'succeeded' || (result?.outcome === 'discarded' && result.error.status !== undefined);

/** What a span tells of a call: how its jobs ended. */
function traceOf(results: ReadonlyMap<string, JobResult>): TraceResult {
  const facts = { succeeded: 0, failed: 0, discarded: 0 };
  let error: string | undefined;
  for (const result of results.values()) {
    facts[result.outcome] += 1;
    if (result.outcome === 'failed') error ??= result.error.code;
  }
  return { facts, ...(error === undefined ? {} : { error }) };
}

const never = new AbortController().signal;

/** One call of `load`: its deadline, its results made whole, their effect on the lane, their settlement. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #kept: KeptExchanges;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#kept = new KeptExchanges(parts.settings.keptExchangesPerSecond, parts.logger);
  }

  /**
   * @param o.lost aborts when the lease of these jobs is lost.
   * @param o.probe this call decides whether a closed lane opens.
   * @returns as soon as the destination has answered: the next call need not wait until this one is written.
   */
  async deliver(
    action: Action,
    jobs: readonly LeasedJob[],
    o: { readonly lost?: AbortSignal | undefined; readonly probe?: boolean } = {},
  ): Promise<Delivered> {
    const paused = jobs.filter((job) => this.#parts.pauses.remaining(job) > 0);
    const ready = paused.length === 0 ? jobs : jobs.filter((job) => !paused.includes(job));
    const results =
      ready.length === 0 ? new Map<string, JobResult>() : await this.#traced(action, ready, o.lost ?? never);
    for (const job of paused) results.set(job.id, this.#pausedResult(job));
    // The lane closes before the results are written: a retry that is due at once must find it closed.
    const answer = ready.length === 0 ? 'unasked' : await this.#affectLane(ready, results, o.probe === true);
    const settled = this.#parts.settler.settle(this.#settlements(action, jobs, results));
    return { answer, settled };
  }

  #traced(action: Action, jobs: readonly LeasedJob[], lost: AbortSignal): Promise<Map<string, JobResult>> {
    const { tracing, destination } = this.#parts;
    const span = tracing?.delivery({ destination: destination.name, action: action.name, jobs });
    return traced(span, () => this.#load(action, jobs, lost), traceOf);
  }

  async #load(
    action: Action,
    jobs: readonly LeasedJob[],
    lost: AbortSignal,
  ): Promise<Map<string, JobResult>> {
    const { destination, clock, logger } = this.#parts;
    const limitMs = destination.limits?.loadTimeoutMs ?? 60_000;
    try {
      const results = await withDeadline(clock, limitMs, lost, (call) =>
        action.load(jobs, {
          logger,
          clock,
          newId,
          destination: destination.name,
          get signal() {
            return call.signal;
          },
        }),
      );
      return this.#known(jobs, results, action);
    } catch (error) {
      const late = error instanceof DeadlineError;
      const code = late ? 'FRAGMENT_DELIVERY_TIMEOUT' : 'FRAGMENT_DELIVERY_THREW';
      const { error: message } = describeError(error);
      if (!late) logger.error({ action: action.name, error: message }, 'an action threw');
      const failure = ownError(code, late ? `${message}.` : message.slice(0, 500));
      return new Map(jobs.map((job) => [job.id, { job: job.id, outcome: 'failed', error: failure }]));
    }
  }

  /** Results by job; one for a job that is not of this call is a fault of the action and changes nothing. */
  #known(jobs: readonly LeasedJob[], results: readonly JobResult[], action: Action): Map<string, JobResult> {
    const ids = new Set(jobs.map((job) => job.id));
    const known = new Map<string, JobResult>();
    for (const result of results) if (ids.has(result.job)) known.set(result.job, result);
    if (known.size < ids.size || results.length > ids.size) {
      this.#parts.logger.error(
        { action: action.name, jobs: ids.size, results: results.length, named: known.size },
        'an action did not answer once per job',
      );
    }
    return known;
  }

  async #affectLane(
    jobs: readonly LeasedJob[],
    results: ReadonlyMap<string, JobResult>,
    probe: boolean,
  ): Promise<Answer> {
    const { gate, breaker, clock } = this.#parts;
    const effect = this.#effectOf(jobs, results);
    // Calls that were on their way when the lane closed say nothing new about it.
    const decides = probe || gate.isOpen;
    if (effect.held !== undefined) {
      if (decides) await gate.hold(effect.held);
      return 'fails';
    }
    if (effect.slowMs > 0) {
      if (decides) await gate.slow(effect.reason, effect.slowMs);
      return 'fails';
    }
    if ((breaker.record(!effect.down, clock.now()) && decides) || (probe && effect.down)) {
      breaker.reset();
      await gate.trip(effect.reason);
    }
    if (effect.down) return 'fails';
    return jobs.some((job) => wasAsked(results.get(job.id))) ? 'works' : 'unasked';
  }

  #effectOf(jobs: readonly LeasedJob[], results: ReadonlyMap<string, JobResult>): LaneEffect {
    const effect: LaneEffect = { held: undefined, slowMs: 0, down: false, reason: 'no result' };
    let failures = 0;
    for (const job of jobs) {
      const result = results.get(job.id);
      if (!result) failures += 1;
      else if (result.outcome === 'failed' && !this.#isThrottle(job, result, effect)) failures += 1;
    }
    effect.down = failures === jobs.length;
    return effect;
  }

  /** Notes what a failure asks of the lane; false for a failure that asks nothing, which counts against it. */
  #isThrottle(job: LeasedJob, result: JobResult & { outcome: 'failed' }, effect: LaneEffect): boolean {
    const waitMs = Math.min(result.retryAfterMs ?? 0, this.#parts.settings.retry.retryAfterCapMs);
    effect.reason = result.error.message;
    if (result.hold) effect.held = result.error.message;
    else if (result.scope === 'user' && waitMs > 0) this.#parts.pauses.pause(job, waitMs);
    else if (result.scope === 'lane' && waitMs > 0) effect.slowMs = Math.max(effect.slowMs, waitMs);
    else return false;
    return true;
  }

  #pausedResult(job: LeasedJob): JobResult {
    return {
      job: job.id,
      outcome: 'failed',
      error: ownError('FRAGMENT_DELIVERY_USER_PAUSED'),
      retryAfterMs: this.#parts.pauses.remaining(job),
      countsAsAttempt: false,
    };
  }

  #settlements(
    action: Action,
    jobs: readonly LeasedJob[],
    results: ReadonlyMap<string, JobResult>,
  ): readonly Settlement[] {
    const { schedules, settings, clock } = this.#parts;
    const schedule = schedules.get(action.name);
    if (!schedule) return [];
    const now = clock.now();
    const context = { schedule, retry: settings.retry, now, kept: this.#kept.of(results, now) };
    return jobs.map((job) => {
      const settlement = settlementOf(job, results.get(job.id), context);
      this.#parts.counts.add(job, settlement.outcome, now);
      return settlement;
    });
  }
}
