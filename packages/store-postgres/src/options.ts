import { FragmentError, type Logger, type Validation } from '@fragment/core';
import type { Pool, PoolConfig } from 'pg';

export interface PostgresStoreOptions {
  /** A `postgresql://` URL or pg's own settings. Needed unless `pool` is given. */
  readonly connection?: string | PoolConfig;
  /** A pool to use for events and jobs instead of an own one. It stays open when the store closes. */
  readonly pool?: Pool;
  /** Where the tables are. Lower-case letters, digits and `_`, at most 40 characters. Default `fragment`. */
  readonly schema?: string;
  /** Connections for events and jobs. Default 10. */
  readonly poolSize?: number;
  /** Connections for lists, counts and operators, so that a slow one never waits before an event. Default 3. */
  readonly adminPoolSize?: number;
  /** Deadline for a connection, in milliseconds. Default 2,000. */
  readonly connectTimeoutMs?: number;
  /** Deadline of every statement, in milliseconds. Default 5,000. */
  readonly statementTimeoutMs?: number;
  /** Lost leases after which a job runs alone, and after which it is discarded. Default 2 and 5. */
  readonly poison?: { readonly aloneAfter: number; readonly discardAfter: number };
  /** Names this process in the attempts it loses. Default: a random id. */
  readonly holder?: string;
  /** Default: silence. */
  readonly logger?: Logger;
}

export interface StoreSettings {
  readonly schema: string;
  readonly poolSize: number;
  readonly adminPoolSize: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly poison: { readonly aloneAfter: number; readonly discardAfter: number };
  readonly holder: string;
  readonly logger: Logger;
}

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

const SCHEMA = /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/;

/** Numbers that must be whole and positive, with their defaults. */
const NUMBERS = {
  poolSize: 10,
  adminPoolSize: 3,
  connectTimeoutMs: 2_000,
  statementTimeoutMs: 5_000,
} as const;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

function connectionProblem({ connection, pool }: PostgresStoreOptions): string | undefined {
  if (connection === undefined)
    return pool === undefined ? 'must be a PostgreSQL URL or pg settings' : undefined;
  if (typeof connection === 'object') return undefined;
  if (!/^postgres(ql)?:\/\//.test(connection)) return 'must start with postgresql://';
  return URL.canParse(connection) ? undefined : 'is not a URL';
}

/** @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem at once. */
export function readOptions(options: PostgresStoreOptions): StoreSettings {
  const validations: Validation[] = [];
  const problem = (message: string, ...path: string[]): void =>
    void validations.push({ message: `${path.join('.')} ${message}`, path });

  const connection = connectionProblem(options);
  if (connection !== undefined) problem(connection, 'connection');
  const schema = options.schema ?? 'fragment';
  if (!SCHEMA.test(schema)) {
    problem('must be lower-case letters, digits and _, at most 40, and not start with pg_', 'schema');
  }
  const numbers = { ...NUMBERS, ...pickNumbers(options) };
  for (const [name, value] of Object.entries(numbers)) {
    if (!isCount(value)) problem('must be a whole number of at least 1', name);
  }
  const poison = options.poison ?? { aloneAfter: 2, discardAfter: 5 };
  if (!isCount(poison.aloneAfter)) problem('must be a whole number of at least 1', 'poison', 'aloneAfter');
  if (
    !isCount(poison.discardAfter) ||
    poison.discardAfter <= poison.aloneAfter ||
    poison.discardAfter > 1000
  ) {
    problem('must be a whole number greater than aloneAfter, at most 1000', 'poison', 'discardAfter');
  }
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
  return {
    ...numbers,
    schema,
    poison,
    holder: options.holder ?? crypto.randomUUID(),
    logger: options.logger ?? silent,
  };
}

function pickNumbers(options: PostgresStoreOptions): Partial<Record<keyof typeof NUMBERS, number>> {
  const given: Partial<Record<keyof typeof NUMBERS, number>> = {};
  for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) {
    const value = options[name];
    if (value !== undefined) given[name] = value;
  }
  return given;
}
