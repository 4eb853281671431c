import type { Logger } from '@fragment/core';
import knexFactory, { type Knex } from 'knex';
import pg, { type Pool, type PoolConfig } from 'pg';
import type { PostgresStoreOptions, StoreSettings } from '../options.js';
import { hotTypes } from './times.js';

/** A statement that the server's own timeout did not end: the server hangs, or the way to it. */
const CLIENT_GRACE_MS = 500;
const IDLE_MS = 30_000;
const MIGRATION_MS = 10 * 60_000;

/**
 * The hot statements look rows up by key, always. Plans made while a table was still empty would scan it, and live on
 * until the next analyze; planning anew for every execution costs more than the execution.
 */
const HOT_SETTINGS = [
  'timezone=UTC',
  'synchronous_commit=on',
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_bitmapscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
];

/**
 * What the planner knows of an id says that it is everywhere, so it would read the whole table where `events_search`
 * knows better. One connection takes one core: the others are for events.
 */
const ADMIN_SETTINGS = [
  'timezone=UTC',
  'jit=off',
  'enable_seqscan=off',
  'max_parallel_workers_per_gather=0',
  'work_mem=16MB',
];

const baseConfig = ({ connection, pool }: PostgresStoreOptions): PoolConfig => {
  if (typeof connection === 'string') return { connectionString: connection };
  if (connection !== undefined) return connection;
  if (pool === undefined) return {};
  // pg hides the password from enumeration.
  const { password } = pool.options;
  return { ...pool.options, ...(password === undefined ? {} : { password }) };
};

const withSettings = (config: PoolConfig, settings: readonly string[]): string =>
  [config.options, ...settings.map((setting) => `-c ${setting}`)].filter(Boolean).join(' ');

export function hotPool(options: PostgresStoreOptions, settings: StoreSettings): Pool {
  const config = baseConfig(options);
  return new pg.Pool({
    application_name: 'fragment',
    keepAlive: true,
    idleTimeoutMillis: IDLE_MS,
    types: hotTypes(),
    ...config,
    max: settings.poolSize,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    query_timeout: settings.statementTimeoutMs + CLIENT_GRACE_MS,
    // A process that freezes between two statements must not hold its locks for ever.
    idle_in_transaction_session_timeout: settings.statementTimeoutMs * 2,
    options: withSettings(config, HOT_SETTINGS),
  });
}

/** What knex would print is in the errors it throws as well. */
const quietly = (logger: Logger): NonNullable<Knex.Config['log']> => {
  const note = (message: unknown): void => logger.debug({ knex: String(message) }, 'knex');
  return { warn: note, error: note, debug: note, deprecate: note };
};

function knexOn(
  options: PostgresStoreOptions,
  settings: StoreSettings,
  o: { max: number; timeoutMs: number },
): Knex {
  const config = baseConfig(options);
  return knexFactory({
    client: 'pg',
    // A function, because knex would deep-copy an object and lose what it hides.
    connection: (): Knex.PgConnectionConfig => ({
      application_name: 'fragment admin',
      keepAlive: true,
      ...(config as Knex.PgConnectionConfig),
      connectionTimeoutMillis: settings.connectTimeoutMs,
      statement_timeout: o.timeoutMs,
      query_timeout: o.timeoutMs + CLIENT_GRACE_MS,
      idle_in_transaction_session_timeout: o.timeoutMs * 2,
      options: withSettings(config, ADMIN_SETTINGS),
    }),
    pool: { min: 0, max: o.max, idleTimeoutMillis: IDLE_MS },
    acquireConnectionTimeout: settings.connectTimeoutMs,
    log: quietly(settings.logger),
  });
}

/** For lists, counts and operators. */
export const adminKnex = (options: PostgresStoreOptions, settings: StoreSettings): Knex =>
  knexOn(options, settings, { max: settings.adminPoolSize, timeoutMs: settings.statementTimeoutMs });

/** For one run of the migrations: building an index may take its time. */
export const migrationKnex = (options: PostgresStoreOptions, settings: StoreSettings): Knex =>
  knexOn(options, settings, { max: 1, timeoutMs: MIGRATION_MS });
