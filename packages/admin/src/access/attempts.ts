import { FragmentError } from '@fragment/core';

const BURST = 20;
const REFILL_MS = 3_000;

/** Logins that may fail: twenty at once, then one in three seconds, whoever tries. */
export class Attempts {
  #left = BURST;
  #since: number | undefined;

  /** @throws {FragmentError} FRAGMENT_ADMIN_BUSY when too many failed lately. */
  take(nowMs: number): void {
    this.#since ??= nowMs;
    const earned = Math.floor((nowMs - this.#since) / REFILL_MS);
    this.#left = Math.min(BURST, this.#left + earned);
    this.#since += earned * REFILL_MS;
    if (this.#left < 1)
      throw new FragmentError('FRAGMENT_ADMIN_BUSY', { retryAfterSeconds: REFILL_MS / 1_000 });
    this.#left -= 1;
  }

  /** It did not fail. */
  giveBack(): void {
    this.#left = Math.min(BURST, this.#left + 1);
  }
}
