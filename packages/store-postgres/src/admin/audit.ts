import type { AuditRecord, Found, Store } from '@fragment/core';
import { defined } from '../binding/defined.js';
import type { AdminDatabase } from './admin-database.js';
import { found, nothing, windowOf } from './paging.js';

const TARGET_CHARACTERS = 2_000;

interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly count: number | null;
  readonly outcome: string;
}

/** What operators did: rows are added and never changed. */
export function auditOf(db: AdminDatabase, schema: string): Pick<Store, 'addAudit' | 'findAudit'> {
  const from = (): ReturnType<typeof db.knex.queryBuilder> =>
    db.knex.queryBuilder().from(db.from('audit', 'a'));
  return {
    async addAudit({ at, actor, action, target, count, outcome }) {
      await db.raw(
        `insert into "${schema}"."audit" (at, actor, action, target, count, outcome) values (?, ?, ?, ?, ?, ?)`,
        [at, actor, action, target?.slice(0, TARGET_CHARACTERS) ?? null, count ?? null, outcome] as never[],
      );
    },
    async findAudit(page): Promise<Found<AuditRecord>> {
      const window = windowOf(page, ([id]) => /^\d{1,18}$/.test(id ?? ''));
      if (window.after === null) return nothing(window);
      const query = from()
        .select('a.*')
        .orderBy('a.id', 'desc')
        .limit(window.limit + 1)
        .offset(window.offset);
      if (window.after !== undefined) void query.where('a.id', '<', window.after[0] ?? '');
      const [rows, count] = await Promise.all([db.rows<AuditRow>(query), db.count(from())]);
      return found(rows, count, window, {
        map: (list) => list.map((row) => defined<AuditRecord>({ ...row })),
        key: (row) => [row.id],
      });
    },
  };
}
