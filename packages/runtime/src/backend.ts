import { FragmentError, type Logger, type Queue, type Store } from '@fragment/core';
import { bullmqQueue } from '@fragment/queue-bullmq';
import { postgresStore } from '@fragment/store-postgres';
import type { FragmentOptions } from './options.js';
import type { FragmentSettings } from './settings.js';

// What is stored where:
//   postgres and redis    events and jobs on the PostgreSQL, queues on the Redis
//   postgres alone        queues on the same PostgreSQL
//   redis alone           events and jobs on the embedded PostgreSQL
//   neither               both on the embedded PostgreSQL

export interface Backend {
  /** The embedded PostgreSQL, where there is one. */
  readonly embeddedUrl: string | undefined;
  readonly logger: Logger;
}

/** Whether anything is to be kept in the embedded PostgreSQL. */
export function needsEmbedded(options: FragmentOptions, { postgres, redis }: FragmentSettings): boolean {
  if (postgres.value !== undefined) return false;
  const queueOnPostgres = options.queue === undefined && redis.value === undefined;
  return options.store === undefined || queueOnPostgres;
}

export function storeOf(
  options: FragmentOptions,
  { postgres }: FragmentSettings,
  { embeddedUrl, logger }: Backend,
): Store {
  if (options.store) return options.store;
  const database = postgres.value ?? embeddedUrl;
  return typeof database === 'string'
    ? postgresStore({ connection: database, logger })
    : postgresStore({ ...(database && { pool: database }), logger });
}

/** @throws {FragmentError} FRAGMENT_CONFIG_INVALID */
export function queueOf(
  options: FragmentOptions,
  { postgres, redis }: FragmentSettings,
  { embeddedUrl, logger }: Backend,
): Queue {
  if (options.queue) return options.queue;
  const common = { logger, ...(options.name !== undefined && { application: options.name }) };
  if (redis.value !== undefined) return bullmqQueue({ ...common, redis: redis.value });
  const database = postgres.value ?? embeddedUrl;
  if (typeof database === 'string') return bullmqQueue({ ...common, postgres: { connection: database } });
  const message =
    'the queues cannot use a pg pool: set redis, queue, or the URL of the PostgreSQL instead of its pool';
  throw new FragmentError('FRAGMENT_CONFIG_INVALID', {
    detail: message,
    validations: [{ message, path: ['postgres'] }],
  });
}
