import type { Store, Transition, TransitionState } from '@fragment/core';
import { parseError, parseExchange } from '../binding/errors.js';
import { jobId, parseJobId } from '../binding/ids.js';
import { statusName } from '../binding/statuses.js';
import type { AdminDatabase } from './admin-database.js';
import { JOB_SELECTION, type JobRow } from './job-rows.js';

interface AttemptRow {
  readonly attempt: number;
  readonly state: number;
  /** Absent: the status changed while the job waited. */
  readonly started_at: Date | null;
  readonly ended_at: Date;
  readonly error: string | null;
  readonly http_status: number | null;
  readonly request: string | null;
  readonly response: string | null;
}

function foundOf(row: AttemptRow): Pick<Transition, 'error' | 'exchange'> {
  if (row.error !== null) return { error: parseError({ ...row, error: row.error }) };
  return statusName(row.state) === 'succeeded' ? { exchange: parseExchange(row) } : {};
}

interface HistoryRow extends JobRow {
  readonly ingested_at: Date | null;
}

/** A job of its event's receipt waits once it is stored. That is by another clock, which may be behind. */
const waitsSince = ({ created_at, received_at, ingested_at }: HistoryRow): Date =>
  created_at ?? (ingested_at !== null && ingested_at > received_at ? ingested_at : received_at);

/** Unrolls a job and its attempts into every change of its status. */
function toTransitions(job: HistoryRow, attempts: readonly AttemptRow[]): Transition[] {
  const transitions: Transition[] = [];
  const id = jobId(job.event_id, job.seq);
  let state: TransitionState | null = null;
  const move = (
    stateAfter: TransitionState,
    attempt: number,
    createdAt: Date,
    found: Pick<Transition, 'error' | 'exchange'> = {},
  ): void => {
    transitions.push({
      id: `${id}.${transitions.length + 1}`,
      jobId: id,
      eventId: job.event_id,
      attempt,
      stateBefore: state,
      stateAfter,
      ...found,
      createdAt,
    });
    state = stateAfter;
  };

  const createdAt = job.created_at ?? job.received_at;
  move('acknowledged', 0, createdAt);
  move('awaiting', 0, waitsSince(job));
  for (const row of attempts) {
    if (row.started_at !== null) move('executing', row.attempt, row.started_at);
    move(statusName(row.state), row.attempt, row.ended_at, foundOf(row));
  }
  // What the last attempt did not leave behind as a row: it runs, or it succeeded and nothing of it was kept.
  const status = statusName(job.status);
  const told = transitions.at(-1)?.stateAfter === status;
  if ((status === 'executing' || status === 'succeeded') && !told) {
    move('executing', job.attempt, job.started_at ?? createdAt);
    if (status === 'succeeded') move('succeeded', job.attempt, job.finished_at ?? createdAt);
  }
  return transitions;
}

export function transitionsOf(db: AdminDatabase): Pick<Store, 'findTransitions'> {
  const { knex } = db;
  return {
    async findTransitions(id) {
      const key = parseJobId(id);
      if (key === undefined) return [];
      // One transaction's view of both, or an attempt that ends in between would be told twice or not at all.
      const query = knex
        .select([...JOB_SELECTION, 'e.ingested_at', 'a.rows as attempts'].map((column) => knex.raw(column)))
        .from(db.from('jobs', 'j'))
        .join(db.from('events', 'e'), 'e.id', 'j.event_id')
        .joinRaw(
          `cross join lateral (
            select coalesce(json_agg(t order by t.n), '[]') as rows from ?? as t where t.event_id = j.event_id and t.seq = j.seq
          ) a`,
          [db.from('attempts', 't').replace(' as t', '')],
        )
        .where({ 'j.event_id': key.eventId, 'j.seq': key.seq });
      const [row] = await db.rows<HistoryRow & { readonly attempts: readonly AttemptJson[] }>(query);
      return row === undefined ? [] : toTransitions(row, row.attempts.map(toAttemptRow));
    },
  };
}

/** An attempt as JSON has it: times are text. */
type AttemptJson = Omit<AttemptRow, 'started_at' | 'ended_at'> & {
  readonly started_at: string | null;
  readonly ended_at: string;
};

const toAttemptRow = (row: AttemptJson): AttemptRow => ({
  ...row,
  started_at: row.started_at === null ? null : new Date(row.started_at),
  ended_at: new Date(row.ended_at),
});
