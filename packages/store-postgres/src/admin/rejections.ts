import type { RejectionRecord, Store, Validation } from '@fragment/core';
import { encode, column, names, unnest } from '../binding/columns.js';
import { integer, label, timestamp } from '../binding/arrays.js';
import { defined } from '../binding/defined.js';
import type { Database } from '../connection/database.js';
import type { AdminDatabase } from './admin-database.js';
import { newestFirst } from './newest-first.js';

const DATA_CHARACTERS = 8192;

type Rejection = Omit<RejectionRecord, 'id'>;

const columns = [
  column('source', label, (item: Rejection) => item.source),
  column('trigger', label, (item: Rejection) => item.trigger),
  column('received_at', timestamp, (item: Rejection) => item.receivedAt),
  column('index', integer, (item: Rejection) => item.index),
  column('message_id', label, (item: Rejection) => item.messageId),
  column('type', label, (item: Rejection) => item.type),
  column('code', label, (item: Rejection) => item.code),
  column('message', label, (item: Rejection) => item.message),
  column('validations', label, (item: Rejection) =>
    item.validations === undefined ? undefined : JSON.stringify(item.validations),
  ),
  column('data', label, (item: Rejection) => item.data?.slice(0, DATA_CHARACTERS)),
];

interface RejectionRow {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  readonly received_at: Date;
  readonly index: number | null;
  readonly message_id: string | null;
  readonly type: string | null;
  readonly code: string;
  readonly message: string;
  readonly validations: string | null;
  readonly data: string | null;
}

const toRecord = (row: RejectionRow): RejectionRecord =>
  defined<RejectionRecord>({
    id: row.id,
    source: row.source,
    trigger: row.trigger,
    receivedAt: row.received_at,
    index: row.index,
    messageId: row.message_id,
    type: row.type,
    code: row.code,
    message: row.message,
    validations:
      row.validations === null ? undefined : (JSON.parse(row.validations) as readonly Validation[]),
    data: row.data,
  });

export function rejectionsOf(db: Database, admin: AdminDatabase): Pick<Store, 'reject' | 'findRejections'> {
  const insertion = db.statement(
    'reject',
    `insert into ${db.table('rejections')} (${names(columns)}) select ${names(columns)} from ${unnest('r', columns, 1)}`,
  );
  return {
    async reject(items) {
      if (items.length > 0) await db.run(insertion, encode(columns, items));
    },
    findRejections: newestFirst<RejectionRow, RejectionRecord>(admin, 'rejections', {
      id: 'number',
      map: toRecord,
    }),
  };
}
