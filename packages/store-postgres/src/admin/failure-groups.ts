import type { FailureGroup, JobStatus, Store, Where } from '@fragment/core';
import { parseError } from '../binding/errors.js';
import { jobId, parseJobId } from '../binding/ids.js';
import { STATUS, statusName, WITH_ERROR } from '../binding/statuses.js';
import type { AdminDatabase } from './admin-database.js';
import { isImpossible, notSucceeded } from './filters.js';
import { queriesOf } from './queries.js';

const MAX_GROUPS = 500;

/** Two questions, since of discarded jobs the index of errors knows everything that is asked here. */
const HALVES = [
  { statuses: ['discarded'], status: `${STATUS.discarded}::smallint`, at: 'j.discarded_at' },
  { statuses: ['failed', 'unknown'], status: 'j.status', at: 'coalesce(j.started_at, j.due_at)' },
] as const;

interface GroupRow {
  readonly destination: string;
  readonly action: string;
  readonly status: number;
  readonly code: string;
  readonly count: number;
  readonly first_at: Date;
  readonly last_at: Date;
  /** The greatest job id as text: that of the newest event. */
  readonly sample: string;
}

/** Why jobs did not succeed, with how many there are of each reason. */
export function failureGroupsOf(db: AdminDatabase): Pick<Store, 'failureGroups'> {
  const { knex } = db;
  const queries = queriesOf(db);

  const errorsOf = async (samples: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const keys = samples.map(parseJobId).filter((key) => key !== undefined);
    const rows = await db.rows<{ event_id: string; seq: number; last_error: string | null }>(
      knex
        .select(['event_id', 'seq', 'last_error'])
        .from(db.from('jobs', 'j'))
        .whereIn(
          ['event_id', 'seq'],
          keys.map(({ eventId, seq }) => [eventId, seq]),
        ),
    );
    return new Map(rows.map((row) => [jobId(row.event_id, row.seq), row.last_error ?? '']));
  };

  const groupsOf = async (
    where: Where,
    statuses: readonly JobStatus[],
    o: { readonly status: string; readonly at: string; readonly limit: number },
  ): Promise<GroupRow[]> => {
    if (statuses.length === 0) return [];
    const query = queries.jobsAlone(where);
    notSucceeded(query, statuses);
    void query
      .select(['j.destination', 'j.action', 'j.reason as code'])
      .select(knex.raw(`${o.status} as status, count(*)::integer as count`))
      .select(knex.raw(`min(${o.at}) as first_at, max(${o.at}) as last_at`))
      .select(knex.raw(`max((j.event_id::text || '.' || j.seq) collate "C") as sample`))
      .groupByRaw('1, 2, 3, 4')
      .orderByRaw('count desc, last_at desc')
      .limit(o.limit);
    return db.rows<GroupRow>(query);
  };

  return {
    async failureGroups(where, o): Promise<readonly FailureGroup[]> {
      if (isImpossible(where)) return [];
      const limit = Math.min(Math.max(1, Math.floor(o.limit)), MAX_GROUPS);
      const { statusIn, ...jobs } = where.jobs ?? {};
      const isAsked = (status: JobStatus): boolean =>
        jobs.eventId !== undefined || (statusIn?.includes(status) ?? true);
      const halves = HALVES.map(({ statuses, ...half }) =>
        groupsOf({ ...where, jobs }, statuses.filter(isAsked), { ...half, limit }),
      );
      const rows = (await Promise.all(halves)).flat().sort(largestFirst).slice(0, limit);
      const errors = await errorsOf(rows.map(({ sample }) => sample));
      return rows.map((row) => groupOf(row, errors.get(row.sample)));
    },
  };
}

const largestFirst = (a: GroupRow, b: GroupRow): number =>
  b.count - a.count || b.last_at.getTime() - a.last_at.getTime();

function groupOf(row: GroupRow, error: string | undefined): FailureGroup {
  const status = statusName(row.status);
  return {
    destination: row.destination,
    action: row.action,
    status: isFailure(status) ? status : 'unknown',
    code: row.code,
    message: error ? parseError({ error }).message : '',
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    sampleJobId: row.sample,
  };
}

const isFailure = (status: JobStatus): status is FailureGroup['status'] => WITH_ERROR.has(status);
