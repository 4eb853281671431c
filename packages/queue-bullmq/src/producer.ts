import type { Broker, MessageQueue } from './broker.js';
import { ROUND_TRIP_MS } from './broker.js';
import { settledWithin, within } from './deadline.js';
import { unavailable } from './failure.js';
import type { Outgoing } from './message.js';
import type { BrokerWatch } from './watch.js';

/** The sending side: one BullMQ queue per destination, opened when first needed. */
export class Producer {
  readonly #broker: Broker;
  readonly #watch: BrokerWatch;
  readonly #queues = new Map<string, MessageQueue>();

  constructor(broker: Broker, watch: BrokerWatch) {
    this.#broker = broker;
    this.#watch = watch;
  }

  async send(destination: string, messages: readonly Outgoing[]): Promise<void> {
    const jobs = messages.map(({ message, due }) => {
      const delay = due - Date.now();
      return { name: 'refs', data: message, ...(delay > 0 ? { opts: { delay } } : {}) };
    });
    await this.#ask(destination, (queue) => queue.addBulk(jobs));
  }

  async depth(destination: string): Promise<number> {
    return this.#ask(destination, (queue) => queue.getJobCountByTypes('waiting'));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => settledWithin(queue.close(), 200)));
  }

  /** Asks the queue of a destination; throws FRAGMENT_QUEUE_UNAVAILABLE when there is no answer in time. */
  async #ask<T>(destination: string, question: (queue: MessageQueue) => Promise<T>): Promise<T> {
    await this.#broker.ready();
    const queue = this.#queues.get(destination) ?? this.#open(destination);
    try {
      return await within(question(queue), ROUND_TRIP_MS);
    } catch (error) {
      this.#watch.problem({ destination }, error);
      // A queue whose first contact failed stays broken: the next question gets a new one.
      if (this.#queues.get(destination) === queue) this.#queues.delete(destination);
      void settledWithin(queue.close(), 200);
      throw unavailable(error);
    }
  }

  #open(destination: string): MessageQueue {
    const queue = this.#broker.openQueue(destination);
    queue.on('error', (error) => this.#watch.problem({ destination }, error));
    this.#queues.set(destination, queue);
    return queue;
  }
}
