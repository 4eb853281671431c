/** So many at once, then one each time that so much time has passed, whoever tries. */
export class Attempts {
  readonly #burst: number;
  readonly #refillMs: number;
  #left: number;
  #since: number | undefined;

  constructor({ burst, refillMs }: { readonly burst: number; readonly refillMs: number }) {
    this.#burst = burst;
    this.#refillMs = refillMs;
    this.#left = burst;
  }

  /** false: there were too many lately, and this is none. */
  take(nowMs: number): boolean {
    this.#since ??= nowMs;
    const earned = Math.floor((nowMs - this.#since) / this.#refillMs);
    this.#left = Math.min(this.#burst, this.#left + earned);
    this.#since += earned * this.#refillMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** It is none after all. */
  giveBack(): void {
    this.#left = Math.min(this.#burst, this.#left + 1);
  }
}
