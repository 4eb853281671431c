import type { Step, StepOptions, Store, Where } from '@fragment/core';
import type { Knex } from 'knex';
import { jobId, parseJobId, refsByDestination } from '../binding/ids.js';
import { errorColumns } from '../binding/errors.js';
import { STATUS } from '../binding/statuses.js';
import type { StoreSettings } from '../options.js';
import type { AdminDatabase } from './admin-database.js';
import { isImpossible } from './filters.js';
import { queriesOf } from './queries.js';

interface RetriedRow {
  readonly event_id: string;
  readonly seq: number;
  readonly destination: string;
  readonly lost: number;
}

/** The jobs of a filter that nobody holds, locked. */
const picking =
  (db: AdminDatabase) =>
  (where: Where, statuses: readonly number[], { limit, after }: StepOptions): Knex.QueryBuilder => {
    const query = queriesOf(db)
      .jobs(where)
      .select(['j.event_id', 'j.seq', db.knex.raw('j.status as status_before')])
      .whereIn('j.status', statuses)
      .orderBy(['j.event_id', 'j.seq'])
      .limit(Math.max(0, Math.floor(limit)))
      .forUpdate('j')
      .skipLocked();
    const key = after === undefined ? undefined : parseJobId(after);
    return key === undefined ? query : query.whereRaw('(j.event_id, j.seq) > (?, ?)', [key.eventId, key.seq]);
  };

const stepOf = (rows: readonly { readonly event_id: string; readonly seq: number }[]): Step => {
  const last = rows.at(-1);
  return { count: rows.length, ...(last ? { last: jobId(last.event_id, last.seq) } : {}) };
};

/** What an operator does to many jobs at once: by filter, in one statement, never to a job that somebody holds. */
export function retrying(db: AdminDatabase, { schema, poison }: StoreSettings): Pick<Store, 'retry'> {
  const picked = picking(db);
  const table = (name: string): string => `"${schema}"."${name}"`;
  return {
    async retry(where, o) {
      if (isImpossible(where)) return { count: 0, refs: [] };
      // What was retried already and still waits is left out, so that a caller who goes on until nothing is left arrives.
      const jobs = picked(where, [STATUS.discarded, STATUS.failed, STATUS.unknown], o).whereRaw(
        `not (j.status <> ${STATUS.discarded} and j.excused = j.attempt and j.due_at <= now() and j.lost <= ?)`,
        [poison.aloneAfter],
      );
      // Whom a discarded job killed before, it may kill again: it comes back to run alone.
      const rows = await db.raw<RetriedRow>(
        `with picked as (?), done as (
          update ${table('jobs')} j set
            status = case when j.status = ${STATUS.discarded} then ${STATUS.awaiting} else j.status end,
            failed_at = case when j.status = ${STATUS.discarded} then null else j.failed_at end,
            finished_at = null, due_at = now(), renewed_at = now(), excused = j.attempt,
            lost = least(j.lost, ?), last_error = case when j.status = ${STATUS.discarded} then null else j.last_error end
          from picked p where j.event_id = p.event_id and j.seq = p.seq
          returning j.event_id, j.seq, j.destination, j.lost, j.attempt, p.status_before
        ), history as (
          insert into ${table('attempts')} (event_id, seq, attempt, state, ended_at)
          select event_id, seq, attempt, ${STATUS.awaiting}, now() from done where status_before = ${STATUS.discarded}
        )
        select event_id, seq, destination, lost from done order by event_id, seq`,
        [jobs, poison.aloneAfter],
      );
      const alone = (row: RetriedRow): boolean => row.lost >= poison.aloneAfter;
      return {
        ...stepOf(rows),
        refs: [
          ...refsByDestination(rows.filter((row) => !alone(row))),
          ...refsByDestination(rows.filter(alone), { alone: true }),
        ],
      };
    },
  };
}

/** Ends by hand what waits. */
export function discarding(db: AdminDatabase, { schema }: StoreSettings): Pick<Store, 'discard'> {
  const picked = picking(db);
  const table = (name: string): string => `"${schema}"."${name}"`;
  return {
    async discard(where, { error, ...o }) {
      if (isImpossible(where)) return { count: 0 };
      const rows = await db.raw<{ event_id: string; seq: number }>(
        `with picked as (?), done as (
          update ${table('jobs')} j set status = ${STATUS.discarded}, finished_at = now(), last_error = ?
          from picked p where j.event_id = p.event_id and j.seq = p.seq
          returning j.event_id, j.seq, j.attempt, j.last_error
        ), history as (
          insert into ${table('attempts')} (event_id, seq, attempt, state, ended_at, error)
          select event_id, seq, attempt, ${STATUS.discarded}, now(), last_error from done
        )
        select event_id, seq from done order by event_id, seq`,
        [picked(where, [STATUS.awaiting, STATUS.failed, STATUS.unknown], o), errorColumns(error).error],
      );
      return stepOf(rows);
    },
  };
}
