import type { Knex } from 'knex';
import { repeatOnConflict, toFragmentError } from '../connection/failures.js';
import { COUNT_CAP } from './paging.js';

/** The connections of lists, counts and operators. */
export interface AdminDatabase {
  readonly knex: Knex;
  /** A table of the store, with the letter it goes by. */
  from(table: string, alias: string): string;
  rows<Row>(query: Knex.QueryBuilder): Promise<Row[]>;
  raw<Row>(sql: string, bindings?: readonly Knex.RawBinding[]): Promise<Row[]>;
  /** Exact up to the cap, one more than the cap beyond. */
  count(query: Knex.QueryBuilder): Promise<number>;
  /** All of it or nothing of it; again, when it lost against another transaction. */
  transaction<T>(work: (session: AdminDatabase) => Promise<T>): Promise<T>;
}

export function adminDatabase(knex: Knex, schema: string): AdminDatabase {
  const guarded = async <T>(work: () => PromiseLike<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toFragmentError(error);
    }
  };
  const rows = <Row>(query: Knex.QueryBuilder): Promise<Row[]> => guarded(async () => (await query) as Row[]);
  return {
    knex,
    from: (table, alias) => `${schema}.${table} as ${alias}`,
    rows,
    raw: (sql, bindings = []) =>
      guarded(async () => (await knex.raw<{ rows: never[] }>(sql, [...bindings])).rows),
    async count(query) {
      const limited = query.select(knex.raw('1')).limit(COUNT_CAP + 1);
      const [row] = await rows<{ count: string }>(knex.count('* as count').from(limited.as('limited')));
      return Number(row?.count ?? 0);
    },
    transaction: (work) =>
      repeatOnConflict(() => guarded(() => knex.transaction((trx) => work(adminDatabase(trx, schema))))),
  };
}
