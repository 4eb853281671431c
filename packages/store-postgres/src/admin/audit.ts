import type { AuditRecord, Store } from '@fragment/core';
import { defined } from '../binding/defined.js';
import type { AdminDatabase } from './admin-database.js';
import { newestFirst } from './newest-first.js';

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
  return {
    async addAudit({ at, actor, action, target, count, outcome }) {
      await db.raw(
        `insert into "${schema}"."audit" (at, actor, action, target, count, outcome) values (?, ?, ?, ?, ?, ?)`,
        [at, actor, action, target?.slice(0, TARGET_CHARACTERS) ?? null, count ?? null, outcome] as never[],
      );
    },
    findAudit: newestFirst<AuditRow, AuditRecord>(db, 'audit', {
      id: 'number',
      map: (row) => defined<AuditRecord>({ ...row }),
    }),
  };
}
