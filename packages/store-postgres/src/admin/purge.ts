import type { PurgePolicy, Store, Where } from '@fragment/core';
import type { Database } from '../connection/database.js';
import type { Statement } from '../connection/session.js';
import type { AdminDatabase } from './admin-database.js';
import { purgingEvents } from './purge-events.js';
import { FORGOTTEN_AFTER } from './services.js';
import { SHORT_SPANS_KEPT_MS } from './statistics.js';

const ROWS_AT_ONCE = 5_000;
const EVENTS_AT_ONCE = 500;

/** Deletes in steps, each its own short transaction, so that ingest and deliveries hardly notice. */
export function purging(db: Database, admin: AdminDatabase): Pick<Store, 'purge' | 'purgeEvents'> {
  const { purgeEvents } = purgingEvents(admin, db.schema);
  const before = "now() - $1::float8 * interval '1 ms'";
  const oldRows = (name: string, table: string, time: string): Statement =>
    db.statement(
      name,
      `delete from ${table} where ctid = any(array(select ctid from ${table} where ${time} < ${before} limit $2::integer))
       and ${time} < ${before} returning 1`,
    );
  const oldKeys = oldRows('purge_keys', db.table('message_keys'), 'seen_at');
  const oldRejections = oldRows('purge_rejections', db.table('rejections'), 'received_at');
  const oldMinutes = oldRows('purge_minutes', db.table('statistics'), "span in ('m', 't') and at");
  const oldHours = oldRows('purge_hours', db.table('statistics'), "span = 'h' and at");
  // Those of past cron ticks are never given back.
  const oldLocks = db.statement('purge_locks', `delete from ${db.table('locks')} where until < now()`);

  const oldServices = db.statement(
    'purge_services',
    `delete from ${db.table('services')} where seen_at < now() - ${FORGOTTEN_AFTER}`,
  );
  const runs = db.table('runs');
  // The last run of a trigger stays, however old: it says what became of it.
  const oldRuns = db.statement(
    'purge_runs',
    `delete from ${runs} where id = any(array(select r.id from ${runs} r where r.started_at < ${before} and exists
       (select from ${runs} n where n.source = r.source and n.trigger = r.trigger and n.id > r.id) limit $2::integer))
     returning 1`,
  );

  const everyEvent = async (policy: PurgePolicy): Promise<number> => {
    const where = await agedBy(admin, policy);
    for (let total = 0, after: string | undefined; ;) {
      const step = await purgeEvents(where, {
        limit: EVENTS_AT_ONCE,
        ...(after === undefined ? {} : { after }),
      });
      total += step.count + step.emptied;
      if (step.last === undefined) return total;
      after = step.last;
    }
  };
  const everyRow = async (statement: Statement, ms: number): Promise<number> => {
    for (let total = 0; ;) {
      const deleted = (await db.run(statement, [ms, ROWS_AT_ONCE])).length;
      total += deleted;
      if (deleted < ROWS_AT_ONCE) return total;
    }
  };

  return {
    purgeEvents,
    async purge({ eventsMs, policies = [], dedupMs, rejectionsMs, statisticsMs }) {
      await db.run(oldLocks, []);
      await db.run(oldServices, []);
      await everyRow(oldRuns, rejectionsMs);
      await everyRow(oldMinutes, Math.min(statisticsMs, SHORT_SPANS_KEPT_MS));
      await everyRow(oldHours, statisticsMs);
      const all = eventsMs === undefined ? [] : [{ where: {}, olderThanMs: eventsMs }];
      let events = 0;
      for (const policy of [...all, ...policies]) events += await everyEvent(policy);
      return {
        events,
        keys: await everyRow(oldKeys, dedupMs),
        rejections: await everyRow(oldRejections, rejectionsMs),
      };
    },
  };
}

/** The filter of a policy together with its age, by the clock of the database. */
async function agedBy(db: AdminDatabase, { where, olderThanMs }: PurgePolicy): Promise<Where> {
  const [row] = await db.raw<{ at: Date }>("select now() - ?::float8 * interval '1 ms' as at", [olderThanMs]);
  const asked = where.events?.receivedBefore;
  const at = row?.at ?? new Date(0);
  return { ...where, events: { ...where.events, receivedBefore: asked && asked < at ? asked : at } };
}
