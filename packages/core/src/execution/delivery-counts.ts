import type { LeasedJob } from '../contracts/destination.js';
import { LATENCY_BOUNDS_MS, type DeliveryTally } from '../contracts/statistics.js';
import type { Settlement } from '../contracts/store.js';

type Tally = DeliveryTally & { count: number; readonly latency: number[] };

/** Counts what tries ended as, in this process: what metrics and charts are made of. */
export class DeliveryCounts {
  readonly #tallies = new Map<string, Tally>();

  /** @param nowMs when the try ended. */
  add(job: LeasedJob, result: Settlement['outcome'], nowMs: number): void {
    const tally = this.#tally(job.destination, job.action, result);
    tally.count += 1;
    const bucket = bucketOf(nowMs - job.event.receivedAt.getTime());
    tally.latency[bucket] = (tally.latency[bucket] ?? 0) + 1;
  }

  /** Everything since the process started. Not a copy: to be read at once. */
  all(): readonly DeliveryTally[] {
    return [...this.#tallies.values()];
  }

  #tally(destination: string, action: string, result: Settlement['outcome']): Tally {
    const key = `${destination}\n${action}\n${result}`;
    let tally = this.#tallies.get(key);
    if (!tally) {
      const latency = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
      tally = { of: 'delivery', destination, action, result, count: 0, latency };
      this.#tallies.set(key, tally);
    }
    return tally;
  }
}

/** The first bucket whose upper end is not below; the one after the last for what is longer than all. */
function bucketOf(ms: number): number {
  let low = 0;
  let high = LATENCY_BOUNDS_MS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((LATENCY_BOUNDS_MS[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
