import { array, uuid } from '../binding/arrays.js';
import { bounds } from '../binding/ids.js';
import type { Database } from '../connection/database.js';

const EVENTS_AT_ONCE = 500;

/** Deletes some events received longer ago than `ms` with their jobs and attempts. Returns how many. */
export function eventPurge(db: Database): (ms: number) => Promise<number> {
  const [events, jobs, attempts] = [db.table('events'), db.table('jobs'), db.table('attempts')];
  // A batch's parent goes after its last item: they share its envelope.
  const choose = db.statement(
    'purge_choose',
    `select e.id from ${events} e
     where e.received_at < now() - $1::float8 * interval '1 ms'
       and not exists (select from ${jobs} j where j.event_id = e.id and j.finished_at is null)
       and not exists (select from ${events} item where item.parent_event_id = e.id)
     limit $2::integer for update of e skip locked`,
  );
  const lockJobs = db.statement(
    'purge_lock_jobs',
    `select from ${jobs} where event_id = any($1::uuid[]) and event_id between $2::uuid and $3::uuid
     order by event_id, seq for update`,
  );
  const deletion = db.statement(
    'purge_events',
    `with finished as (
      select id from unnest($1::uuid[]) as old(id)
      where not exists (
        select from ${jobs} j
        where j.event_id = old.id and j.event_id between $2::uuid and $3::uuid and j.finished_at is null
      )
    ), no_jobs as (
      delete from ${jobs} j using finished f
      where j.event_id = f.id and j.event_id = any($1::uuid[]) and j.event_id between $2::uuid and $3::uuid
    ), no_attempts as (
      delete from ${attempts} a using finished f
      where a.event_id = f.id and a.event_id = any($1::uuid[]) and a.event_id between $2::uuid and $3::uuid
    )
    delete from ${events} e using finished f
    where e.id = f.id and e.id = any($1::uuid[]) and e.id between $2::uuid and $3::uuid
    returning e.id`,
  );

  return (ms) =>
    db.transaction(async (session) => {
      const chosen = (await session.run<{ id: string }>(choose, [ms, EVENTS_AT_ONCE])).map(({ id }) => id);
      if (chosen.length === 0) return 0;
      const ids = [array(uuid, chosen), ...bounds(chosen)];
      // Since they were chosen an operator may have retried a job: with the jobs locked it is asked once more.
      await session.run(lockJobs, ids);
      return (await session.run(deletion, ids)).length;
    });
}
