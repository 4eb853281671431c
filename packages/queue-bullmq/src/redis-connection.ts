import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis, RedisOptions } from 'ioredis';
import { ROUND_TRIP_MS } from './broker.js';
import { settledWithin, within } from './deadline.js';
import { closed, unavailable } from './failure.js';

/** Time a server has to hang up before we do. */
const DISCONNECT_MS = 50;

const connectionSettings = {
  replyMapping: 'legacy',
  lazyConnect: false,
  enableOfflineQueue: true,
  connectTimeout: ROUND_TRIP_MS,
  disconnectTimeout: DISCONNECT_MS,
  // Longer than BullMQ ever blocks (10 s): a server that is silent for this long is gone.
  socketTimeout: 15_000,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), 1_000),
} as const satisfies RedisOptions;

/** Producers fail soon, what they carried waits in our own bounded buffer. */
export const producerSettings = {
  ...connectionSettings,
  maxRetriesPerRequest: 1,
  commandTimeout: ROUND_TRIP_MS,
};
/** Workers wait for Redis as long as it takes. */
export const workerConnectionSettings = { ...connectionSettings, maxRetriesPerRequest: null };

export function isRedis(value: unknown): value is Redis {
  return (
    typeof value === 'object' &&
    value !== null &&
    'duplicate' in value &&
    'status' in value &&
    'options' in value
  );
}

/** Resolves when commands can be sent; rejects with FRAGMENT_QUEUE_UNAVAILABLE at an error or its deadline. */
export async function becomesReady(redis: Redis, closing: AbortSignal): Promise<void> {
  if (closing.aborted) throw closed();
  if (redis.status === 'ready') return;
  if (redis.status === 'end') throw unavailable(new Error('The connection to Redis was ended.'));
  if (redis.status === 'wait') redis.connect().catch(() => undefined);
  const given = new AbortController();
  try {
    // `once` rejects at the next error too: there is no need to wait longer to know that Redis is away.
    const signal = AbortSignal.any([closing, given.signal]);
    await within(once(redis, 'ready', { signal }), ROUND_TRIP_MS);
  } catch (error) {
    throw unavailable(error);
  } finally {
    given.abort();
  }
}

/**
 * Ends a connection whatever state it is in. While ioredis waits to reconnect, `disconnect` alone would leave the commands
 * in its queue pending for ever: they end with the connection attempt that is begun here.
 */
export function endConnection(redis: Redis): void {
  if (redis.status === 'reconnecting') redis.connect().catch(() => undefined);
  redis.disconnect();
}

/** Ends a connection and waits until nothing of it is left, half a second at most. */
export async function ended(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  const end = new Promise((resolve) => {
    redis.once('end', resolve);
  });
  endConnection(redis);
  await settledWithin(end, 500);
  // ioredis keeps a timer of this length for a stream that is closed already.
  await sleep(DISCONNECT_MS);
}
