import { LATENCY_BOUNDS_MS, type Application } from '@fragment/core';
import { histogram, summed, type Reading } from './reading.js';

export const LATENCY_BOUNDS_S: readonly number[] = LATENCY_BOUNDS_MS.map((ms) => ms / 1_000);

/** A source may take a type from what it is sent: beyond so many they share one name. */
const MAX_TYPES = 100;

/** The codes of a key that was missing or wrong. */
const KEY_REFUSED: ReadonlySet<string> = new Set([
  'FRAGMENT_INGEST_KEY_MISSING',
  'FRAGMENT_INGEST_KEY_UNKNOWN',
]);

export function ingestReadings(app: Application, auth: { readonly failures: number }): readonly Reading[] {
  const types = new Set<string>();
  const typeOf = (type: string): string => {
    if (types.size < MAX_TYPES) types.add(type);
    return types.has(type) ? type : 'other';
  };
  return [
    {
      name: 'fragment_events_received_total',
      help: 'Messages that came in, by what became of them',
      type: 'counter',
      read: () =>
        summed(
          app.ingestCounts().map(({ source, type, result, count }) => ({
            labels: { source, type: typeOf(type), result },
            value: count,
          })),
        ),
    },
    {
      name: 'fragment_ingest_seconds',
      help: 'From the receipt of a request to its commit, those that were refused left out',
      type: 'histogram',
      read: () => {
        const { buckets, totalMs } = app.ingestDurations();
        return histogram('fragment_ingest_seconds', LATENCY_BOUNDS_S, [
          { labels: {}, buckets, sum: totalMs / 1_000 },
        ]);
      },
    },
    {
      name: 'fragment_auth_failures_total',
      help: 'Requests with a key or token that was missing or wrong: of senders (ingest), of operators (admin)',
      type: 'counter',
      read: () => {
        const refused = app.ingestCounts().filter(({ reason }) => KEY_REFUSED.has(reason ?? ''));
        return [
          { labels: { at: 'ingest' }, value: refused.reduce((sum, { count }) => sum + count, 0) },
          { labels: { at: 'admin' }, value: auth.failures },
        ];
      },
    },
  ];
}
