import type { ServiceEntry, ServiceRecord, Store } from '@fragment/core';
import { array, integer, label, timestamp, uuid } from '../binding/arrays.js';
import { column, encode, names, unnest } from '../binding/columns.js';
import { defined } from '../binding/defined.js';
import type { Database } from '../connection/database.js';
import type { AdminDatabase } from './admin-database.js';

const columns = [
  column('id', uuid, (entry: ServiceEntry) => entry.id),
  column('service', label, (entry: ServiceEntry) => entry.service),
  column('application', label, (entry: ServiceEntry) => entry.application),
  column('host', label, (entry: ServiceEntry) => entry.host),
  column('pid', integer, (entry: ServiceEntry) => entry.pid),
  column('address', label, (entry: ServiceEntry) => entry.address),
  column('version', label, (entry: ServiceEntry) => entry.version),
  column('started_at', timestamp, (entry: ServiceEntry) => entry.startedAt),
];

interface ServiceRow {
  readonly id: string;
  readonly service: ServiceRecord['service'];
  readonly application: string;
  readonly host: string;
  readonly pid: number;
  readonly address: string | null;
  readonly version: string | null;
  readonly started_at: Date;
  readonly seen_at: Date;
  readonly gone: boolean;
}

const toRecord = ({ started_at: startedAt, seen_at: seenAt, ...row }: ServiceRow): ServiceRecord =>
  defined<ServiceRecord>({ ...row, startedAt, seenAt });

/** Told that long after it was last seen, then purged. */
export const FORGOTTEN_AFTER = "interval '1 day'";

/** Who is running: a row each, touched at every beat. */
export function servicesOf(
  db: Database,
  admin: AdminDatabase,
): Pick<Store, 'announce' | 'withdraw' | 'services'> {
  const services = db.table('services');
  const beat = db.statement(
    'announce',
    `insert into ${services} (${names(columns)}, seen_at) select ${names(columns)}, now() from ${unnest('s', columns, 1)}
     on conflict (id) do update set seen_at = now()`,
  );
  const removal = db.statement('withdraw', `delete from ${services} where id = any($1::uuid[])`);
  return {
    async announce(entries) {
      if (entries.length > 0) await db.run(beat, encode(columns, entries));
    },
    async withdraw(ids) {
      await db.run(removal, [array(uuid, ids)]);
    },
    async services({ goneAfterMs }) {
      const rows = await admin.raw<ServiceRow>(
        `select *, seen_at < now() - ?::float8 * interval '1 ms' as gone from ${services}
         where seen_at > now() - ${FORGOTTEN_AFTER} order by started_at, id`,
        [goneAfterMs],
      );
      return rows.map(toRecord);
    },
  };
}
