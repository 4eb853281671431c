import type { DeliveryError, Exchange, Followup, LeasedJob } from './destination.js';
import type { PlannedEvent, PlannedJob } from './events.js';
import type { HealthCheck } from './health.js';
import type { JobRef } from './job-ref.js';
import type { OversightStore } from './oversight-store.js';
import type { MigrationRecord, PoolUse, RejectionRecord } from './records.js';

/** What became of one event of an append. `refused`: the store can never take it; its neighbours are stored. */
export type AppendOutcome =
  | { readonly outcome: 'stored' }
  | { readonly outcome: 'duplicate'; readonly eventId: string }
  /** A batch's parent of which nothing was new. */
  | { readonly outcome: 'skipped' }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string };

export interface AppendOptions {
  /** The caller's knex transaction or pg client on the store's own database: joined inside a savepoint. */
  readonly transaction?: unknown;
  /** Called once the caller's transaction is known to have committed; never, where that cannot be known. */
  readonly committed?: () => void;
}

/** One outcome per event, in the order of the batch. */
export type AppendResult = readonly AppendOutcome[];

export interface LeaseRequest {
  readonly ref: JobRef;
  /** Only jobs of these actions: others have no code here and stay. */
  readonly actions: readonly string[];
  readonly limit: number;
  readonly leaseMs: number;
  /** Skip a job while an earlier unfinished one has its order key. A waiting retry blocks at most `orderBlockMs`. */
  readonly ordered?: boolean;
  readonly orderBlockMs?: number;
}

/** What the holder of a lease says of one job. */
export type Settlement = {
  readonly id: string;
  readonly token: string;
  readonly attempt: number;
  readonly followups?: readonly Followup[];
} &
  /** With its exchange where that is to be kept. */
  (
    | { readonly outcome: 'succeeded'; readonly exchange?: Exchange }
    | {
        readonly outcome: 'failed' | 'unknown';
        readonly error: DeliveryError;
        readonly retryInMs: number;
        readonly countsAsAttempt: boolean;
      }
    | { readonly outcome: 'discarded'; readonly error: DeliveryError }
  );

export interface SettleResult {
  /** Ids whose token was stale: another process holds or held them since. Nothing of these was written. */
  readonly refused: readonly string[];
  /** Jobs to be offered again, by destination and time. */
  readonly retries: readonly {
    readonly destination: string;
    readonly ids: readonly string[];
    readonly dueAt: Date;
  }[];
  /** The follow-ups that were inserted. */
  readonly followups: readonly JobRef[];
}

/** `open` works; `slowed` and `tripped` until `until`; `held` until a probe passes; `paused` until an operator resumes. */
export type LaneState = 'open' | 'slowed' | 'tripped' | 'held' | 'paused';

/** A lane as every scheduler sees it. */
export interface LaneRow {
  readonly destination: string;
  readonly state: LaneState;
  readonly reason?: string;
  readonly until?: Date;
  /** Consecutive trips or failed probes; the next wait grows with it. */
  readonly failures: number;
  readonly updatedAt: Date;
}

/** A lock held by this process. */
export interface StoreLock {
  /** Lengthens it; false when it was lost. */
  renew(ms: number): Promise<boolean>;
  /** Gives it back before its time. Never throws. */
  release(): Promise<void>;
}

/**
 * Durable state: the truth. Every method has a deadline of its own and throws FRAGMENT_STORE_UNAVAILABLE when the
 * store cannot be reached or its answer is lost.
 */
export interface Store extends OversightStore {
  readonly name: string;
  /** Brings the schema up to date; safe to call from several processes at once. */
  migrate(): Promise<readonly MigrationRecord[]>;
  migrations(): Promise<readonly MigrationRecord[]>;
  /** Cheap reachability test. */
  ping(): Promise<void>;
  /** What an operator should know of it beyond that: whether its clock is that of this machine, for instance. */
  diagnose?(): Promise<readonly HealthCheck[]>;
  close(): Promise<void>;
  /** Its connections, where it has pools. */
  pools?(): readonly PoolUse[];

  /**
   * Commits events and their jobs: all that are new and sound, whatever the others are. Duplicates by
   * (source, messageId) are results, never errors.
   * @throws {FragmentError} FRAGMENT_STORE_UNAVAILABLE; nothing was committed, or it cannot be known.
   * @throws {FragmentError} FRAGMENT_TRANSACTION_FOREIGN for a transaction of another database.
   */
  append(batch: readonly PlannedEvent[], o?: AppendOptions): Promise<AppendResult>;
  /** Adds jobs to stored events (replay) and clears their plan error. `seq` of the jobs is ignored and given anew. */
  plan(
    plans: readonly { readonly eventId: string; readonly jobs: readonly PlannedJob[] }[],
  ): Promise<readonly JobRef[]>;
  /** Keeps what was refused. */
  reject(items: readonly Omit<RejectionRecord, 'id'>[]): Promise<void>;

  /** Two callers never hold one job. Oldest first. A job whose lease was lost twice is given for `alone` refs only, one at a time. */
  lease(request: LeaseRequest): Promise<readonly LeasedJob[]>;
  /** Lengthens leases; returns the tokens that were lost. */
  renew(tokens: readonly string[], leaseMs: number): Promise<readonly string[]>;
  /** Gives leased jobs back untouched (graceful stop): they are awaiting or failed again and the attempt is not counted. */
  release(jobs: readonly { readonly id: string; readonly token: string }[]): Promise<void>;
  /** Writes status, attempt, error, next due time and follow-ups in one transaction. A stale token is refused. */
  settle(settlements: readonly Settlement[]): Promise<SettleResult>;

  /** The oldest due jobs of a destination, in lists of at most `listSize`; those to be run alone in lists of their own. */
  due(r: {
    readonly destination: string;
    readonly limit: number;
    readonly listSize?: number;
  }): Promise<readonly JobRef[]>;
  /** Ends expired leases: failed `lease expired`, or discarded at the fifth loss. Returns how many jobs. */
  expire(): Promise<number>;
  /** Discards waiting jobs of a destination that were created before `before`. Returns how many. */
  discardOlder(r: {
    readonly destination: string;
    readonly actions?: readonly string[];
    readonly before: Date;
    readonly error: DeliveryError;
    readonly limit: number;
  }): Promise<number>;
  /** Destinations that have unfinished jobs. */
  destinations(): Promise<readonly string[]>;

  lanes(): Promise<readonly LaneRow[]>;
  /** Writes the whole row. `expect`: only when the stored state is this one (absent row counts as `open`); false when not. */
  setLane(row: Omit<LaneRow, 'updatedAt'>, o?: { readonly expect?: LaneState }): Promise<boolean>;
  /** A lock between processes that ends by itself. undefined: somebody else has it. */
  lock(name: string, ms: number): Promise<StoreLock | undefined>;
}
