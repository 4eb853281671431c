import type { LeasedJob } from '../contracts/destination.js';
import { ATTEMPT_BOUNDS, LATENCY_BOUNDS_MS, type DeliveryCount } from '../contracts/statistics.js';
import type { Settlement } from '../contracts/store.js';
import { addTo, emptyBuckets } from '../statistics/buckets.js';

type Growing = { -readonly [K in keyof DeliveryCount]: DeliveryCount[K] } & {
  readonly latency: number[];
  readonly attempts: number[];
};

/** Counts what tries ended as, in this process: what metrics and charts are made of. */
export class DeliveryCounts {
  readonly #counts = new Map<string, Growing>();

  /** @param nowMs when the try ended. */
  add(job: LeasedJob, result: Settlement['outcome'], nowMs: number): void {
    const count = this.#countOf(job.destination, job.action, result);
    const ms = nowMs - job.event.receivedAt.getTime();
    count.count += 1;
    addTo(count.latency, LATENCY_BOUNDS_MS, ms);
    count.totalMs += Math.max(0, ms);
    addTo(count.attempts, ATTEMPT_BOUNDS, job.attempt);
    count.totalAttempts += job.attempt;
  }

  /** Everything since the process started. Not a copy: to be read at once. */
  all(): readonly DeliveryCount[] {
    return [...this.#counts.values()];
  }

  #countOf(destination: string, action: string, result: Settlement['outcome']): Growing {
    const key = `${destination}\n${action}\n${result}`;
    let count = this.#counts.get(key);
    if (!count) {
      count = {
        of: 'delivery',
        destination,
        action,
        result,
        count: 0,
        latency: emptyBuckets(LATENCY_BOUNDS_MS),
        totalMs: 0,
        attempts: emptyBuckets(ATTEMPT_BOUNDS),
        totalAttempts: 0,
      };
      this.#counts.set(key, count);
    }
    return count;
  }
}
