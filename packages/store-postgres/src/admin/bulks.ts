import type { BulkKind, BulkRecord, BulkState, Store } from '@fragment/core';
import { isUuid } from '../binding/arrays.js';
import { defined } from '../binding/defined.js';
import type { AdminDatabase } from './admin-database.js';
import { newestFirst } from './newest-first.js';
import { readWhere, writeWhere } from './where-text.js';

interface BulkRow {
  readonly id: string;
  readonly kind: BulkKind;
  readonly filter: string;
  readonly rate: number | null;
  readonly state: BulkState;
  readonly total: number;
  readonly total_is_capped: boolean;
  readonly done: string;
  readonly visited: string;
  readonly cursor: string | null;
  readonly actor: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly error: string | null;
}

const toRecord = (row: BulkRow): BulkRecord =>
  defined<BulkRecord>({
    id: row.id,
    kind: row.kind,
    where: readWhere(row.filter),
    ratePerSecond: row.rate,
    state: row.state,
    total: row.total,
    totalIsCapped: row.total_is_capped,
    done: Number(row.done),
    visited: Number(row.visited),
    actor: row.actor,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    error: row.error,
  });

type Bulks = Pick<Store, 'addBulk' | 'findBulk' | 'findBulks' | 'openBulks' | 'setBulk'>;

export function bulksOf(db: AdminDatabase, schema: string): Bulks {
  const { knex } = db;
  const table = `"${schema}"."bulks"`;
  const from = (): ReturnType<typeof knex.queryBuilder> => knex.queryBuilder().from(db.from('bulks', 'b'));
  return {
    async addBulk(bulk) {
      await db.raw(
        `insert into ${table} (id, kind, filter, rate, state, total, total_is_capped, done, visited, actor, created_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          bulk.id,
          bulk.kind,
          writeWhere(bulk.where),
          bulk.ratePerSecond ?? null,
          bulk.state,
          bulk.total,
          bulk.totalIsCapped,
          bulk.done,
          bulk.visited,
          bulk.actor,
          bulk.createdAt,
        ] as never[],
      );
    },
    async findBulk(id) {
      if (!isUuid(id)) return undefined;
      const [row] = await db.rows<BulkRow>(from().select('b.*').where('b.id', id));
      return row && toRecord(row);
    },
    findBulks: newestFirst<BulkRow, BulkRecord>(db, 'bulks', { id: 'uuid', map: toRecord }),
    async openBulks() {
      const rows = await db.rows<BulkRow>(
        from().select('b.*').whereNull('b.finished_at').orderBy('b.created_at'),
      );
      return rows.map((row) => ({
        ...toRecord(row),
        ...(row.cursor === null ? {} : { cursor: row.cursor }),
      }));
    },
    async setBulk(id, { state, done, visited, cursor, error }) {
      const ended = state !== 'waiting' && state !== 'running';
      // What was done is done, also when the order was cancelled while it was being done.
      const [row] = await db.raw<{ open: boolean }>(
        `with before as (select id, finished_at is null as open from ${table} where id = ? for update)
         update ${table} b set
           done = greatest(b.done, ?::bigint), visited = greatest(b.visited, ?::bigint),
           state = case when before.open then ? else b.state end,
           cursor = case when before.open then coalesce(?, b.cursor) else b.cursor end,
           error = case when before.open then ? else b.error end,
           started_at = coalesce(b.started_at, now()),
           finished_at = case when before.open then case when ?::boolean then now() end else b.finished_at end
         from before where b.id = before.id returning before.open`,
        [id, done, visited, state, cursor ?? null, error ?? null, ended] as never[],
      );
      return row?.open === true;
    },
  };
}
