import {
  errorRegistry,
  LATENCY_BOUNDS_MS,
  type AuditRecord,
  type BulkRecord,
  type DeliveryTally,
  type ErasureReceipt,
  type ErrorCode,
  type FailureGroup,
  type Health,
  type IngestTally,
  type MigrationRecord,
  type Statistics,
  type UserRecord,
} from '@fragment/core';
import { appliedOf } from '../api/query.js';
import type { Redacted } from '../redaction/redacted-records.js';

export const bulkResource = (bulk: BulkRecord) => ({
  id: bulk.id,
  kind: bulk.kind,
  where: appliedOf(bulk.where),
  rate_per_second: bulk.ratePerSecond ?? null,
  state: bulk.state,
  total: bulk.total,
  total_is_capped: bulk.totalIsCapped,
  done: bulk.done,
  visited: bulk.visited,
  actor: bulk.actor,
  created_at: bulk.createdAt,
  started_at: bulk.startedAt ?? null,
  finished_at: bulk.finishedAt ?? null,
  error: bulk.error ?? null,
});

export const failureResource = (group: FailureGroup & Redacted) => ({
  destination: group.destination,
  action: group.action,
  status: group.status,
  code: group.code,
  message: group.message,
  redacted: group.redacted ?? false,
  /** What to do about it, where the code is one of ours. */
  advice: isOurs(group.code) ? errorRegistry[group.code].advice : null,
  count: group.count,
  first_at: group.firstAt,
  last_at: group.lastAt,
  sample_job_id: group.sampleJobId,
});

const isOurs = (code: string): code is ErrorCode => Object.hasOwn(errorRegistry, code);

export const auditResource = (record: AuditRecord) => ({
  id: record.id,
  at: record.at,
  actor: record.actor,
  action: record.action,
  target: record.target ?? null,
  count: record.count ?? null,
  outcome: record.outcome,
});

export const userResource = (user: UserRecord) => ({
  user_id: user.userId ?? null,
  anonymous_ids: user.anonymousIds,
  events: user.events,
  events_is_capped: user.eventsIsCapped,
  first_seen_at: user.firstSeenAt ?? null,
  last_seen_at: user.lastSeenAt ?? null,
});

export const receiptResource = (receipt: ErasureReceipt) => ({ ...receipt });

export const healthResource = ({ status, checks }: Health) => ({
  status,
  checks: checks.map(({ name, status: state, message }) => ({
    name,
    status: state,
    message: message ?? null,
  })),
});

/** The ancestor's shape: the store's own schema is one scope. */
export const migrationResource = ({ version, name, appliedAt }: MigrationRecord) => ({
  id: version,
  version,
  scope: 'store',
  name,
  direction: 'up',
  transitions: [migrationTransition({ version, name, ...(appliedAt ? { appliedAt } : {}) })],
  created_at: appliedAt ?? null,
});

export const migrationTransition = ({ version, appliedAt }: MigrationRecord) => ({
  id: `${version}.1`,
  state_before: null,
  state_after: appliedAt ? 'succeeded(up)' : 'acknowledged',
  error: null,
  created_at: appliedAt ?? null,
  migration_id: version,
});

type Sum = { count: number; readonly latency: number[] };

export function statisticsResource({ range, rows }: Statistics) {
  const ingest = rows.filter((row) => row.of === 'ingest');
  const delivery = rows.filter((row) => row.of === 'delivery');
  return {
    range: { from: range.from, to: range.to, step_ms: range.stepMs },
    ingest: ingest.map(({ minute, source, type, result, count }) => ({
      at: minute,
      source,
      type,
      result,
      count,
    })),
    delivery: delivery.map(({ minute, destination, action, result, count, latency }) => ({
      at: minute,
      destination,
      action,
      result,
      count,
      ...percentiles(latency),
    })),
    totals: { ingest: ingestTotals(ingest), delivery: deliveryTotals(delivery) },
  };
}

const ingestResults = ['stored', 'duplicate', 'refused', 'ignored', 'overloaded', 'unavailable'] as const;
const deliveryResults = ['succeeded', 'failed', 'discarded', 'unknown'] as const;

function ingestTotals(tallies: readonly IngestTally[]): Record<IngestTally['result'], number> {
  const entries = ingestResults.map((result) => [
    result,
    tallies.filter((tally) => tally.result === result).reduce((sum, { count }) => sum + count, 0),
  ]);
  return Object.fromEntries(entries) as Record<IngestTally['result'], number>;
}

function deliveryTotals(tallies: readonly DeliveryTally[]) {
  return [...new Set(tallies.map(({ destination }) => destination))].sort().map((destination) => {
    const own = tallies.filter((tally) => tally.destination === destination);
    const counts = deliveryResults.map((result) => [
      result,
      sumOf(own.filter((t) => t.result === result)).count,
    ]);
    const delivered = sumOf(own.filter(({ result }) => result === 'succeeded'));
    return {
      destination,
      ...(Object.fromEntries(counts) as Record<DeliveryTally['result'], number>),
      ...percentiles(delivered.latency),
    };
  });
}

function sumOf(tallies: readonly DeliveryTally[]): Sum {
  const latency = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  let count = 0;
  for (const tally of tallies) {
    count += tally.count;
    tally.latency.forEach((n, bucket) => (latency[bucket] = (latency[bucket] ?? 0) + n));
  }
  return { count, latency };
}

const percentiles = (latency: readonly number[]) => ({
  p50_ms: percentile(latency, 0.5),
  p95_ms: percentile(latency, 0.95),
  p99_ms: percentile(latency, 0.99),
});

/** By the bucket it falls into, straight between the bucket's ends. null of nothing. */
export function percentile(latency: readonly number[], share: number): number | null {
  const total = latency.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  let before = 0;
  for (const [bucket, n] of latency.entries()) {
    if (before + n >= total * share && n > 0) {
      const low = LATENCY_BOUNDS_MS[bucket - 1] ?? 0;
      const high = LATENCY_BOUNDS_MS[bucket] ?? low;
      return Math.round(low + ((total * share - before) / n) * (high - low));
    }
    before += n;
  }
  return null;
}
