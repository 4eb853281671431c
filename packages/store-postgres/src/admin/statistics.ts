import {
  LATENCY_BOUNDS_MS,
  type DeliveryTally,
  type IngestTally,
  type Statistics,
  type StatisticsRange,
  type StatisticsRow,
  type Store,
} from '@fragment/core';
import { bigint, label, smallint, timestamp } from '../binding/arrays.js';
import { column, encode, names, unnest } from '../binding/columns.js';
import type { Database } from '../connection/database.js';
import type { AdminDatabase } from './admin-database.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MAX_STEPS = 1_500;
/** Beyond this there are only hours. */
export const SHORT_SPANS_KEPT_MS = 8 * 24 * HOUR_MS;
/** Of a tally that has no latencies. */
const NO_BUCKET = -1;

/** Every tally is kept per minute, ten minutes and hour: a chart of a long range reads few rows. */
const SPANS = [
  { span: 'h', ms: HOUR_MS },
  { span: 't', ms: 10 * MINUTE_MS },
  { span: 'm', ms: MINUTE_MS },
] as const;
type Span = (typeof SPANS)[number];
const MINUTES: Span = SPANS[2];

/** One bucket of one tally in one span of time. */
interface Cell {
  readonly span: Span['span'];
  readonly at: Date;
  readonly kind: 'i' | 'd';
  readonly part: string;
  readonly label: string;
  readonly result: string;
  readonly bucket: number;
  readonly count: bigint;
}

const columns = [
  column('span', label, (cell: Cell) => cell.span),
  column('at', timestamp, (cell: Cell) => cell.at),
  column('kind', label, (cell: Cell) => cell.kind),
  column('part', label, (cell: Cell) => cell.part),
  column('label', label, (cell: Cell) => cell.label),
  column('result', label, (cell: Cell) => cell.result),
  column('bucket', smallint, (cell: Cell) => cell.bucket),
  column('count', bigint, (cell: Cell) => cell.count),
];

const keyOf = ({ span, at, kind, part, label: of, result, bucket }: Cell): string =>
  [span, at.getTime(), kind, part, of, result, bucket].join('\n');

function cellsOf(row: StatisticsRow): Cell[] {
  const spans = SPANS.map(({ span, ms }) => ({
    span,
    at: new Date(Math.floor(row.minute.getTime() / ms) * ms),
  }));
  const [kind, part, of] =
    row.of === 'ingest'
      ? (['i', row.source, row.type] as const)
      : (['d', row.destination, row.action] as const);
  const counts: readonly [bucket: number, count: number][] =
    row.of === 'ingest' ? [[NO_BUCKET, row.count]] : row.latency.map((count, bucket) => [bucket, count]);
  return spans.flatMap((span) =>
    counts
      .filter(([, count]) => count > 0)
      .map(([bucket, count]) => ({
        ...span,
        kind,
        part,
        label: of,
        result: row.result,
        bucket,
        count: BigInt(count),
      })),
  );
}

/** One cell per key, in one order for every process: two that add at once must not lock each other out. */
function together(cells: readonly Cell[]): readonly Cell[] {
  const byKey = new Map<string, Cell>();
  for (const cell of cells) {
    const key = keyOf(cell);
    byKey.set(key, { ...cell, count: cell.count + (byKey.get(key)?.count ?? 0n) });
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

/** One tally in one step. */
interface SumRow {
  /** Counts from 1. */
  readonly step: number;
  readonly kind: 'i' | 'd';
  readonly part: string;
  readonly label: string;
  readonly result: string;
  /** `<bucket>:<count>`, with commas between. */
  readonly counts: string;
}

export function statisticsOf(
  db: Database,
  admin: AdminDatabase,
): Pick<Store, 'addStatistics' | 'statistics'> {
  const table = db.table('statistics');
  const addition = db.statement(
    'add_statistics',
    `insert into ${table} as s (${names(columns)})
     select span::"char", at, kind::"char", part, label, result, bucket, count from ${unnest('r', columns, 1)}
     on conflict (span, at, kind, part, label, result, bucket) do update set count = s.count + excluded.count`,
  );
  return {
    async addStatistics(rows) {
      const cells = together(rows.flatMap(cellsOf));
      if (cells.length > 0) await db.run(addition, encode(columns, cells));
    },
    async statistics(asked): Promise<Statistics> {
      const { span, ...range } = wholeRange(asked);
      // To find a time among others is quicker than to divide times, and a row per tally quicker to read than one per bucket.
      const sums = await admin.raw<SumRow>(
        `select step, kind::text, part, label, result, string_agg(bucket || ':' || count, ',') as counts
         from (
           select width_bucket(at, ?::timestamptz[]) as step, kind, part, label, result, bucket, sum(count) as count
           from ${table} where span = ? and at >= ? and at < ? group by 1, 2, 3, 4, 5, 6
         ) s
         group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`,
        [stepsOf(range), span, range.from, range.to],
      );
      return { range, rows: sums.map((sum) => rowOf(sum, range)) };
    },
  };
}

/**
 * In whole steps of the longest span that fits into one, from the beginning of such a span, and in steps that are not
 * too many. A step of 24 minutes becomes one of 30.
 */
function wholeRange({ from, to, stepMs }: StatisticsRange): StatisticsRange & Pick<Span, 'span'> {
  const wholeMs = to.getTime() - from.getTime();
  const least = Math.max(stepMs, wholeMs / MAX_STEPS, wholeMs > SHORT_SPANS_KEPT_MS ? HOUR_MS : 0);
  const { span, ms } = SPANS.find((each) => each.ms <= least) ?? MINUTES;
  const start = Math.floor(from.getTime() / ms) * ms;
  return { from: new Date(start), to, stepMs: Math.ceil(least / ms) * ms, span };
}

/** The beginning of every step. */
const stepsOf = ({ from, to, stepMs }: StatisticsRange): Date[] =>
  Array.from(
    { length: Math.ceil((to.getTime() - from.getTime()) / stepMs) },
    (_, step) => new Date(from.getTime() + step * stepMs),
  );

function rowOf(
  { step, kind, part, label: of, result, counts }: SumRow,
  range: StatisticsRange,
): StatisticsRow {
  const minute = new Date(range.from.getTime() + (step - 1) * range.stepMs);
  const latency = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  let count = 0;
  for (const pair of counts.split(',')) {
    const [bucket, inBucket] = pair.split(':').map(Number);
    count += inBucket ?? 0;
    if (bucket !== undefined && bucket !== NO_BUCKET) latency[bucket] = inBucket ?? 0;
  }
  return kind === 'i'
    ? { minute, of: 'ingest', source: part, type: of, result: result as IngestTally['result'], count }
    : {
        minute,
        of: 'delivery',
        destination: part,
        action: of,
        result: result as DeliveryTally['result'],
        count,
        latency,
      };
}
