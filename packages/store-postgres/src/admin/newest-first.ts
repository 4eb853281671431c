import type { Found, Page } from '@fragment/core';
import type { Knex } from 'knex';
import { isUuid } from '../binding/arrays.js';
import type { AdminDatabase } from './admin-database.js';
import { found, nothing, windowOf } from './paging.js';

const isKey = {
  uuid: (id: string | undefined) => isUuid(id),
  number: (id: string | undefined) => /^\d{1,18}$/.test(id ?? ''),
} as const;

/**
 * Pages through a table by its `id`, the newest row first, or through those rows of it that have the values of `of`.
 * `map` names the row it reads: the columns of the table `t`, unless `columns` says more.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the row is what the table has
export function newestFirst<Row extends { readonly id: string }, T>(
  db: AdminDatabase,
  table: string,
  o: { readonly id: keyof typeof isKey; readonly map: (row: Row) => T; readonly columns?: string },
): (page: Page, of?: Readonly<Record<string, string>>) => Promise<Found<T>> {
  const from = (of: Readonly<Record<string, string>>): Knex.QueryBuilder =>
    db.knex.queryBuilder().from(db.from(table, 't')).where(of);
  return async (page, of = {}) => {
    const window = windowOf(page, ([id]) => isKey[o.id](id));
    if (window.after === null) return nothing(window);
    const query = from(of)
      .select(db.knex.raw(o.columns ?? 't.*'))
      .orderBy('t.id', 'desc')
      .limit(window.limit + 1)
      .offset(window.offset);
    if (window.after !== undefined) void query.where('t.id', '<', window.after[0] ?? '');
    const [rows, count] = await Promise.all([db.rows<Row>(query), window.counted ? db.count(from(of)) : 0]);
    return found(rows, count, window, { map: (list) => list.map(o.map), key: (row) => [row.id] });
  };
}
