import type { Store } from '@fragment/core';
import { adminDatabase } from './admin/admin-database.js';
import { finding } from './admin/find.js';
import { operating } from './admin/operate.js';
import { purging } from './admin/purge.js';
import { rejectionsOf } from './admin/rejections.js';
import { statsOf } from './admin/stats.js';
import { transitionsOf } from './admin/transitions.js';
import { appending } from './append/append.js';
import { callerTransactions } from './append/caller-transaction.js';
import { databaseOn } from './connection/database.js';
import { adminKnex, hotPool, migrationKnex } from './connection/pools.js';
import { leasing } from './delivery/lease.js';
import { planning } from './delivery/plan.js';
import { releasing } from './delivery/release.js';
import { settling } from './delivery/settle.js';
import { sweeping } from './delivery/sweep.js';
import { lanesOf } from './lanes.js';
import { locksOf } from './locks.js';
import { listMigrations, runMigrations } from './migrations/run.js';
import { readOptions, type PostgresStoreOptions } from './options.js';

/**
 * The store on PostgreSQL 13 or later. Connects when it is first used.
 *
 * Ingest and delivery run batched prepared statements on one pool; lists, counts and operators have a pool of their own.
 * All times are the database's: `now()` decides what is due and which lease has ended. A lease whose time has passed is
 * still its holder's, to renew or to settle, until `expire` has swept it.
 *
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem of the options.
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  const settings = readOptions(options);
  const { schema, logger } = settings;
  const pool = options.pool ?? hotPool(options, settings);
  // Without a listener the loss of an idle connection would end the process.
  const onIdleError = (error: Error): void => {
    if (!closing) logger.warn({ reason: error.message }, 'an idle database connection was lost');
  };
  pool.on('error', onIdleError);
  const knex = adminKnex(options, settings);
  const db = databaseOn(pool, schema, logger);
  const admin = adminDatabase(knex, schema);
  const reachable = db.statement('ping', 'select 1');
  let closing: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    // Our own pool keeps its listener: connections are still closing when `end` resolves, and the server may end first.
    if (options.pool === undefined) await pool.end();
    else pool.off('error', onIdleError);
    await knex.destroy();
  };

  return {
    name: 'postgres',
    async migrate() {
      const own = migrationKnex(options, settings);
      try {
        return await runMigrations(own, schema);
      } finally {
        await own.destroy();
      }
    },
    migrations: () => listMigrations(knex, schema),
    async ping() {
      await db.run(reachable, []);
    },
    close: () => (closing ??= close()),
    ...appending(db, callerTransactions(db, { timeoutMs: settings.statementTimeoutMs, logger })),
    ...planning(db),
    ...leasing(db, settings),
    ...settling(db, logger),
    ...releasing(db),
    ...sweeping(db, settings),
    ...lanesOf(db),
    ...locksOf(db, logger),
    ...rejectionsOf(db, admin),
    ...finding(admin),
    ...transitionsOf(admin),
    ...statsOf(admin, schema),
    ...operating(admin, settings),
    ...purging(db),
  };
}
