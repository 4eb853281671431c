import type { Store } from '@fragment/core';
import type { AdminDatabase } from './admin-database.js';

/**
 * Each part reads the end of a small index, or the few rows of the open leases, and stops at the limit: where nothing
 * happens it costs next to nothing, and where much happens no more than the limit. What an operator did comes first, then
 * what has ended, then what is about to happen, so that none of it is lost in a storm of the next. Parameters: how far
 * back, how far ahead, both in milliseconds, and the limit.
 */
const statementOf = (schema: string): string => {
  const table = (name: string): string => `"${schema}"."${name}"`;
  const unfinished = (after: string): string =>
    `(select destination from ${table('jobs')} where finished_at is null ${after} order by destination limit 1)`;
  return `
    with recursive span as (
      select now() - ?::float8 * interval '1 ms' as since, now() + ?::float8 * interval '1 ms' as until, ?::integer as most
    ), lanes as (
      ${unfinished('')}
      union all
      select ${unfinished('and destination > l.destination')} from lanes l where l.destination is not null
    ), stirred as (
      (select 0 as rank, event_id, renewed_at as at from ${table('jobs')}
       where renewed_at > (select since from span) order by renewed_at desc limit (select most from span))
      union all
      (select 0, event_id, created_at from ${table('jobs')}
       where created_at > (select since from span) order by created_at desc limit (select most from span))
      union all
      (select 1, event_id, ended_at from ${table('attempts')}
       where ended_at > (select since from span) order by ended_at desc limit (select most from span))
      union all
      (select 2, due.event_id, '-infinity' from lanes l cross join lateral (
         select j.event_id from ${table('jobs')} j
         where j.destination = l.destination and j.finished_at is null
           and j.due_at > now() and j.due_at <= (select until from span)
         order by j.due_at limit (select most from span)
       ) due where l.destination is not null)
      union all
      (select 3, held.event_id, '-infinity' from ${table('leases')} l cross join lateral unnest(l.event_ids) as held(event_id)
       limit (select most from span))
    )
    select event_id from stirred group by event_id order by min(rank), max(at) desc limit (select most from span)`;
};

export function stirringOf(db: AdminDatabase, schema: string): Pick<Store, 'stirring'> {
  const statement = statementOf(schema);
  return {
    async stirring({ withinMs, aheadMs, limit }) {
      const rows = await db.raw<{ event_id: string }>(statement, [withinMs, aheadMs, Math.floor(limit)]);
      return rows.map((row) => row.event_id);
    },
  };
}
