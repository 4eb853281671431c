import type { FailureGroup, JobStatus, Store } from '@fragment/core';
import { parseError } from '../binding/errors.js';
import { jobId, parseJobId } from '../binding/ids.js';
import { statusName, WITH_ERROR } from '../binding/statuses.js';
import type { AdminDatabase } from './admin-database.js';
import { isImpossible, withStatusAndError } from './filters.js';
import { queriesOf } from './queries.js';

const MAX_GROUPS = 500;
const HAPPENED_AT = 'coalesce(j.finished_at, j.started_at, j.due_at)';

interface GroupRow {
  readonly destination: string;
  readonly action: string;
  readonly status: number;
  readonly code: string | null;
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

  return {
    async failureGroups(where, { limit }): Promise<readonly FailureGroup[]> {
      if (isImpossible(where)) return [];
      const query = queries.jobsAlone(where);
      withStatusAndError(query, ['failed', 'discarded', 'unknown']);
      void query
        .select(['j.destination', 'j.action', 'j.status'])
        .select(knex.raw("j.last_error::json ->> 'code' as code"))
        .select(knex.raw('count(*)::integer as count'))
        .select(knex.raw(`min(${HAPPENED_AT}) as first_at, max(${HAPPENED_AT}) as last_at`))
        .select(knex.raw("max(j.event_id::text || '.' || j.seq) as sample"))
        .groupByRaw('1, 2, 3, 4')
        .orderByRaw('count desc, last_at desc')
        .limit(Math.min(Math.max(1, Math.floor(limit)), MAX_GROUPS));
      const rows = await db.rows<GroupRow>(query);
      const errors = await errorsOf(rows.map(({ sample }) => sample));
      return rows.map((row) => groupOf(row, errors.get(row.sample)));
    },
  };
}

function groupOf(row: GroupRow, error: string | undefined): FailureGroup {
  const status = statusName(row.status);
  return {
    destination: row.destination,
    action: row.action,
    status: isFailure(status) ? status : 'unknown',
    code: row.code ?? '',
    message: error ? parseError({ error }).message : '',
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    sampleJobId: row.sample,
  };
}

const isFailure = (status: JobStatus): status is FailureGroup['status'] => WITH_ERROR.has(status);
