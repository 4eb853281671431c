/**
 * What happened in one minute to one part of the application, as counted by one process and added up in the store.
 * Statistics are for charts: a process that is killed takes its last seconds of them with it. What became of a job is
 * said by the job.
 */
export type StatisticsRow = {
  /** The beginning of the minute. */
  readonly minute: Date;
} & (IngestTally | DeliveryTally);

export interface IngestTally {
  readonly of: 'ingest';
  readonly source: string;
  /** Type of the message, or an empty text. */
  readonly type: string;
  readonly result: 'stored' | 'duplicate' | 'refused' | 'ignored' | 'overloaded' | 'unavailable';
  readonly count: number;
}

export interface DeliveryTally {
  readonly of: 'delivery';
  readonly destination: string;
  readonly action: string;
  /** What one try ended as. */
  readonly result: 'succeeded' | 'failed' | 'discarded' | 'unknown';
  readonly count: number;
  /** From the receipt of the event to the end of the try: counts per bucket of {@link LATENCY_BOUNDS_MS}, one more for what is longer. */
  readonly latency: readonly number[];
}

/** A tally as the process counts it that delivers: with the sums, and how many tries there were. */
export interface DeliveryCount extends DeliveryTally {
  readonly totalMs: number;
  /** Which try of its job it was: counts per bucket of {@link ATTEMPT_BOUNDS}, one more for what is above. */
  readonly attempts: readonly number[];
  readonly totalAttempts: number;
}

/** How long something took. */
export interface Durations {
  /** Counts per bucket of {@link LATENCY_BOUNDS_MS}, one more for what is longer. */
  readonly buckets: readonly number[];
  readonly totalMs: number;
}

/** Upper ends of the latency buckets in milliseconds; each is about a third above the one before. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 56, 80, 112, 160, 225, 315, 440, 620, 870, 1_200, 1_700, 2_400, 3_400,
  4_800, 6_700, 9_400, 13_000, 18_000, 26_000, 36_000, 50_000, 70_000, 100_000, 140_000, 200_000, 300_000,
  600_000, 1_800_000, 3_600_000, 21_600_000, 86_400_000,
];

export const ATTEMPT_BOUNDS: readonly number[] = [1, 2, 3, 5, 8, 13, 21, 34];

/** A span of time in equal steps. */
export interface StatisticsRange {
  readonly from: Date;
  readonly to: Date;
  /** Whole minutes, in milliseconds. At most 1,500 steps. */
  readonly stepMs: number;
}

/** Tallies added up by step: `minute` is the beginning of the step. */
export interface Statistics {
  readonly range: StatisticsRange;
  readonly rows: readonly StatisticsRow[];
}
