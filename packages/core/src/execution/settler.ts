import type { Queue } from '../contracts/queue.js';
import type { Settlement, Store } from '../contracts/store.js';
import type { Clock, Logger } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';
import { RetryOffers } from './retry-offers.js';

interface Waiting {
  readonly settlement: Settlement;
  readonly since: number;
  readonly done: () => void;
}

const MAX_GROUP = 1_000;
const RETRY_MS = 500;

/** Writes results in groups: what comes in while one statement runs is the next statement. */
export class Settler {
  readonly #store: Store;
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #giveUpMs: number;
  readonly #retries: RetryOffers;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;

  /** @param giveUpMs after this the leases have ended and the jobs are somebody else's. */
  constructor(store: Store, queue: Queue, clock: Clock, logger: Logger, giveUpMs: number) {
    this.#store = store;
    this.#queue = queue;
    this.#retries = new RetryOffers(queue, clock);
    this.#clock = clock;
    this.#logger = logger;
    this.#giveUpMs = giveUpMs;
  }

  /** Resolves when the results are written, refused as stale, or given up. Never throws: the lease is the safety net. */
  async settle(settlements: readonly Settlement[]): Promise<void> {
    await new Promise<void>((resolve) => {
      let left = settlements.length;
      if (left === 0) resolve();
      const done = (): void => {
        left -= 1;
        if (left === 0) resolve();
      };
      const since = this.#clock.now();
      for (const settlement of settlements) this.#waiting.push({ settlement, since, done });
      this.#flushing ??= this.#flush();
    });
  }

  /** Resolves when nothing is left to write. */
  async drain(): Promise<void> {
    await this.#flushing;
  }

  /** Leaves the retries that are not due yet to the queue. */
  handOver(): void {
    this.#retries.handOver();
  }

  async #flush(): Promise<void> {
    // Results that came in the same turn of the event loop share the first statement.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_GROUP);
      if (await this.#write(group)) for (const { done } of group) done();
      else await this.#keep(group);
    }
    this.#flushing = undefined;
  }

  async #write(group: readonly Waiting[]): Promise<boolean> {
    try {
      const result = await this.#store.settle(group.map(({ settlement }) => settlement));
      if (result.refused.length > 0) {
        this.#logger.warn(
          { jobs: result.refused.slice(0, 20), count: result.refused.length },
          'late results were refused',
        );
      }
      this.#retries.add(result.retries);
      if (result.followups.length > 0) this.#queue.offer(result.followups);
      return true;
    } catch (error) {
      this.#logger.warn(
        { ...describeError(error), results: group.length },
        'results could not be written; trying again',
      );
      return false;
    }
  }

  async #keep(group: readonly Waiting[]): Promise<void> {
    const oldest = this.#clock.now() - this.#giveUpMs;
    const kept = group.filter(({ since }) => since > oldest);
    for (const waiting of group) if (waiting.since <= oldest) waiting.done();
    if (kept.length < group.length) {
      this.#logger.error(
        { results: group.length - kept.length },
        'results were lost with their leases; the jobs run again',
      );
    }
    this.#waiting = [...kept, ...this.#waiting];
    await new Promise<void>((resolve) => void this.#clock.setTimer(resolve, RETRY_MS));
  }
}
