import type { RejectedItem } from '../contracts/events.js';
import type { RejectionRecord } from '../contracts/records.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

/** Refused messages are worth keeping, never worth failing or slowing a request for: beyond this many they are only counted. */
const MAX_WAITING = 2_000;

/** Of what nobody has vouched for, a source keeps so many at once, and then one a second. */
const ANONYMOUS_BURST = 100;
const ANONYMOUS_REFILL_MS = 1_000;

/** Writes what was refused to the store, in the background and in groups. */
export class RejectionLog {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #anonymous = new Map<string, Allowance>();
  #waiting: Omit<RejectionRecord, 'id'>[] = [];
  #dropped = 0;
  #flushing: Promise<void> | undefined;

  constructor(store: Store, logger: Logger, clock: Clock) {
    this.#store = store;
    this.#logger = logger;
    this.#clock = clock;
  }

  add(source: string, trigger: string, receivedAt: Date, items: readonly RejectedItem[]): void {
    for (const item of items) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ ...item, source, trigger, receivedAt });
      else this.#dropped += 1;
    }
    if (this.#waiting.length > 0) this.#flushing ??= this.#flush();
  }

  /**
   * The same for what was refused before it was known who sent it. Anybody can send such requests without end, so only
   * a sample of them is kept: enough to see what is wrong, never enough to fill the store.
   */
  addAnonymous(source: string, trigger: string, receivedAt: Date, item: RejectedItem): void {
    let allowance = this.#anonymous.get(source);
    if (!allowance) this.#anonymous.set(source, (allowance = new Allowance(this.#clock)));
    if (allowance.take()) this.add(source, trigger, receivedAt, [item]);
  }

  /** Resolves when everything that was added has been written, or has failed to be. */
  async drain(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const items = this.#waiting.splice(0, 500);
      try {
        await this.#store.reject(items);
      } catch (error) {
        this.#dropped += items.length;
        this.#logger.warn(
          { ...describeError(error), rejections: items.length },
          'rejections could not be kept',
        );
      }
    }
    if (this.#dropped > 0) this.#logger.warn({ dropped: this.#dropped }, 'rejections were not kept');
    this.#dropped = 0;
    this.#flushing = undefined;
  }
}

/** A token bucket. */
class Allowance {
  readonly #clock: Clock;
  #left = ANONYMOUS_BURST;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  take(): boolean {
    const now = this.#clock.now();
    // A clock that was set back adds nothing, and does not stop what follows either.
    const gained = Math.max(0, now - this.#at) / ANONYMOUS_REFILL_MS;
    this.#left = Math.min(ANONYMOUS_BURST, this.#left + gained);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
