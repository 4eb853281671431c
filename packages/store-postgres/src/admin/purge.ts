import type { Store } from '@fragment/core';
import { array, uuid } from '../binding/arrays.js';
import { bounds } from '../binding/ids.js';
import type { Database } from '../connection/database.js';

const EVENTS_AT_ONCE = 500;
const ROWS_AT_ONCE = 5_000;

/** Deletes in steps, each its own short transaction, so that ingest and deliveries hardly notice. */
export function purging(db: Database): Pick<Store, 'purge'> {
  const [events, jobs, attempts] = [db.table('events'), db.table('jobs'), db.table('attempts')];
  const before = "now() - $1::float8 * interval '1 ms'";

  // A batch's parent goes after its last item: they share its envelope.
  const oldEvents = db.statement(
    'purge_candidates',
    `select e.id from ${events} e
     where e.received_at < ${before}
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
        select from ${jobs} j where j.event_id = old.id and j.event_id between $2::uuid and $3::uuid and j.finished_at is null
      )
    ), no_jobs as (
      delete from ${jobs} j using finished f where j.event_id = f.id and j.event_id between $2::uuid and $3::uuid
    ), no_attempts as (
      delete from ${attempts} a using finished f where a.event_id = f.id and a.event_id between $2::uuid and $3::uuid
    )
    delete from ${events} e using finished f where e.id = f.id and e.id between $2::uuid and $3::uuid returning e.id`,
  );
  const oldRows = (name: string, table: string, time: string) =>
    db.statement(
      name,
      `delete from ${table} where ctid = any(array(select ctid from ${table} where ${time} < ${before} limit $2::integer))
       and ${time} < ${before} returning 1`,
    );
  const oldKeys = oldRows('purge_keys', db.table('message_keys'), 'seen_at');
  // Those of past cron ticks are never given back.
  const oldLocks = db.statement('purge_locks', `delete from ${db.table('locks')} where until < now()`);
  const oldRejections = oldRows('purge_rejections', db.table('rejections'), 'received_at');

  /** Between choosing and deleting, an operator may have retried a job: with the jobs locked it is asked once more. */
  const purgeEvents = (ms: number): Promise<{ chosen: number; deleted: number }> =>
    db.transaction(async (session) => {
      const chosen = (await session.run<{ id: string }>(oldEvents, [ms, EVENTS_AT_ONCE])).map(({ id }) => id);
      if (chosen.length === 0) return { chosen: 0, deleted: 0 };
      const ids = [array(uuid, chosen), ...bounds(chosen)];
      await session.run(lockJobs, ids);
      const deleted = await session.run(deletion, ids);
      return { chosen: chosen.length, deleted: deleted.length };
    });

  const inSteps = async (step: () => Promise<{ deleted: number; more: boolean }>): Promise<number> => {
    for (let total = 0; ;) {
      const { deleted, more } = await step();
      total += deleted;
      if (!more) return total;
    }
  };

  return {
    async purge({ eventsMs, dedupMs, rejectionsMs }) {
      const rows = (statement: typeof oldKeys, ms: number) =>
        inSteps(async () => {
          const deleted = (await db.run(statement, [ms, ROWS_AT_ONCE])).length;
          return { deleted, more: deleted === ROWS_AT_ONCE };
        });
      await db.run(oldLocks, []);
      return {
        // Until nothing goes any more: the last items of a batch set its parent free.
        events:
          eventsMs === undefined
            ? 0
            : await inSteps(async () => {
                const { deleted } = await purgeEvents(eventsMs);
                return { deleted, more: deleted > 0 };
              }),
        keys: await rows(oldKeys, dedupMs),
        rejections: await rows(oldRejections, rejectionsMs),
      };
    },
  };
}
