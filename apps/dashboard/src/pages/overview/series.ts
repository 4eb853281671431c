import type { DeliveryPoint, DeliveryResult, Overview, Statistics } from '../../api/types.js';
import { stepsOf } from '../../components/range.js';
import { formatDuration } from '../../format/duration.js';

/** What one destination did, step by step. */
export interface DestinationSeries {
  readonly times: readonly number[];
  readonly counts: Readonly<Record<DeliveryResult, readonly number[]>>;
  /** Attempts that did not succeed among all, from 0 to 1; null where there were none. */
  readonly failureRatio: readonly (number | null)[];
  /** Of the slowest action; null where nothing was delivered. */
  readonly p95: readonly (number | null)[];
}

const RESULTS: readonly DeliveryResult[] = ['succeeded', 'failed', 'discarded', 'unknown'];

export function destinationSeries({ range, delivery }: Statistics, destination: string): DestinationSeries {
  const times = stepsOf(range);
  const own = byTime(delivery.filter((point) => point.destination === destination));
  const pointsAt = (time: number): readonly DeliveryPoint[] => own.get(time) ?? [];
  const counts = RESULTS.map((result) => [
    result,
    times.map((time) =>
      sum(
        pointsAt(time).filter((point) => point.result === result),
        ({ count }) => count,
      ),
    ),
  ]);
  return {
    times,
    failureRatio: times.map((time) => failureRatio(pointsAt(time))),
    counts: Object.fromEntries(counts) as DestinationSeries['counts'],
    p95: times.map((time) => slowest(pointsAt(time).filter(({ result }) => result === 'succeeded'))),
  };
}

/** What came in, step by step: what was stored, and what was not taken. */
export function ingestSeries({ range, ingest }: Statistics) {
  const times = stepsOf(range);
  const own = byTime(ingest);
  const countAt = (time: number, stored: boolean): number =>
    sum(
      (own.get(time) ?? []).filter(({ result }) => (result === 'stored') === stored),
      ({ count }) => count,
    );
  return {
    times,
    stored: times.map((time) => countAt(time, true)),
    others: times.map((time) => countAt(time, false)),
  };
}

/** What went into the range, what was kept, what came out of it. */
export interface Funnel {
  readonly received: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly refused: number;
  /** Told to come again later: too much at once, or the store was away. */
  readonly turnedAway: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly discarded: number;
  /** Now, whatever the range. */
  readonly waiting: number;
}

export function funnelOf(
  { totals: { ingest, delivery } }: Statistics,
  { lanes }: Pick<Overview, 'lanes'>,
): Funnel {
  return {
    received: sum(Object.values(ingest), (count) => count),
    stored: ingest.stored,
    duplicate: ingest.duplicate,
    refused: ingest.refused,
    turnedAway: ingest.overloaded + ingest.unavailable,
    succeeded: sum(delivery, ({ succeeded }) => succeeded),
    failed: sum(delivery, ({ failed, unknown }) => failed + unknown),
    discarded: sum(delivery, ({ discarded }) => discarded),
    waiting: sum(lanes, ({ counts }) => backlogOf(counts)),
  };
}

/** Jobs that still have to be delivered. */
export const backlogOf = (counts: Overview['lanes'][number]['counts']): number =>
  counts.awaiting + counts.executing + counts.failed + counts.unknown;

function byTime<T extends { readonly at: string }>(points: readonly T[]): ReadonlyMap<number, readonly T[]> {
  const groups = new Map<number, T[]>();
  for (const point of points) {
    const time = Date.parse(point.at);
    const group = groups.get(time);
    if (group) group.push(point);
    else groups.set(time, [point]);
  }
  return groups;
}

function sum<T>(rows: readonly T[], of: (row: T) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

function failureRatio(points: readonly DeliveryPoint[]): number | null {
  const all = sum(points, ({ count }) => count);
  const succeeded = points.filter(({ result }) => result === 'succeeded');
  return all === 0 ? null : 1 - sum(succeeded, ({ count }) => count) / all;
}

/** What a bar of a chart counts: `per min`, `per 5 min`. */
export const perStep = ({ range }: Pick<Statistics, 'range'>): string =>
  `per ${formatDuration(range.step_ms).replace(/^1 /, '')}`;

const slowest = (points: readonly DeliveryPoint[]): number | null =>
  points.reduce<number | null>(
    (max, { p95_ms }) => (p95_ms === null ? max : Math.max(max ?? 0, p95_ms)),
    null,
  );
