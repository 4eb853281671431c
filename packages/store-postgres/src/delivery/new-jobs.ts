import type { JobRef, PlannedJob } from '@fragment/core';
import { array, bigint, label, smallint, text, timestamp, uuid } from '../binding/arrays.js';
import { column, encode, names, unnest } from '../binding/columns.js';
import { bounds, refsByDestination } from '../binding/ids.js';
import type { Database } from '../connection/database.js';
import type { TransactionSession } from '../connection/session.js';

/** A job that is added to an event after it was stored. */
export interface NewJob {
  readonly eventId: string;
  readonly job: Omit<PlannedJob, 'seq'>;
  readonly parentSeq?: number;
  readonly depth?: number;
}

interface NumberedJob extends NewJob {
  readonly seq: number;
}

const columns = [
  column('event_id', uuid, (row: NumberedJob) => row.eventId),
  column('seq', smallint, (row: NumberedJob) => row.seq),
  column('destination', label, (row: NumberedJob) => row.job.destination),
  column('action', label, (row: NumberedJob) => row.job.action),
  column('version', label, (row: NumberedJob) => row.job.version),
  column('data', text, (row: NumberedJob) =>
    row.job.data === undefined ? undefined : JSON.stringify(row.job.data),
  ),
  column('order_key', bigint, (row: NumberedJob) => row.job.orderKey),
  column('parent_seq', smallint, (row: NumberedJob) => row.parentSeq),
  column('depth', smallint, (row: NumberedJob) => row.depth ?? 0),
];
const dueColumn = column('due_at', timestamp, (row: NumberedJob) => row.job.dueAt);

/** Adds jobs to stored events, numbered after those they have. */
export function addingJobs(db: Database) {
  // Two that add to one event wait for each other here, and always lock in the same order.
  const lock = db.statement(
    'lock_events',
    `select id from ${db.table('events')} where id = any($1::uuid[]) and id between $2::uuid and $3::uuid order by id for no key update`,
  );
  const lastSeq = db.statement(
    'last_seq',
    `select event_id, max(seq) as seq from ${db.table('jobs')}
     where event_id = any($1::uuid[]) and event_id between $2::uuid and $3::uuid group by event_id`,
  );
  const insertion = db.statement(
    'add_jobs',
    `insert into ${db.table('jobs')} (${names(columns)}, due_at, created_at)
     select ${names(columns)}, coalesce(due_at, now()), now()
     from ${unnest('j', [...columns, dueColumn], 1)}`,
  );

  /** Returns what to offer. Jobs of events that are gone are left out. */
  return async (session: TransactionSession, jobs: readonly NewJob[]): Promise<readonly JobRef[]> => {
    const eventIds = [...new Set(jobs.map((job) => job.eventId))];
    if (eventIds.length === 0) return [];
    const ids = [array(uuid, eventIds), ...bounds(eventIds)];
    const next = new Map((await session.run<{ id: string }>(lock, ids)).map(({ id }) => [id, 0]));
    for (const row of await session.run<{ event_id: string; seq: number }>(lastSeq, ids)) {
      if (next.has(row.event_id)) next.set(row.event_id, row.seq + 1);
    }
    const numbered: NumberedJob[] = [];
    for (const job of jobs) {
      const seq = next.get(job.eventId);
      if (seq === undefined) continue;
      next.set(job.eventId, seq + 1);
      numbered.push({ ...job, seq });
    }
    if (numbered.length === 0) return [];
    await session.run(insertion, encode([...columns, dueColumn], numbered));
    return refsByDestination(
      numbered.map((row) => ({ destination: row.job.destination, event_id: row.eventId, seq: row.seq })),
    );
  };
}
