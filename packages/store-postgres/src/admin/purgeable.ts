import type { Where } from '@fragment/core';
import type { Knex } from 'knex';
import type { AdminDatabase } from './admin-database.js';
import { statusesLeft } from './filters.js';
import { queriesOf } from './queries.js';

/** Events that match and may go: their jobs have all ended, as one of the statuses that are asked for. */
export function purgeable(db: AdminDatabase, where: Where): Knex.QueryBuilder {
  const { knex } = db;
  const theirs = (table: string, alias: string, key: string): Knex.QueryBuilder =>
    knex.select(knex.raw('1')).from(db.from(table, alias)).whereRaw(`${alias}.${key} = e.id`);
  const jobs = (): Knex.QueryBuilder => theirs('jobs', 'j', 'event_id');

  const query = queriesOf(db).events(where).whereNotExists(jobs().whereNull('j.finished_at'));
  const left = statusesLeft(where.jobs);
  if (left) void query.whereNotExists(jobs().whereNotIn('j.status', left));
  // A batch's parent goes after its last item: they share its envelope.
  return query.whereNotExists(theirs('events', 'item', 'parent_event_id'));
}
