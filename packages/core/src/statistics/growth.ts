import type { IngestCount } from '../contracts/ingest.js';
import type { DeliveryTally, IngestTally } from '../contracts/statistics.js';

/** What was counted since `before`, added up by what statistics tell apart: not by trigger, not by reason. */
export function ingestGrowth(
  before: readonly IngestCount[],
  now: readonly IngestCount[],
): readonly IngestTally[] {
  const totals = new Map<string, { tally: IngestTally; count: number }>();
  const add = (counts: readonly IngestCount[], sign: 1 | -1): void => {
    for (const { source, type, result, count } of counts) {
      const key = `${source}\n${type}\n${result}`;
      const total = totals.get(key) ?? { tally: { of: 'ingest', source, type, result, count: 0 }, count: 0 };
      totals.set(key, { ...total, count: total.count + sign * count });
    }
  };
  add(now, 1);
  add(before, -1);
  return [...totals.values()]
    .filter(({ count }) => count > 0)
    .map(({ tally, count }) => ({ ...tally, count }));
}

/** What was counted since `before`. */
export function deliveryGrowth(
  before: readonly DeliveryTally[],
  now: readonly DeliveryTally[],
): readonly DeliveryTally[] {
  const known = new Map(before.map((tally) => [keyOf(tally), tally]));
  return now.flatMap((tally) => {
    const old = known.get(keyOf(tally));
    const count = tally.count - (old?.count ?? 0);
    const latency = tally.latency.map((n, bucket) => n - (old?.latency[bucket] ?? 0));
    return count > 0 ? [{ ...tally, count, latency }] : [];
  });
}

const keyOf = ({ destination, action, result }: DeliveryTally): string =>
  `${destination}\n${action}\n${result}`;
