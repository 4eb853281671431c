import type { Queue } from '../contracts/queue.js';
import type { SettleResult } from '../contracts/store.js';
import type { Clock, Timer } from '../contracts/toolkit.js';

type Retry = SettleResult['retries'][number];

interface Group {
  readonly destination: string;
  readonly ids: string[];
  /** When the last of them is due. */
  dueAt: number;
  timer?: Timer;
}

/** The store's clock decides what is due: a timer that rings a moment early must not offer in vain. */
const MARGIN_MS = 10;
/** Short enough that what jitter has put apart does not reach the vendor together again. */
const SLOT_MS = 200;
const LIST_SIZE = 500;
/** Jobs beyond this are left to the sweeper, which offers whatever is due. */
const MOST = 100_000;

/**
 * Keeps the jobs that will be tried again until they are due, and then offers those of a lane and moment together:
 * a storm of failures would otherwise fill the queue with messages of single jobs. Nothing is lost with this process,
 * since the sweeper offers whatever is due.
 */
export class RetryOffers {
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #groups = new Map<string, Group>();
  #kept = 0;

  constructor(queue: Queue, clock: Clock) {
    this.#queue = queue;
    this.#clock = clock;
  }

  add(retries: readonly Retry[]): void {
    for (const { destination, ids, dueAt } of retries) {
      if (this.#kept + ids.length > MOST) continue;
      this.#kept += ids.length;
      const at = dueAt.getTime();
      const key = `${Math.floor(at / SLOT_MS)} ${destination}`;
      const group = this.#groups.get(key);
      if (group) group.ids.push(...ids);
      else this.#groups.set(key, { destination, ids: [...ids], dueAt: at });
      this.#arm(key, at);
    }
  }

  /** Leaves what is not due yet to the queue, for the processes that go on. */
  handOver(): void {
    for (const [key, { dueAt }] of this.#groups)
      this.#offer(key, { delayMs: Math.max(0, dueAt - this.#clock.now()) });
  }

  #arm(key: string, dueAt: number): void {
    const group = this.#groups.get(key);
    if (!group || (group.timer && dueAt <= group.dueAt)) return;
    group.timer?.clear();
    group.dueAt = dueAt;
    const waitMs = Math.max(0, dueAt - this.#clock.now()) + MARGIN_MS;
    group.timer = this.#clock.setTimer(() => this.#offer(key), waitMs);
  }

  #offer(key: string, o?: { readonly delayMs: number }): void {
    const group = this.#groups.get(key);
    if (!group) return;
    group.timer?.clear();
    this.#groups.delete(key);
    const { destination, ids } = group;
    this.#kept -= ids.length;
    for (let from = 0; from < ids.length; from += LIST_SIZE)
      this.#queue.offer([{ destination, ids: ids.slice(from, from + LIST_SIZE) }], o);
  }
}
