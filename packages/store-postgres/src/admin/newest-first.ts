import type { Found, Page } from '@fragment/core';
import { isUuid } from '../binding/arrays.js';
import type { AdminDatabase } from './admin-database.js';
import { found, nothing, windowOf } from './paging.js';

const isKey = {
  uuid: (id: string | undefined) => isUuid(id),
  number: (id: string | undefined) => /^\d{1,18}$/.test(id ?? ''),
} as const;

/** Pages through a whole table by its `id`, the newest row first. `map` names the row it reads. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the row is what the table has
export function newestFirst<Row extends { readonly id: string }, T>(
  db: AdminDatabase,
  table: string,
  o: { readonly id: keyof typeof isKey; readonly map: (row: Row) => T },
): (page: Page) => Promise<Found<T>> {
  const from = (): ReturnType<typeof db.knex.queryBuilder> =>
    db.knex.queryBuilder().from(db.from(table, 't'));
  return async (page) => {
    const window = windowOf(page, ([id]) => isKey[o.id](id));
    if (window.after === null) return nothing(window);
    const query = from()
      .select('t.*')
      .orderBy('t.id', 'desc')
      .limit(window.limit + 1)
      .offset(window.offset);
    if (window.after !== undefined) void query.where('t.id', '<', window.after[0] ?? '');
    const [rows, count] = await Promise.all([db.rows<Row>(query), window.counted ? db.count(from()) : 0]);
    return found(rows, count, window, { map: (list) => list.map(o.map), key: (row) => [row.id] });
  };
}
