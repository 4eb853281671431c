import { JOB_STATUSES, type JobStatus, type LaneStats, type Store } from '@fragment/core';
import { defined } from '../binding/defined.js';
import { statusName, WAITING } from '../binding/statuses.js';
import type { AdminDatabase } from './admin-database.js';
import { COUNT_CAP } from './paging.js';

/** Finished jobs are read whole up to about here, and sampled beyond. */
const SAMPLED_ROWS = 500_000;

interface CountRow {
  readonly destination: string;
  readonly status: number;
  readonly count: number;
  readonly oldest_due_at: Date | null;
}

const none = (): Record<JobStatus, number> =>
  Object.fromEntries(JOB_STATUSES.map((status) => [status, 0])) as Record<JobStatus, number>;

export function statsOf(db: AdminDatabase, schema: string): Pick<Store, 'stats'> {
  const table = (name: string): string => `"${schema}"."${name}"`;

  const estimated = async (name: string): Promise<number> => {
    const [row] = await db.raw<{ rows: number }>(
      'select greatest(reltuples, 0)::float8 as rows from pg_class where oid = ?::regclass',
      [table(name)],
    );
    return Math.round(row?.rows ?? 0);
  };

  /** Exact while that is cheap; the planner's estimate for large tables. */
  const size = async (name: string, condition = 'true'): Promise<number> => {
    const [row] = await db.raw<{ count: number }>(
      `select count(*)::integer as count from (select from ${table(name)} where ${condition} limit ${COUNT_CAP + 1}) limited`,
    );
    const count = row?.count ?? 0;
    return count > COUNT_CAP && condition === 'true' ? Math.max(count, await estimated(name)) : count;
  };

  /** Exact: what waits and runs is what decisions hang on. */
  const unfinished = (): Promise<CountRow[]> =>
    db.raw<CountRow>(
      `select destination, status, count(*)::integer as count,
         min(due_at) filter (where status in ${WAITING} and due_at <= now()) as oldest_due_at
       from ${table('jobs')} where finished_at is null group by destination, status`,
    );

  const finished = async (): Promise<CountRow[]> => {
    const percent = Math.min(
      100,
      Math.max(0.01, (SAMPLED_ROWS / Math.max(await estimated('jobs'), 1)) * 100),
    );
    const rows = await db.raw<CountRow>(
      `select destination, status, count(*)::integer as count, null::timestamptz as oldest_due_at
       from ${table('jobs')} tablesample system (?) where finished_at is not null group by destination, status`,
      [percent],
    );
    return rows.map((row) => ({ ...row, count: Math.round((row.count * 100) / percent) }));
  };

  return {
    async stats() {
      const lanes = new Map<string, { counts: Record<JobStatus, number>; oldestDueAt?: Date }>();
      for (const row of [...(await unfinished()), ...(await finished())]) {
        const lane = lanes.get(row.destination) ?? { counts: none() };
        lanes.set(row.destination, lane);
        lane.counts[statusName(row.status)] += row.count;
        const oldest = row.oldest_due_at;
        if (oldest !== null && (lane.oldestDueAt === undefined || oldest < lane.oldestDueAt))
          lane.oldestDueAt = oldest;
      }
      return {
        events: await size('events'),
        rejections: await size('rejections'),
        planErrors: await size('events', 'plan_error is not null'),
        lanes: [...lanes]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([destination, { counts, oldestDueAt }]) =>
            defined<LaneStats>({ destination, counts, oldestDueAt }),
          ),
      };
    },
  };
}
