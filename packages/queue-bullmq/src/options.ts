import { FragmentError, type Logger, type Validation } from '@fragment/core';
import type { Redis, RedisOptions } from 'ioredis';
import { isRedis } from './redis-connection.js';

/** Where BullMQ keeps the queues: exactly one of the two. */
export type BullmqBackend =
  | {
      /**
       * A `redis://`, `rediss://` or `unix://` URL, ioredis options, or an ioredis instance. An instance is used for sending,
       * duplicated for workers, and never closed; it must have no `keyPrefix`. Redis must run `maxmemory-policy noeviction`.
       */
      readonly redis: string | RedisOptions | Redis;
      readonly postgres?: never;
    }
  | { readonly postgres: PostgresBackend; readonly redis?: never };

export interface PostgresBackend {
  /** `postgresql://` URL of a PostgreSQL 13 or newer; 14 or newer is recommended. */
  readonly connection: string;
  /** Schema of BullMQ's tables, made by `migrate`. Default `fragment_queue`. */
  readonly schema?: string;
}

export interface BullmqQueueSettings {
  /** Begins the name of everything in the broker. Default `fragment`. */
  readonly prefix?: string;
  /** Keeps applications on one broker apart. Default: none. */
  readonly application?: string;
  readonly logger?: Logger;
  /** Shortest time between two messages of a destination; what is offered meanwhile is merged. Default 10. */
  readonly coalesceMs?: number;
  /** References kept per destination while the broker is away; more are dropped. Default 10,000. */
  readonly bufferLimit?: number;
  /** A message whose process died is free after this and up to two `stalledIntervalMs`. Default 10,000. */
  readonly lockDurationMs?: number;
  /** How often messages of dead processes are looked for. Default 5,000. */
  readonly stalledIntervalMs?: number;
  /** Warn when Redis may evict keys. Default true. */
  readonly checkEviction?: boolean;
}

export type BullmqQueueOptions = BullmqBackend & BullmqQueueSettings;

export interface ResolvedSettings {
  readonly prefix: string;
  readonly application: string | undefined;
  readonly coalesceMs: number;
  readonly bufferLimit: number;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
  readonly checkEviction: boolean;
}

/** Checks all options at once. Throws FRAGMENT_CONFIG_INVALID with every problem; values are never repeated in it. */
export function resolveOptions(options: BullmqQueueOptions): ResolvedSettings {
  const problems: Validation[] = [];
  const refuse = (path: string, message: string) =>
    problems.push({ path: ['queue', ...path.split('.')], message });

  checkBackend(options, refuse);
  const settings: ResolvedSettings = {
    prefix: options.prefix ?? 'fragment',
    application: options.application,
    coalesceMs: options.coalesceMs ?? 10,
    bufferLimit: options.bufferLimit ?? 10_000,
    lockDurationMs: options.lockDurationMs ?? 10_000,
    stalledIntervalMs: options.stalledIntervalMs ?? 5_000,
    checkEviction: options.checkEviction ?? true,
  };
  if (typeof settings.prefix !== 'string' || !/^[^:/\s]+$/.test(settings.prefix)) {
    refuse('prefix', 'prefix must be text without `:`, `/` and spaces');
  }
  if (
    settings.application !== undefined &&
    (typeof settings.application !== 'string' || settings.application === '')
  ) {
    refuse('application', 'application must be a name');
  }
  checkNumber('coalesceMs', settings.coalesceMs, 0, 1_000, refuse);
  checkNumber('bufferLimit', settings.bufferLimit, 1, 1_000_000, refuse);
  checkNumber('lockDurationMs', settings.lockDurationMs, 100, 600_000, refuse);
  checkNumber('stalledIntervalMs', settings.stalledIntervalMs, 50, 600_000, refuse);
  if (problems.length > 0) {
    throw new FragmentError('FRAGMENT_CONFIG_INVALID', {
      detail: problems.map((problem) => problem.message).join('; '),
      validations: problems,
    });
  }
  return settings;
}

type Refuse = (path: string, message: string) => void;

function checkBackend(options: BullmqQueueOptions, refuse: Refuse): void {
  const { redis, postgres } = options as { redis?: unknown; postgres?: unknown };
  if ((redis === undefined) === (postgres === undefined)) {
    refuse('redis', 'give either redis or postgres');
    return;
  }
  if (redis !== undefined) checkRedis(redis, refuse);
  else checkPostgres(postgres, refuse);
}

function checkRedis(redis: unknown, refuse: Refuse): void {
  if (typeof redis === 'string') {
    if (!hasProtocol(redis, ['redis:', 'rediss:', 'unix:']))
      refuse('redis', 'redis must be a redis:// or rediss:// URL');
    return;
  }
  if (typeof redis !== 'object' || redis === null) {
    refuse('redis', 'redis must be a URL, ioredis options or an ioredis instance');
    return;
  }
  const options = isRedis(redis) ? redis.options : redis;
  if ('keyPrefix' in options && options.keyPrefix)
    refuse('redis.keyPrefix', 'BullMQ works with no keyPrefix; use prefix');
}

function checkPostgres(postgres: unknown, refuse: Refuse): void {
  if (typeof postgres !== 'object' || postgres === null) {
    refuse('postgres', 'postgres must be { connection, schema? }');
    return;
  }
  const { connection, schema } = postgres as { connection?: unknown; schema?: unknown };
  if (typeof connection !== 'string' || !hasProtocol(connection, ['postgres:', 'postgresql:'])) {
    refuse('postgres.connection', 'connection must be a postgresql:// URL');
  }
  if (schema !== undefined && (typeof schema !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema))) {
    refuse('postgres.schema', 'schema must be letters, digits and `_`, at most 63');
  }
}

function hasProtocol(url: string, protocols: readonly string[]): boolean {
  return protocols.some((protocol) => url.startsWith(`${protocol}//`));
}

function checkNumber(name: string, value: number, min: number, max: number, refuse: Refuse): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    refuse(name, `${name} must be a whole number from ${min} to ${max}`);
  }
}
