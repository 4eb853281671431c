import { LATENCY_BOUNDS_MS, type Durations } from '../contracts/statistics.js';

/** One count per bound, and one more for what is above all of them. */
export const emptyBuckets = (bounds: readonly number[]): number[] =>
  new Array<number>(bounds.length + 1).fill(0);

/** Counts a value in the first bucket whose upper end is not below it. */
export function addTo(buckets: number[], bounds: readonly number[], value: number): void {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  buckets[low] = (buckets[low] ?? 0) + 1;
}

/** How long one kind of thing took, in this process. */
export class DurationCounts implements Durations {
  readonly buckets = emptyBuckets(LATENCY_BOUNDS_MS);
  totalMs = 0;

  add(ms: number): void {
    addTo(this.buckets, LATENCY_BOUNDS_MS, ms);
    this.totalMs += Math.max(0, ms);
  }
}
