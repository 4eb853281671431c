import { JOB_STATUSES, type JobStatus, type LaneStats, type Store } from '@fragment/core';
import { defined } from '../binding/defined.js';
import { statusName, WAITING } from '../binding/statuses.js';
import type { AdminDatabase } from './admin-database.js';
import { COUNT_CAP } from './paging.js';

/** Finished jobs are read whole up to about here, and sampled beyond. */
const SAMPLED_ROWS = 100_000;

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

  const number = async (sql: string): Promise<number> =>
    Number((await db.raw<{ value: string | number }>(sql))[0]?.value ?? 0);

  const exact = (name: string, condition = 'true'): Promise<number> =>
    number(`select count(*) as value from ${table(name)} where ${condition}`);

  /** What the planner believes; -1 before the table was analyzed for the first time. */
  const estimated = (name: string): Promise<number> =>
    number(`select reltuples::float8 as value from pg_class where oid = '${table(name)}'::regclass`);

  /** Exact while that is cheap; the planner's estimate for large tables. */
  const size = async (name: string): Promise<number> => {
    const estimate = await estimated(name);
    return estimate > COUNT_CAP ? estimate : exact(name);
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
        planErrors: await exact('events', 'plan_error is not null'),
        lanes: [...lanes]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([destination, { counts, oldestDueAt }]) =>
            defined<LaneStats>({ destination, counts, oldestDueAt }),
          ),
      };
    },
  };
}
