import type { Backlog, Store } from '@fragment/core';
import { WAITING } from '../binding/statuses.js';
import type { AdminDatabase } from './admin-database.js';

interface LaneRow {
  readonly destination: string;
  readonly jobs: number;
  readonly oldest_due_at: Date | null;
}

/**
 * What is not finished, from the index of unfinished jobs alone: how much was ever delivered costs nothing here. The
 * destinations are found by jumping from one to the next in that index, and the oldest job of each stands at its front.
 */
export function backlogOf(db: AdminDatabase, schema: string): Pick<Store, 'backlog'> {
  const jobs = `"${schema}"."jobs"`;
  const next = (after: string): string =>
    `(select destination from ${jobs} where finished_at is null ${after} order by destination limit 1)`;
  const lanes = `
    with recursive lanes as (
      ${next('')}
      union all
      select ${next('and destination > l.destination')} from lanes l where l.destination is not null
    )
    select l.destination,
      (select count(*) from ${jobs} j where j.destination = l.destination and j.finished_at is null)::integer as jobs,
      (select j.due_at from ${jobs} j where j.destination = l.destination and j.finished_at is null
         and j.due_at <= now() and j.status in ${WAITING} order by j.due_at limit 1) as oldest_due_at
    from lanes l where l.destination is not null`;
  const planErrors = `select count(*)::integer as count from "${schema}"."events" where plan_error is not null`;
  return {
    async backlog(): Promise<Backlog> {
      const rows = await db.raw<LaneRow>(lanes);
      const [errors] = await db.raw<{ count: number }>(planErrors);
      return {
        lanes: rows.map(({ destination, jobs: unfinished, oldest_due_at: oldest }) => ({
          destination,
          jobs: unfinished,
          ...(oldest === null ? {} : { oldestDueAt: oldest }),
        })),
        planErrors: errors?.count ?? 0,
      };
    },
  };
}
