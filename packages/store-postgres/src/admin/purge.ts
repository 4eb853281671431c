import type { Store } from '@fragment/core';
import type { Database } from '../connection/database.js';
import type { Statement } from '../connection/session.js';
import { eventPurge } from './purge-events.js';
import { FORGOTTEN_AFTER } from './services.js';
import { SHORT_SPANS_KEPT_MS } from './statistics.js';

const ROWS_AT_ONCE = 5_000;

/** Deletes in steps, each its own short transaction, so that ingest and deliveries hardly notice. */
export function purging(db: Database): Pick<Store, 'purge'> {
  const purgeEvents = eventPurge(db);
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

  const everyEvent = async (ms: number): Promise<number> => {
    // Until nothing goes any more: the last items of a batch set its parent free.
    for (let total = 0; ;) {
      const deleted = await purgeEvents(ms);
      if (deleted === 0) return total;
      total += deleted;
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
    async purge({ eventsMs, dedupMs, rejectionsMs, statisticsMs }) {
      await db.run(oldLocks, []);
      await db.run(oldServices, []);
      await everyRow(oldRuns, rejectionsMs);
      await everyRow(oldMinutes, Math.min(statisticsMs, SHORT_SPANS_KEPT_MS));
      await everyRow(oldHours, statisticsMs);
      return {
        events: eventsMs === undefined ? 0 : await everyEvent(eventsMs),
        keys: await everyRow(oldKeys, dedupMs),
        rejections: await everyRow(oldRejections, rejectionsMs),
      };
    },
  };
}
