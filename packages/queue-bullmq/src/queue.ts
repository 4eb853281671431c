import type { Consumer, HealthCheck, JobRef, Queue } from '@fragment/core';
import type { Broker } from './broker.js';
import { BullmqConsumer } from './consumer.js';
import { settledWithin } from './deadline.js';
import { closed } from './failure.js';
import { namespace } from './names.js';
import { resolveOptions, type BullmqQueueOptions, type ResolvedSettings } from './options.js';
import { PostgresBroker } from './postgres-broker.js';
import { Producer } from './producer.js';
import { RedisBroker } from './redis-broker.js';
import { Sender } from './sender.js';
import { BrokerWatch } from './watch.js';

/** Time `close` gives to what is still to be sent. */
const FLUSH_MS = 500;
/** Time `close` gives to calls of consumers that were not closed before; their signal is aborted. */
const CALLS_MS = 2_000;

/**
 * A queue on BullMQ, by the same code on Redis and on PostgreSQL: one BullMQ queue per destination, whose messages carry
 * references, never data. Does no I/O before it is used. Throws FRAGMENT_CONFIG_INVALID with all problems of the options.
 */
export function bullmqQueue(options: BullmqQueueOptions): Queue {
  const settings = resolveOptions(options);
  const watch = new BrokerWatch(options.logger, options.redis === undefined ? 'postgres' : 'redis');
  return new BullmqQueue(openBroker(options, settings, watch), watch, settings);
}

function openBroker(options: BullmqQueueOptions, settings: ResolvedSettings, watch: BrokerWatch): Broker {
  const common = { ...settings, namespace: namespace(settings.prefix, settings.application), watch };
  if (options.redis !== undefined) return new RedisBroker({ ...common, redis: options.redis });
  const { connection, schema = 'fragment_queue' } = options.postgres;
  return new PostgresBroker({ ...common, connection, schema });
}

class BullmqQueue implements Queue {
  readonly name = 'bullmq';
  readonly #broker: Broker;
  readonly #watch: BrokerWatch;
  readonly #settings: ResolvedSettings;
  readonly #producer: Producer;
  readonly #senders = new Map<string, Sender>();
  readonly #consumers = new Set<BullmqConsumer>();
  #closing: Promise<void> | undefined;

  constructor(broker: Broker, watch: BrokerWatch, settings: ResolvedSettings) {
    this.#broker = broker;
    this.#watch = watch;
    this.#settings = settings;
    this.#producer = new Producer(broker, watch);
  }

  async migrate(): Promise<void> {
    await this.#broker.migrate();
  }

  offer(refs: readonly JobRef[], o: { readonly delayMs?: number } = {}): void {
    if (this.#closing !== undefined) return;
    const due = o.delayMs !== undefined && o.delayMs > 0 ? Math.ceil(Date.now() + o.delayMs) : 0;
    for (const ref of refs) this.#sender(ref.destination).offer(ref, due);
  }

  async depth(destination: string): Promise<number> {
    if (this.#closing !== undefined) throw closed();
    return this.#producer.depth(destination);
  }

  consume(
    destination: string,
    o: { readonly concurrency: number },
    fn: (ref: JobRef, signal: AbortSignal) => Promise<void>,
  ): Consumer {
    if (this.#closing !== undefined) throw closed();
    const consumer = new BullmqConsumer({
      broker: this.#broker,
      watch: this.#watch,
      destination,
      concurrency: o.concurrency,
      stalledIntervalMs: this.#settings.stalledIntervalMs,
      fn,
    });
    this.#consumers.add(consumer);
    return {
      close: async () => {
        await consumer.close();
        this.#consumers.delete(consumer);
      },
    };
  }

  async ping(): Promise<void> {
    if (this.#closing !== undefined) throw closed();
    await this.#broker.ping();
  }

  async diagnose(): Promise<readonly HealthCheck[]> {
    if (this.#closing !== undefined) throw closed();
    return (await this.#broker.diagnose?.()) ?? [];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const deadline = new AbortController();
    const flushed = Promise.all([...this.#senders.values()].map((sender) => sender.end(deadline.signal)));
    await Promise.all([
      settledWithin(flushed, FLUSH_MS),
      ...[...this.#consumers].map((consumer) => consumer.closeWithin(CALLS_MS)),
    ]);
    deadline.abort();
    await this.#producer.close();
    await this.#broker.close();
  }

  #sender(destination: string): Sender {
    let sender = this.#senders.get(destination);
    if (sender === undefined) {
      sender = new Sender({
        send: (messages) => this.#producer.send(destination, messages),
        paceMs: this.#settings.coalesceMs,
        limit: this.#settings.bufferLimit,
        dropped: (count) => this.#watch.drop(destination, count),
      });
      this.#senders.set(destination, sender);
    }
    return sender;
  }
}
