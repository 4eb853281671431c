import type { Store } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

interface Held {
  count: number;
  readonly controller: AbortController;
}

/** Keeps the leases of this process alive, one statement per round for all of them, and tells when one was lost. */
export class Leases {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settings: { readonly leaseMs: number; readonly renewMs: number };
  readonly #held = new Map<string, Held>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(store: Store, clock: Clock, logger: Logger, settings: { leaseMs: number; renewMs: number }) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#settings = settings;
  }

  start(): void {
    this.#stopped = false;
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.clear();
  }

  /** Counts one job of a lease in. */
  hold(token: string): void {
    const held = this.#held.get(token);
    if (held) held.count += 1;
    else this.#held.set(token, { count: 1, controller: new AbortController() });
  }

  /** False when the lease was lost. */
  holds(token: string): boolean {
    return this.#held.has(token);
  }

  /** Aborts when the lease is lost, as the result would be refused anyway; undefined when it is lost already. */
  lostSignal(token: string): AbortSignal | undefined {
    return this.#held.get(token)?.controller.signal;
  }

  /** Counts one job out; the lease is no longer renewed after the last. */
  drop(token: string): void {
    const held = this.#held.get(token);
    if (!held) return;
    held.count -= 1;
    if (held.count <= 0) this.#held.delete(token);
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(() => {
      void this.#renew().finally(() => {
        if (!this.#stopped) this.#arm();
      });
    }, this.#settings.renewMs);
  }

  async #renew(): Promise<void> {
    const tokens = [...this.#held.keys()];
    if (tokens.length === 0) return;
    try {
      for (const token of await this.#store.renew(tokens, this.#settings.leaseMs)) {
        this.#held.get(token)?.controller.abort();
        this.#held.delete(token);
        this.#logger.warn({ token }, 'a lease was lost; what it delivers may be delivered again');
      }
    } catch (error) {
      this.#logger.warn({ ...describeError(error), leases: tokens.length }, 'leases could not be renewed');
    }
  }
}
