import type { Database } from '../connection/database.js';
import type { Statement } from '../connection/session.js';
import { FORGOTTEN_AFTER } from './services.js';
import { SHORT_SPANS_KEPT_MS } from './statistics.js';

const ROWS_AT_ONCE = 5_000;

/** Deletes what has grown old in the tables beside events and jobs. Times are in milliseconds; returns how many rows. */
export function purgingRows(db: Database) {
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

  const everyRow = async (statement: Statement, ms: number): Promise<number> => {
    for (let total = 0; ;) {
      const deleted = (await db.run(statement, [ms, ROWS_AT_ONCE])).length;
      total += deleted;
      if (deleted < ROWS_AT_ONCE) return total;
    }
  };

  return {
    locks: () => db.run(oldLocks, []),
    services: () => db.run(oldServices, []),
    runs: (ms: number) => everyRow(oldRuns, ms),
    keys: (ms: number) => everyRow(oldKeys, ms),
    rejections: (ms: number) => everyRow(oldRejections, ms),
    async statistics(ms: number): Promise<void> {
      await everyRow(oldMinutes, Math.min(ms, SHORT_SPANS_KEPT_MS));
      await everyRow(oldHours, ms);
    },
  };
}
