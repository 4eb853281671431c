import type { BreakerSettings } from '../contracts/application.js';

interface Bucket {
  second: number;
  calls: number;
  failures: number;
}

/** Watches the calls of one lane in this process and says when the destination is down rather than unlucky. */
export class Breaker {
  readonly #settings: BreakerSettings;
  #buckets: Bucket[] = [];
  #inARow = 0;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  /** Notes one call; true when the lane shall be tripped. */
  record(ok: boolean, nowMs: number): boolean {
    const bucket = this.#bucket(nowMs);
    bucket.calls += 1;
    if (ok) {
      this.#inARow = 0;
      return false;
    }
    bucket.failures += 1;
    this.#inARow += 1;
    return this.#inARow >= this.#settings.consecutive || this.#ratioReached();
  }

  /** A new beginning, after the lane was closed or opened. */
  reset(): void {
    this.#buckets = [];
    this.#inARow = 0;
  }

  #bucket(nowMs: number): Bucket {
    const second = Math.floor(nowMs / 1_000);
    const oldest = second - this.#settings.windowMs / 1_000;
    if (this.#buckets[0] && this.#buckets[0].second <= oldest) {
      this.#buckets = this.#buckets.filter((bucket) => bucket.second > oldest);
    }
    let last = this.#buckets.at(-1);
    if (last?.second !== second) {
      last = { second, calls: 0, failures: 0 };
      this.#buckets.push(last);
    }
    return last;
  }

  #ratioReached(): boolean {
    let calls = 0;
    let failures = 0;
    for (const bucket of this.#buckets) {
      calls += bucket.calls;
      failures += bucket.failures;
    }
    return calls >= this.#settings.minCalls && failures / calls >= this.#settings.failureRatio;
  }
}

/** How long a lane stays closed after it tripped `failures` times in a row, in milliseconds. */
export const openMs = (failures: number, s: BreakerSettings): number =>
  Math.min(s.maxOpenMs, s.openMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
