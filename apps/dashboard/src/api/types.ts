/** What the admin API answers, as it comes over the wire. Instants are ISO 8601 texts in UTC. */

import type { JobStatus, TransitionState } from './status-types.js';

export type * from './catalogue-types.js';
export type * from './oversight-types.js';
export type * from './running-types.js';
export type * from './status-types.js';

export type BulkKind = 'retry' | 'discard' | 'replay' | 'purge';
export type BulkState = 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';
export type Role = 'read' | 'operate' | 'admin';

export interface Pagination {
  readonly current: number;
  readonly previous: number | null;
  readonly next: number | null;
  readonly first: number;
  readonly last: number;
}

export interface ListMeta {
  readonly count: number;
  readonly count_is_capped?: boolean;
  readonly pagination?: Pagination | null;
  readonly next_cursor?: string | null;
  readonly where?: Readonly<Record<string, unknown>>;
}

export interface Listed<T> {
  readonly meta: ListMeta;
  readonly data: readonly T[];
}

export interface Validation {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

export interface Session {
  readonly authenticated: boolean;
  readonly actor: string | null;
  readonly role: Role | null;
  /** `none`: nobody is asked here. `host`: the application around it knows who asks. */
  readonly login: 'none' | 'token' | 'host';
  readonly csrf: string | null;
}

/** Why a delivery did not succeed. */
export interface JobError {
  readonly statusCode: number | null;
  readonly code: string;
  readonly message: string;
  readonly validations: readonly Validation[];
  readonly request: string | null;
  readonly response: string | null;
}

/** What went over the wire for a delivery that succeeded. */
export interface Exchange {
  readonly status: number | null;
  readonly request: string | null;
  readonly response: string | null;
}

export interface Transition {
  readonly id: string | null;
  readonly attempt: number;
  readonly state_before: TransitionState | null;
  readonly state_after: TransitionState;
  readonly error: JobError | null;
  /** null in lists, and where none was kept. */
  readonly exchange: Exchange | null;
  readonly created_at: string;
  readonly event_id: string;
  readonly job_id: string;
  /** Something of it is hidden by the application. */
  readonly redacted: boolean;
}

export interface Job {
  readonly id: string;
  readonly destination: string;
  readonly action: string;
  readonly version: string;
  readonly status: JobStatus;
  readonly attempt: number;
  readonly lost_leases: number;
  /** The latest one. */
  readonly transitions: readonly Transition[];
  readonly error: JobError | null;
  readonly created_at: string;
  readonly due_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly event_id: string;
  /** Empty where it has none. */
  readonly parent_job_id: string;
  /** Something of it is hidden by the application. */
  readonly redacted: boolean;
  /** Not in the jobs of a list of events. */
  readonly data?: unknown;
}

export interface EventSummary {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  readonly version: string;
  readonly type: string | null;
  readonly message_id: string | null;
  readonly user_id: string | null;
  readonly anonymous_id: string | null;
  readonly name: string | null;
  readonly plan_error: string | null;
  /** Something of what it carries is hidden by the application. */
  readonly redacted: boolean;
  readonly jobs: readonly Job[];
  readonly timestamp: string;
  readonly original_timestamp: string | null;
  readonly sent_at: string | null;
  readonly received_at: string;
  /** When it was stored; null for an event from before that was kept. */
  readonly ingested_at: string | null;
  /** Empty where it has none. */
  readonly parent_event_id: string;
}

export interface EventDetail extends EventSummary {
  /** What the batch of the event said once for all of its items. */
  readonly context: unknown;
  readonly data: unknown;
}

export interface Rejection {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  readonly index: number | null;
  readonly message_id: string | null;
  readonly type: string | null;
  readonly code: string;
  readonly message: string;
  readonly validations: readonly Validation[];
  readonly data: unknown;
  /** Something of it is hidden by the application. */
  readonly redacted: boolean;
  readonly received_at: string;
}

export interface FailureGroup {
  readonly destination: string;
  readonly action: string;
  readonly status: 'failed' | 'discarded' | 'unknown';
  readonly code: string;
  readonly message: string;
  /** What to do about it; null of a vendor's own code. */
  readonly advice: string | null;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly sample_job_id: string;
}

export interface Preview {
  readonly kind: BulkKind;
  readonly count: number;
  readonly count_is_capped: boolean;
}

/** An order to retry, discard, replay or purge all that match. */
export interface Bulk {
  readonly id: string;
  readonly kind: BulkKind;
  readonly where: Readonly<Record<string, unknown>>;
  readonly rate_per_second: number | null;
  readonly state: BulkState;
  readonly total: number;
  readonly total_is_capped: boolean;
  readonly done: number;
  readonly visited: number;
  readonly actor: string;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly error: string | null;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly count: number | null;
  readonly outcome: string;
}

export interface User {
  readonly user_id: string | null;
  readonly anonymous_ids: readonly string[];
  readonly events: number;
  readonly events_is_capped: boolean;
  readonly first_seen_at: string | null;
  readonly last_seen_at: string | null;
}

/** Proof of an erasure; `subject` is the SHA-256 of the id. */
export interface Receipt {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly subject: string;
  readonly events: number;
  readonly jobs: number;
  readonly attempts: number;
  readonly keys: number;
  readonly rejections: number;
}
