import type { JobRecord, JsonValue } from '@fragment/core';
import { defined } from '../binding/defined.js';
import { parseError } from '../binding/errors.js';
import { jobId } from '../binding/ids.js';
import { statusName } from '../binding/statuses.js';

/** A job as the lists select it; `e` is its event. */
export const JOB_SELECTION = [
  'j.event_id',
  'j.seq',
  'j.destination',
  'j.action',
  'j.version',
  'j.data',
  'j.status',
  'j.attempt',
  'j.lost',
  'j.due_at',
  'j.started_at',
  'j.finished_at',
  'j.last_error',
  'j.parent_seq',
  'j.created_at',
  'j.renewed_at',
  'e.received_at',
] as const;

export interface JobRow {
  readonly event_id: string;
  readonly seq: number;
  readonly destination: string;
  readonly action: string;
  readonly version: string | null;
  readonly data: string | null;
  readonly status: number;
  readonly attempt: number;
  readonly lost: number;
  readonly due_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly last_error: string | null;
  readonly parent_seq: number | null;
  readonly created_at: Date | null;
  readonly renewed_at: Date | null;
  readonly received_at: Date;
}

export const toJobRecord = (row: JobRow): JobRecord =>
  defined<JobRecord>({
    id: jobId(row.event_id, row.seq),
    eventId: row.event_id,
    seq: row.seq,
    destination: row.destination,
    action: row.action,
    version: row.version,
    data: row.data === null ? undefined : (JSON.parse(row.data) as JsonValue),
    status: statusName(row.status),
    attempt: row.attempt,
    lostLeases: row.lost,
    createdAt: row.renewed_at ?? row.created_at ?? row.received_at,
    dueAt: row.due_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    lastError: row.last_error === null ? undefined : parseError({ error: row.last_error }),
    parentJobId: row.parent_seq === null ? undefined : jobId(row.event_id, row.parent_seq),
  });
