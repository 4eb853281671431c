import type { Store } from '@fragment/core';
import { array, isUuid, smallint, uuid } from '../binding/arrays.js';
import { parseJobId } from '../binding/ids.js';
import { STATUS } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';

export function releasing(db: Database): Pick<Store, 'release'> {
  // The limit cuts nothing off: it tells the planner that these are few, so that each job is looked up by its key.
  // What a job was before its lease is what its history ends with; a job without history was awaiting.
  const statement = db.statement(
    'release',
    `with held as (
      select token from ${db.table('leases')} where token = any($3::uuid[]) order by token for update
    ), given as (
      select r.* from held join unnest($1::uuid[], $2::smallint[], $3::uuid[]) as r(event_id, seq, token) on r.token = held.token
      limit $4::integer
    ), done as (
      update ${db.table('jobs')} j set
        status = coalesce((
          select a.state from ${db.table('attempts')} a
          where a.event_id = j.event_id and a.seq = j.seq order by a.n desc limit 1
        ), ${STATUS.awaiting}),
        attempt = j.attempt - 1,
        started_at = null,
        lease_token = null
      from given r
      where j.event_id = r.event_id and j.seq = r.seq and j.lease_token = r.token and j.status = ${STATUS.executing}
      returning r.token
    ), ended as (
      select token, count(*) as jobs from done group by token
    ), closed as (
      delete from ${db.table('leases')} l using ended where l.token = ended.token and l.open <= ended.jobs
    )
    update ${db.table('leases')} l set open = l.open - ended.jobs from ended where l.token = ended.token and l.open > ended.jobs`,
  );
  return {
    async release(jobs) {
      const rows = jobs.flatMap(({ id, token }) => {
        const key = parseJobId(id);
        return key === undefined || !isUuid(token) ? [] : [{ ...key, token }];
      });
      if (rows.length === 0) return;
      await db.run(statement, [
        array(
          uuid,
          rows.map((row) => row.eventId),
        ),
        array(
          smallint,
          rows.map((row) => row.seq),
        ),
        array(
          uuid,
          rows.map((row) => row.token),
        ),
        rows.length,
      ]);
    },
  };
}
