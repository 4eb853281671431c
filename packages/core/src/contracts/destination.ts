import type { ActionCall, StoredEvent } from './events.js';
import type { JsonValue } from './json.js';
import type { Toolkit } from './toolkit.js';
import type { Versions } from './versions.js';

/**
 * Where data goes. A plain object from a factory; does no I/O before `init`.
 *
 * @typeParam Name its name, where that is known when the code is compiled.
 * @typeParam ActionName the names of its actions, where they are known then.
 */
export interface Destination<Name extends string = string, ActionName extends string = string> {
  /** Its identity: unique within the application and stored with every job. */
  readonly name: Name;
  /** `segment`: segmentflow plans the action named like the message's type. */
  readonly accepts?: 'segment';
  /** The names of its switch in `integrations`, the usual one first, compared without regard to case. Default its name. */
  readonly integrations?: readonly string[];
  readonly actions: readonly Action<ActionName>[];
  readonly schedule?: Partial<Schedule>;
  /** `user`: one user's jobs run one after the other, oldest first. Default `none`. */
  readonly ordering?: 'none' | 'user';
  readonly limits?: LaneLimits;
  readonly versions?: Versions;
  /** Opens what it needs. A throw stops the start. */
  init?(t: Toolkit): Promise<void>;
  /** A throw is logged. */
  shutdown?(t: Toolkit): Promise<void>;
  /** Do the credentials work? A real call that changes nothing; `unknown` when the vendor offers none. */
  check?(t: Toolkit): Promise<'ok' | 'refused' | 'unknown'>;
  /** What the admin API shows of its options. Never a secret. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** When jobs run and when they are given up. */
export interface Schedule {
  /** false: jobs are collected and loaded on `interval`. Default true. */
  readonly realtime: boolean;
  /** `@every 1h`, `@daily` or a cron pattern: when collected jobs load, and the gap between tries. Default: exponential backoff. */
  readonly interval?: string;
  /** Tries after the first. Default: no limit but `maxAgeMs`. */
  readonly maxRetries?: number;
  /** Age of a job, from the receipt of its event, after which it is discarded. Default 72 h. */
  readonly maxAgeMs: number;
}

/** What one lane may do at the same time. */
export interface LaneLimits {
  /** Calls of `load` in flight in one process. Default 32. */
  readonly concurrency?: number;
  /** Calls of `load` started a second in one process. Default: no limit. */
  readonly callsPerSecond?: number;
  /** Time one call of `load` may take before its jobs fail. Default 60,000. */
  readonly loadTimeoutMs?: number;
}

/** One kind of delivery a destination can do. */
export interface Action<Name extends string = string> {
  readonly name: Name;
  readonly schedule?: Partial<Schedule>;
  /** How many jobs one call of `load` takes. Default one. */
  readonly batch?: BatchLimits;
  /** Freezes what is delivered when the event comes in. Default: the job refers to its event and maps at delivery. */
  marshal?(event: StoredEvent, call: ActionCall): JsonValue;
  /**
   * Delivers. Answers once per job; a job without an answer becomes `unknown`. May be called again for a job it
   * delivered: the idempotency key is the same then. A throw fails every job of the call.
   */
  load(jobs: readonly LeasedJob[], t: LoadToolkit): Promise<readonly JobResult[]>;
}

/** When a batch is full, and how long one that is not may wait. */
export interface BatchLimits {
  readonly maxJobs: number;
  /** Bytes of the events' data. */
  readonly maxBytes?: number;
  /** A batch that is not full waits at most this long for more jobs, up to an hour. Default 0: what is due is delivered. */
  readonly maxWaitMs?: number;
}

export interface LoadToolkit extends Toolkit {
  readonly destination: string;
}

/** A job in the hands of one process, until its lease ends. */
export interface LeasedJob {
  /** `<event id>.<seq>` */
  readonly id: string;
  /** Fences late results: a settlement with another token is refused. */
  readonly token: string;
  /** This try's number, from 1. */
  readonly attempt: number;
  /** Tries before this one that used up a retry: what backoff and `maxRetries` count. */
  readonly countedAttempts: number;
  readonly destination: string;
  readonly action: string;
  readonly version?: string;
  readonly data?: JsonValue;
  readonly event: StoredEvent;
  /** `<messageId>:<job id>`; the event's id where it has no messageId. The same in every try. */
  readonly idempotencyKey: string;
  readonly parentJobId?: string;
  /** How many follow-ups lead here; 0 for a planned job. */
  readonly depth: number;
  /** When it became due, by the store's clock. */
  readonly dueAt: Date;
  /** Where its age counts from: the receipt of its event; later for a replay, a follow-up or an operator's retry. */
  readonly createdAt: Date;
}

/** What went over the wire for one job, fit to be shown and stored. Never holds a secret, nor what belongs to other jobs. */
export interface Exchange {
  /** The vendor's HTTP status. */
  readonly status?: number;
  /**
   * Excerpt of what was sent: method, path and body, secrets masked, at most 4 KB. Where several jobs shared a request,
   * the body is this job's part of it.
   */
  readonly request?: string;
  /** Excerpt of what came back, as far as it concerns this job. */
  readonly response?: string;
}

/** Why a delivery did not succeed. */
export interface DeliveryError extends Exchange {
  /** A code of the registry or of the vendor. */
  readonly code: string;
  /** A sentence a person can act on. */
  readonly message: string;
}

/** What became of one job. */
export type JobResult = { readonly job: string; readonly then?: readonly Followup[] } &
  /** The exchange is read only where it is kept, so it may be made then, by getters. */
  (
    | { readonly outcome: 'succeeded'; readonly exchange?: Exchange }
    | ({ readonly outcome: 'failed'; readonly error: DeliveryError } & FailureAdvice)
    | { readonly outcome: 'discarded'; readonly error: DeliveryError }
  );

/** How a failed job is tried again. */
export interface FailureAdvice {
  /** Not before this; capped at one hour. */
  readonly retryAfterMs?: number;
  /** Whom the wait concerns: this job, all jobs of its user, or the whole lane. Default `job`. */
  readonly scope?: 'job' | 'user' | 'lane';
  /** The operator must act (wrong key, unknown account): the lane is held, its jobs stay. */
  readonly hold?: 'credentials';
  /** Default true; false with `hold` or `retryAfterMs`. */
  readonly countsAsAttempt?: boolean;
}

/** A job that a result brings about. Those of a failure are written at the first failure only. Depth is at most 8. */
export interface Followup {
  /** Default: the same destination. */
  readonly destination?: string;
  readonly action: string;
  readonly data?: JsonValue;
}
