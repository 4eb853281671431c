import type { Redis, RedisOptions } from 'ioredis';
import { ROUND_TRIP_MS } from './broker.js';
import { settledWithin, within } from './deadline.js';
import { unavailable } from './failure.js';

const connectionSettings = {
  replyMapping: 'legacy',
  lazyConnect: false,
  enableOfflineQueue: true,
  connectTimeout: ROUND_TRIP_MS,
  disconnectTimeout: 200,
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

/** Resolves when commands can be sent; rejects with FRAGMENT_QUEUE_UNAVAILABLE at its deadline. */
export async function becomesReady(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return;
  if (redis.status === 'end') throw unavailable(new Error('The connection to Redis was ended.'));
  if (redis.status === 'wait') redis.connect().catch(() => undefined);
  let onReady: (() => void) | undefined;
  let lastError: unknown;
  const onError = (error: unknown) => {
    lastError = error;
  };
  redis.on('error', onError);
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
    redis.once('ready', resolve);
  });
  try {
    await within(ready, ROUND_TRIP_MS);
  } catch (error) {
    throw unavailable(lastError ?? error);
  } finally {
    redis.off('error', onError);
    if (onReady !== undefined) redis.off('ready', onReady);
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

/** Ends a connection and waits until it is gone, half a second at most. */
export async function ended(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  const end = new Promise<void>((resolve) => {
    redis.once('end', resolve);
  });
  endConnection(redis);
  await settledWithin(end, 500);
}
