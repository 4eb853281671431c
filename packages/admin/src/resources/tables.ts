import type { EventRecord, JobRecord, RejectionRecord } from '@fragment/core';
import { stringify } from 'csv-stringify/sync';

/** What a table says of one row, by column. */
export type Columns<T> = Readonly<Record<string, (item: T) => string | number | Date | object | undefined>>;

export const eventColumns: Columns<EventRecord> = {
  id: (event) => event.id,
  received_at: (event) => event.receivedAt,
  ingested_at: (event) => event.ingestedAt,
  timestamp: (event) => event.timestamp,
  sent_at: (event) => event.sentAt,
  source: (event) => event.source,
  trigger: (event) => event.trigger,
  version: (event) => event.version,
  type: (event) => event.type,
  name: (event) => event.name,
  message_id: (event) => event.messageId,
  user_id: (event) => event.userId,
  anonymous_id: (event) => event.anonymousId,
  parent_event_id: (event) => event.parentEventId,
  plan_error: (event) => event.planError,
  jobs: (event) => event.jobs.map(({ destination, status }) => `${destination} ${status}`).join('; '),
  data: (event) => event.data,
  context: (event) => event.envelope,
};

export const jobColumns: Columns<JobRecord> = {
  id: (job) => job.id,
  event_id: (job) => job.eventId,
  parent_job_id: (job) => job.parentJobId,
  created_at: (job) => job.createdAt,
  destination: (job) => job.destination,
  action: (job) => job.action,
  version: (job) => job.version,
  status: (job) => job.status,
  attempt: (job) => job.attempt,
  lost_leases: (job) => job.lostLeases,
  due_at: (job) => job.dueAt,
  started_at: (job) => job.startedAt,
  finished_at: (job) => job.finishedAt,
  error_code: (job) => job.lastError?.code,
  error_status: (job) => job.lastError?.status,
  error_message: (job) => job.lastError?.message,
  data: (job) => (job.data === undefined ? undefined : JSON.stringify(job.data)),
};

export const rejectionColumns: Columns<RejectionRecord> = {
  id: (rejection) => rejection.id,
  received_at: (rejection) => rejection.receivedAt,
  source: (rejection) => rejection.source,
  trigger: (rejection) => rejection.trigger,
  index: (rejection) => rejection.index,
  message_id: (rejection) => rejection.messageId,
  type: (rejection) => rejection.type,
  code: (rejection) => rejection.code,
  message: (rejection) => rejection.message,
  validations: (rejection) => rejection.validations,
  data: (rejection) => rejection.data,
};

export const csvHeader = <T>(columns: Columns<T>): string => lines([Object.keys(columns)]);

export const csvRows = <T>(columns: Columns<T>, items: readonly T[]): string =>
  lines(items.map((item) => Object.values(columns).map((of) => cellOf(of(item)))));

function cellOf(value: ReturnType<Columns<unknown>[string]>): string | number {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : (value ?? '');
}

/**
 * Everything quoted, as RFC 4180 has it. A text that a spreadsheet would run as a formula, which begins with = + - @, a
 * tab or a carriage return, gets an apostrophe in front.
 */
const lines = (rows: readonly (readonly (string | number)[])[]): string =>
  stringify(
    rows.map((row) => [...row]),
    { quoted: true, quoted_empty: true, escape_formulas: true, record_delimiter: 'windows' },
  );
