import type { DeliveryError, Exchange } from './destination.js';
import type { RejectedItem, StoredEvent } from './events.js';
import type { JobStatus, TransitionState } from './filters.js';
import type { JsonValue } from './json.js';

/** A job as the admin API shows it. */
export interface JobRecord {
  readonly id: string;
  readonly eventId: string;
  readonly seq: number;
  readonly destination: string;
  readonly action: string;
  readonly version?: string;
  readonly data?: JsonValue;
  readonly status: JobStatus;
  readonly attempt: number;
  readonly lostLeases: number;
  /** As in LeasedJob: the receipt of its event; later for a replay, a follow-up or an operator's retry. */
  readonly createdAt: Date;
  readonly dueAt: Date;
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  readonly lastError?: DeliveryError;
  readonly parentJobId?: string;
}

/** One change of a job's status. Derived from the job's row and its attempts, oldest first. */
export interface Transition {
  /** `<job id>.<n>` */
  readonly id: string;
  readonly jobId: string;
  readonly eventId: string;
  readonly attempt: number;
  /** null for the first. */
  readonly stateBefore: TransitionState | null;
  readonly stateAfter: TransitionState;
  readonly error?: DeliveryError;
  /** What went over the wire for a delivery that succeeded, where it was kept; of any other the error has it. */
  readonly exchange?: Exchange;
  readonly createdAt: Date;
}

export interface EventRecord extends StoredEvent {
  /** When it was written, by the store's clock. Absent for an event from before that was kept. */
  readonly ingestedAt?: Date;
  readonly jobs: readonly JobRecord[];
}

export interface RejectionRecord extends RejectedItem {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  readonly receivedAt: Date;
}

export interface LaneStats {
  readonly destination: string;
  readonly counts: Readonly<Record<JobStatus, number>>;
  /** When the oldest due job became due. */
  readonly oldestDueAt?: Date;
}

export interface StoreStats {
  readonly events: number;
  readonly rejections: number;
  readonly planErrors: number;
  readonly lanes: readonly LaneStats[];
}

/** What is not finished, cheap enough to be asked every few seconds. */
export interface Backlog {
  readonly lanes: readonly {
    readonly destination: string;
    /** Jobs that wait or run. */
    readonly jobs: number;
    /** When the oldest of those that are due became due. */
    readonly oldestDueAt?: Date;
  }[];
  /** Events whose planning failed. */
  readonly planErrors: number;
}

/** The connections of one pool at this moment. */
export interface PoolUse {
  readonly name: string;
  readonly size: number;
  readonly used: number;
  readonly idle: number;
  /** Who waits for one. */
  readonly waiting: number;
}

export interface MigrationRecord {
  readonly version: string;
  readonly name: string;
  readonly appliedAt?: Date;
}
