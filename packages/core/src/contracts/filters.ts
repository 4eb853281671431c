/** What a job's row can say, plus `acknowledged`, which appears in histories only. */
export const JOB_STATUSES = ['awaiting', 'executing', 'succeeded', 'failed', 'discarded', 'unknown'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export type TransitionState = JobStatus | 'acknowledged';

/** Restricts events. Lists are ORed, fields are ANDed. */
export interface EventFilter {
  /** A selection. */
  readonly idsIn?: readonly string[];
  readonly sourcesIn?: readonly string[];
  readonly sourcesNotIn?: readonly string[];
  readonly triggersIn?: readonly string[];
  readonly triggersNotIn?: readonly string[];
  readonly versionsIn?: readonly string[];
  readonly versionsNotIn?: readonly string[];
  readonly receivedBefore?: Date;
  readonly receivedAfter?: Date;
  readonly typesIn?: readonly string[];
  readonly messageId?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly name?: string;
  readonly parentEventId?: string;
  /** Only events whose planning failed (true) or did not (false). */
  readonly planFailed?: boolean;
}

/** Restricts jobs; `statusIn` and the attempts look at the job as it is now. */
export interface JobFilter {
  /** When given, every other field of this filter is ignored (the ancestor's rule). */
  readonly eventId?: string;
  /** A selection of job ids. */
  readonly idsIn?: readonly string[];
  readonly destinationsIn?: readonly string[];
  readonly destinationsNotIn?: readonly string[];
  readonly actionsIn?: readonly string[];
  readonly actionsNotIn?: readonly string[];
  readonly versionsIn?: readonly string[];
  readonly versionsNotIn?: readonly string[];
  readonly createdBefore?: Date;
  readonly createdAfter?: Date;
  readonly statusIn?: readonly JobStatus[];
  readonly statusNotIn?: readonly JobStatus[];
  readonly minAttempts?: number;
  readonly maxAttempts?: number;
  /** Exact code of the last error. */
  readonly errorCode?: string;
}

/**
 * The one filter type of every find, retry, discard, replay, tail and purge. Of events `jobs` means those that have a job
 * that matches; of a purge see `purgeEvents` of the store, which is stricter.
 */
export interface Where {
  readonly events?: EventFilter;
  readonly jobs?: JobFilter;
}

export interface Page {
  /** Default 100, at most 500. */
  readonly limit?: number;
  readonly offset?: number;
  /** From `nextCursor` of the page before; wins over `offset`. */
  readonly cursor?: string;
  /** false: how many match is not asked, which spares half of the work, and `count` is 0. Default true. */
  readonly counted?: boolean;
}

export interface Found<T> {
  readonly items: readonly T[];
  /** Exact up to 10,000; `countIsCapped` beyond. */
  readonly count: number;
  readonly countIsCapped: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly nextCursor?: string;
}
