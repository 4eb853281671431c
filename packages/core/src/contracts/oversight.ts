import type { JobStatus } from './filters.js';

/** Jobs that did not succeed for the same reason. */
export interface FailureGroup {
  readonly destination: string;
  readonly action: string;
  readonly status: Extract<JobStatus, 'failed' | 'discarded' | 'unknown'>;
  readonly code: string;
  /** The sentence of the newest of them. */
  readonly message: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** The newest of them. */
  readonly sampleJobId: string;
}

/** Who did what. Rows are only ever added. */
export interface AuditRecord {
  readonly id: string;
  readonly at: Date;
  /** Name of the token or of the host's user; `local` where nobody is asked, `nobody` for a login that failed. */
  readonly actor: string;
  /** `lane.pause`, `job.retry`, `session.open`, ... */
  readonly action: string;
  /** What it was done to: a destination, an id, a filter. Never a secret, never what an event carries. */
  readonly target?: string;
  /** How many were changed. */
  readonly count?: number;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
}

/** What the store knows of one user. */
export interface UserRecord {
  readonly userId?: string;
  readonly anonymousIds: readonly string[];
  readonly events: number;
  readonly eventsIsCapped: boolean;
  readonly firstSeenAt?: Date;
  readonly lastSeenAt?: Date;
}

/** Proof of an erasure, without the id it was about. */
export interface ErasureReceipt {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  /** SHA-256 of the id, in hex: whoever knows the id can find its receipt. */
  readonly subject: string;
  readonly events: number;
  readonly jobs: number;
  readonly attempts: number;
  readonly keys: number;
  readonly rejections: number;
}
