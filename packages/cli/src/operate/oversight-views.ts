import {
  errorRegistry,
  type AuditRecord,
  type BulkRecord,
  type ErasureReceipt,
  type ErrorCode,
  type FailureGroup,
  type IngestAnswer,
  type JobStatus,
  type LaneRow,
  type RejectionRecord,
  type UserRecord,
  type Validation,
} from '@fragment/core';
import { parametersOf } from './filter.js';

// What the commands print of everything but events and jobs: what the admin API answers, under the same names.

export interface LaneView {
  readonly destination: string;
  readonly state: string;
  readonly reason: string | null;
  readonly until: string | null;
  readonly failures: number;
  readonly updated_at: string | null;
}

/** A lane with what it has to do. */
export interface LaneLoadView extends LaneView {
  /** false: the application no longer has the destination, and the store still has jobs for it. */
  readonly registered: boolean;
  readonly counts: Readonly<Record<JobStatus, number>>;
  /** When the oldest due job became due. */
  readonly oldest_due_at: string | null;
}

export interface OrderView {
  readonly id: string;
  readonly kind: string;
  /** The filter, by the names that it has in a query of the admin API. */
  readonly where: Readonly<Record<string, unknown>>;
  readonly rate_per_second: number | null;
  readonly state: BulkRecord['state'];
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

export interface FailureView {
  readonly destination: string;
  readonly action: string;
  readonly status: string;
  readonly code: string;
  readonly message: string;
  /** Something of it looks other than it is, which only an admin API makes it do. */
  readonly redacted: boolean;
  /** What to do about it, where the code is one of ours. */
  readonly advice: string | null;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly sample_job_id: string;
}

export interface RejectionView {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  /** Place in its batch. */
  readonly index: number | null;
  readonly message_id: string | null;
  readonly type: string | null;
  readonly code: string;
  readonly message: string;
  readonly validations: readonly Validation[];
  /** The refused text. */
  readonly data: string | null;
  /** As of a failure. */
  readonly redacted: boolean;
  readonly received_at: string;
}

export interface AuditView {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly count: number | null;
  readonly outcome: string;
}

export interface UserView {
  readonly user_id: string | null;
  readonly anonymous_ids: readonly string[];
  readonly events: number;
  readonly events_is_capped: boolean;
  readonly first_seen_at: string | null;
  readonly last_seen_at: string | null;
}

/** A receipt: proof of an erasure, without the id it was about. */
export interface ErasureView {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  /** SHA-256 of the id, in hex. */
  readonly subject: string;
  readonly events: number;
  readonly jobs: number;
  readonly attempts: number;
  readonly keys: number;
  readonly rejections: number;
}

/** What became of a test event. */
export interface SentView {
  readonly event_id: string;
  readonly outcome: string;
  readonly jobs: readonly { readonly id: string; readonly destination: string; readonly action: string }[];
}

const timeOf = (time: Date | undefined): string | null => time?.toISOString() ?? null;

/** A lane that nothing ever closed has no row: it is open. */
export function laneView(destination: string, rows: readonly LaneRow[]): LaneView {
  const row = rows.find((lane) => lane.destination === destination);
  return {
    destination,
    state: row?.state ?? 'open',
    reason: row?.reason ?? null,
    until: timeOf(row?.until),
    failures: row?.failures ?? 0,
    updated_at: timeOf(row?.updatedAt),
  };
}

export const orderView = (order: BulkRecord): OrderView => ({
  id: order.id,
  kind: order.kind,
  where: Object.fromEntries(parametersOf(order.where)),
  rate_per_second: order.ratePerSecond ?? null,
  state: order.state,
  total: order.total,
  total_is_capped: order.totalIsCapped,
  done: order.done,
  visited: order.visited,
  actor: order.actor,
  created_at: order.createdAt.toISOString(),
  started_at: timeOf(order.startedAt),
  finished_at: timeOf(order.finishedAt),
  error: order.error ?? null,
});

/** The admin API tells the filters of jobs in a level of their own, and those of status in another one below. */
export function orderOf({ where, ...order }: OrderView): OrderView {
  const flat = (level: object): (readonly [string, unknown])[] =>
    Object.entries(level).flatMap(([name, value]) =>
      name === 'jobs' || name === 'transitions' ? flat(value as object) : [[name, value] as const],
    );
  return { ...order, where: Object.fromEntries(flat(where)) };
}

export const failureView = (group: FailureGroup): FailureView => ({
  destination: group.destination,
  action: group.action,
  status: group.status,
  code: group.code,
  message: group.message,
  redacted: false,
  advice: isOurs(group.code) ? errorRegistry[group.code].advice : null,
  count: group.count,
  first_at: group.firstAt.toISOString(),
  last_at: group.lastAt.toISOString(),
  sample_job_id: group.sampleJobId,
});

const isOurs = (code: string): code is ErrorCode => Object.hasOwn(errorRegistry, code);

export const rejectionView = (rejection: RejectionRecord): RejectionView => ({
  id: rejection.id,
  source: rejection.source,
  trigger: rejection.trigger,
  index: rejection.index ?? null,
  message_id: rejection.messageId ?? null,
  type: rejection.type ?? null,
  code: rejection.code,
  message: rejection.message,
  validations: rejection.validations ?? [],
  data: rejection.data ?? null,
  redacted: false,
  received_at: rejection.receivedAt.toISOString(),
});

export const auditView = (record: AuditRecord): AuditView => ({
  id: record.id,
  at: record.at.toISOString(),
  actor: record.actor,
  action: record.action,
  target: record.target ?? null,
  count: record.count ?? null,
  outcome: record.outcome,
});

export const userView = (user: UserRecord): UserView => ({
  user_id: user.userId ?? null,
  anonymous_ids: user.anonymousIds,
  events: user.events,
  events_is_capped: user.eventsIsCapped,
  first_seen_at: timeOf(user.firstSeenAt),
  last_seen_at: timeOf(user.lastSeenAt),
});

export const erasureView = (receipt: ErasureReceipt): ErasureView => ({
  ...receipt,
  at: receipt.at.toISOString(),
});

export const sentView = ({ event, outcome: { outcome } }: IngestAnswer): SentView => ({
  event_id: event.id,
  outcome,
  jobs: event.jobs.map(({ seq, destination, action }) => ({
    id: `${event.id}.${seq}`,
    destination,
    action,
  })),
});
