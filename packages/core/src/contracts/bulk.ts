import type { Where } from './filters.js';

/** What can be done to many at once. */
export type BulkKind = 'retry' | 'discard' | 'replay' | 'purge';

export type BulkState = 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';

/**
 * One order to retry, discard, replay or purge all that match, carried out by a scheduler at a rate. It is kept in the
 * store: it survives restarts, and anybody can look at it or cancel it. Each job (each event of a replay or purge) is
 * visited once, in the order of its id; what comes to match later is left alone.
 */
export interface BulkRecord {
  readonly id: string;
  readonly kind: BulkKind;
  readonly where: Where;
  /** Jobs (events of a replay or purge) a second; absent: as fast as it goes. */
  readonly ratePerSecond?: number;
  readonly state: BulkState;
  /** How many matched when it was ordered; capped like every count. */
  readonly total: number;
  readonly totalIsCapped: boolean;
  /** How many were changed so far: jobs, jobs that a replay has made, or events that were purged. */
  readonly done: number;
  /** How many were looked at so far. */
  readonly visited: number;
  /** Who ordered it. */
  readonly actor: string;
  readonly createdAt: Date;
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  /** Why it failed. */
  readonly error?: string;
}

/** A step of a bulk order as the scheduler writes it down. */
export interface BulkProgress {
  readonly state: BulkState;
  readonly done: number;
  readonly visited: number;
  /** Where the next step goes on. */
  readonly cursor?: string;
  readonly error?: string;
}

/** What can be seen before an order is given. */
export interface BulkPreview {
  readonly kind: BulkKind;
  readonly count: number;
  readonly countIsCapped: boolean;
}
