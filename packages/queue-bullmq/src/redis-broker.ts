import type { HealthCheck } from '@fragment/core';
import { Queue, QueueKeys, RedisConnection, RedisQueueBackend, Worker, createRedisBackend } from 'bullmq';
import type { BackendFactory } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import {
  ROUND_TRIP_MS,
  eventStreams,
  messageOptions,
  workerSettings,
  type Broker,
  type LockSettings,
  type MessageQueue,
  type OpenWorker,
  type Process,
} from './broker.js';
import { within } from './deadline.js';
import { closed, describe, unavailable } from './failure.js';
import type { Message } from './message.js';
import { encodeName } from './names.js';
import {
  becomesReady,
  endConnection,
  ended,
  isRedis,
  producerSettings,
  workerConnectionSettings,
} from './redis-connection.js';
import type { BrokerWatch } from './watch.js';

export interface RedisBrokerSettings extends LockSettings {
  readonly redis: string | RedisOptions | Redis;
  readonly namespace: string;
  readonly checkEviction: boolean;
  readonly watch: BrokerWatch;
}

/** BullMQ on Redis. */
export class RedisBroker implements Broker {
  readonly #settings: RedisBrokerSettings;
  readonly #injected: Redis | undefined;
  #producer: Redis | undefined;
  #workers: Redis | undefined;
  readonly #blocking = new Set<Redis>();
  #policy: string | undefined;
  readonly #closing = new AbortController();

  constructor(settings: RedisBrokerSettings) {
    this.#settings = settings;
    this.#injected = isRedis(settings.redis) ? settings.redis : undefined;
  }

  async migrate(): Promise<void> {
    // Redis needs no schema, and an application starts without it: the check is made up for once Redis is there.
    await this.ready().catch(() => undefined);
    if (this.#producer?.status === 'ready') await this.#checkPolicy(this.#producer);
  }

  async ready(): Promise<void> {
    if (this.#closing.signal.aborted) throw closed();
    this.#producer ??= this.#openProducer();
    await becomesReady(this.#producer, this.#closing.signal);
  }

  async ping(): Promise<void> {
    await this.ready();
    try {
      if (this.#producer !== undefined) await within(this.#producer.ping(), ROUND_TRIP_MS);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async diagnose(): Promise<readonly HealthCheck[]> {
    await this.ready();
    const name = 'eviction policy';
    const policy = this.#producer && (await within(policyOf(this.#producer), ROUND_TRIP_MS));
    if (policy === undefined) return [{ name, status: 'warning', message: 'Redis does not tell it' }];
    if (policy === 'noeviction') return [{ name, status: 'ok', message: policy }];
    return [{ name, status: 'warning', message: `${policy}; set \`maxmemory-policy noeviction\`` }];
  }

  openQueue(destination: string): MessageQueue {
    const connection = (this.#producer ??= this.#openProducer());
    return new Queue<Message, void>(
      encodeName(destination),
      {
        connection,
        prefix: this.#settings.namespace,
        defaultJobOptions: messageOptions,
        streams: eventStreams,
      },
      createRedisBackend,
    );
  }

  openWorker(destination: string, process: Process, concurrency: number): OpenWorker {
    const main = (this.#workers ??= this.#connect(workerConnectionSettings, 'workers'));
    const blocking = this.#connect(workerConnectionSettings, encodeName(destination), 'closes by itself');
    this.#blocking.add(blocking);
    blocking.once('end', () => {
      this.#blocking.delete(blocking);
      this.#listeners.delete(blocking);
      this.#settings.watch.forget(blocking);
    });
    const worker = new Worker<Message, void>(
      encodeName(destination),
      process,
      {
        ...workerSettings(concurrency, this.#settings),
        connection: main,
        prefix: this.#settings.namespace,
      },
      workerBackend(main, blocking),
    );
    return {
      worker,
      recoverStalled: () => worker.getBackend().moveStalledJobsToWait(),
      abandon: () => endConnection(blocking),
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const own = [this.#injected === undefined ? this.#producer : undefined, this.#workers, ...this.#blocking];
    await Promise.all(own.filter((redis) => redis !== undefined).map((redis) => ended(redis)));
    if (this.#producer !== undefined && this.#producer === this.#injected) this.#unwatch(this.#injected);
  }

  #openProducer(): Redis {
    const redis = this.#injected ?? this.#connect(producerSettings, 'queues');
    if (this.#injected !== undefined) this.#watch(this.#injected);
    redis.on('ready', this.#onProducerReady);
    return redis;
  }

  #connect(
    settings: typeof producerSettings | typeof workerConnectionSettings,
    name: string,
    manner?: 'closes by itself',
  ): Redis {
    const { redis } = this.#settings;
    const options = { ...settings, connectionName: `${this.#settings.namespace}:${name}` };
    const connection = isRedis(redis)
      ? redis.duplicate(options)
      : typeof redis === 'string'
        ? new Redis(redis, options)
        : new Redis({ ...redis, ...options });
    this.#watch(connection, manner);
    return connection;
  }

  readonly #onProducerReady = () => {
    if (this.#producer !== undefined) void this.#checkPolicy(this.#producer);
  };

  /** Redis that evicts keys loses messages, and BullMQ's bookkeeping with them. */
  async #checkPolicy(redis: Redis): Promise<void> {
    if (!this.#settings.checkEviction) return;
    try {
      const policy = await within(policyOf(redis), ROUND_TRIP_MS);
      if (policy === this.#policy) return;
      this.#policy = policy;
      if (policy === undefined || policy === 'noeviction') return;
      this.#settings.watch.logger.error(
        { code: 'FRAGMENT_QUEUE_EVICTION', policy },
        'Redis may evict the queue when its memory is full: set `maxmemory-policy noeviction`.',
      );
    } catch (error) {
      this.#settings.watch.logger.debug(
        { reason: describe(error) },
        'The eviction policy of Redis is unknown.',
      );
    }
  }

  readonly #listeners = new Map<
    Redis,
    Readonly<Record<'ready' | 'close' | 'error', (error?: unknown) => void>>
  >();

  /** BullMQ closes and reopens the connection a worker blocks on as it likes: there only an error means a loss. */
  #watch(redis: Redis, manner?: 'closes by itself'): void {
    const { watch } = this.#settings;
    const listeners = {
      ready: () => watch.back(redis),
      close: () => {
        if (!this.#closing.signal.aborted && manner === undefined) watch.lost(redis);
      },
      error: (error?: unknown) => {
        if (!this.#closing.signal.aborted) watch.lost(redis, error);
      },
    };
    this.#listeners.set(redis, listeners);
    redis.on('ready', listeners.ready).on('close', listeners.close).on('error', listeners.error);
  }

  #unwatch(redis: Redis): void {
    const listeners = this.#listeners.get(redis);
    redis.off('ready', this.#onProducerReady);
    if (listeners === undefined) return;
    redis.off('ready', listeners.ready).off('close', listeners.close).off('error', listeners.error);
  }
}

const policyOf = async (redis: Redis): Promise<string | undefined> =>
  /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];

/** A Worker on connections that are ours, so that an outage at close cannot leave one of them behind. */
function workerBackend(main: Redis, blocking: Redis): BackendFactory<RedisQueueBackend> {
  return (name, options) => {
    const keys = new QueueKeys((options as { prefix?: string }).prefix);
    return new RedisQueueBackend(
      new RedisConnection(main, { shared: true, blocking: false }),
      name,
      keys.getKeys(name),
      (type) => keys.toKey(name, type),
      options,
      new RedisConnection(blocking, { shared: false, blocking: true }),
    );
  };
}
