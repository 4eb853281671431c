import type { RejectedItem } from '../contracts/events.js';
import type { RejectionRecord } from '../contracts/records.js';
import type { Store } from '../contracts/store.js';
import type { Logger } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

/** Refused messages are worth keeping, never worth failing or slowing a request for: beyond this many they are only counted. */
const MAX_WAITING = 2_000;

/** Writes what was refused to the store, in the background and in groups. */
export class RejectionLog {
  readonly #store: Store;
  readonly #logger: Logger;
  #waiting: Omit<RejectionRecord, 'id'>[] = [];
  #dropped = 0;
  #flushing: Promise<void> | undefined;

  constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  add(source: string, trigger: string, receivedAt: Date, items: readonly RejectedItem[]): void {
    for (const item of items) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push({ ...item, source, trigger, receivedAt });
      else this.#dropped += 1;
    }
    if (this.#waiting.length > 0) this.#flushing ??= this.#flush();
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
