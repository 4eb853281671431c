import type { OversightStore, Store } from '@fragment/core';
import type { PoolClient } from 'pg';
import { adminDatabase, type AdminDatabase } from './admin/admin-database.js';
import { auditOf } from './admin/audit.js';
import { backlogOf } from './admin/backlog.js';
import { bulksOf } from './admin/bulks.js';
import { erasing } from './admin/erase.js';
import { failureGroupsOf } from './admin/failure-groups.js';
import { finding } from './admin/find.js';
import { discarding, retrying } from './admin/operate.js';
import { purging } from './admin/purge.js';
import { rejectionsOf } from './admin/rejections.js';
import { runsOf } from './admin/runs.js';
import { servicesOf } from './admin/services.js';
import { statisticsOf } from './admin/statistics.js';
import { statsOf } from './admin/stats.js';
import { stirringOf } from './admin/stirring.js';
import { transitionsOf } from './admin/transitions.js';
import { usersOf } from './admin/users.js';
import { appending } from './append/append.js';
import { callerTransactions } from './append/caller-transaction.js';
import { databaseOn, type Database } from './connection/database.js';
import { poolUse } from './connection/pool-use.js';
import { adminKnex, hotPool, migrationKnex } from './connection/pools.js';
import { diagnosing } from './diagnose.js';
import { discardingOlder } from './delivery/discard-older.js';
import { dueJobs } from './delivery/due.js';
import { expiring } from './delivery/expire.js';
import { leasing } from './delivery/lease.js';
import { planning } from './delivery/plan.js';
import { releasing } from './delivery/release.js';
import { settling } from './delivery/settle.js';
import { lanesOf } from './lanes.js';
import { locksOf } from './locks.js';
import { listMigrations, runMigrations } from './migrations/run.js';
import { readOptions, type PostgresStoreOptions, type StoreSettings } from './options.js';

type OversightParts = Omit<OversightStore, 'findRejections' | 'purge' | 'purgeEvents'>;

/** A frozen server never ends a connection: closing must not wait for it for ever. */
async function endsWithin(ms: number, ending: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([ending.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What operators see and do. */
const overseeing = (db: Database, admin: AdminDatabase, settings: StoreSettings): OversightParts => ({
  ...finding(admin),
  ...transitionsOf(admin),
  ...statsOf(admin, settings.schema),
  ...backlogOf(admin, settings.schema),
  ...stirringOf(admin, settings.schema),
  ...retrying(admin, settings),
  ...discarding(admin, settings),
  ...failureGroupsOf(admin),
  ...statisticsOf(db, admin),
  ...bulksOf(admin, settings.schema),
  ...auditOf(admin, settings.schema),
  ...runsOf(db, admin),
  ...servicesOf(db, admin),
  ...usersOf(admin, settings.schema),
  ...erasing(db, admin),
});

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
  // A server that dies right after it let a connection in says so before anybody could listen to that connection.
  const onConnect = (client: PoolClient): void => void client.on('error', () => undefined);
  pool.on('connect', onConnect);
  const knex = adminKnex(options, settings);
  const db = databaseOn(pool, schema, logger);
  const admin = adminDatabase(knex, schema);
  const reachable = db.statement('ping', 'select 1');
  let closing: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    // Our own pool keeps its listener: connections are still closing when `end` resolves, and the server may end first.
    if (options.pool !== undefined) pool.off('error', onIdleError).off('connect', onConnect);
    const ending = Promise.all([options.pool === undefined ? pool.end() : undefined, knex.destroy()]);
    const ended = await endsWithin(settings.connectTimeoutMs + settings.statementTimeoutMs, ending);
    if (!ended) logger.warn({ schema }, 'the database did not end its connections in time');
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
    pools: () => poolUse(pool, knex, settings),
    ...diagnosing(db),
    ...appending(db, callerTransactions(db, { timeoutMs: settings.statementTimeoutMs, logger })),
    ...planning(db),
    ...leasing(db, settings),
    ...settling(db, logger),
    ...releasing(db),
    ...dueJobs(db, settings),
    ...expiring(db, settings),
    ...discardingOlder(db),
    ...lanesOf(db),
    ...locksOf(db, logger),
    ...rejectionsOf(db, admin),
    ...purging(db, admin),
    ...overseeing(db, admin, settings),
  };
}
