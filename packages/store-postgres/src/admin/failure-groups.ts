import type { FailureGroup, JobStatus, Store, Where } from '@fragment/core';
import { parseError } from '../binding/errors.js';
import { jobId } from '../binding/ids.js';
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
  /** The newest event that has such a job, and the last such job of it. */
  readonly event_id: string;
  readonly seq: number;
  readonly last_error: string | null;
}

/** Why jobs did not succeed, with how many there are of each reason. */
export function failureGroupsOf(db: AdminDatabase): Pick<Store, 'failureGroups'> {
  const { knex } = db;
  const queries = queriesOf(db);
  // An id of an event is compared twice as quickly as one of a job, which would have to be put together for every row.
  const sample = `cross join lateral (
    select j.seq, j.last_error from ${db.from('jobs', 'j')}
    where j.event_id = g.event_id::uuid and j.status = g.status and j.destination = g.destination
      and j.action = g.action and j.reason = g.code
    order by j.seq desc limit 1
  ) s`;

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
      .select(knex.raw(`max(j.event_id::text collate "C") as event_id`))
      .groupByRaw('1, 2, 3, 4')
      .orderByRaw('count desc, last_at desc')
      .limit(o.limit);
    return db.rows<GroupRow>(
      knex.select(['g.*', 's.seq', 's.last_error']).from(query.as('g')).joinRaw(sample),
    );
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
      return (await Promise.all(halves)).flat().sort(largestFirst).slice(0, limit).map(groupOf);
    },
  };
}

const largestFirst = (a: GroupRow, b: GroupRow): number =>
  b.count - a.count || b.last_at.getTime() - a.last_at.getTime();

function groupOf(row: GroupRow): FailureGroup {
  const { last_error: error } = row;
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
    sampleJobId: jobId(row.event_id, row.seq),
  };
}

const isFailure = (status: JobStatus): status is FailureGroup['status'] => WITH_ERROR.has(status);
