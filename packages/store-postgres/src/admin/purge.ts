import type { PurgePolicy, Store, Where } from '@fragment/core';
import type { Database } from '../connection/database.js';
import type { AdminDatabase } from './admin-database.js';
import { purgingEvents } from './purge-events.js';
import { purgingRows } from './purge-rows.js';

const EVENTS_AT_ONCE = 500;

/** Deletes in steps, each its own short transaction, so that ingest and deliveries hardly notice. */
export function purging(db: Database, admin: AdminDatabase): Pick<Store, 'purge' | 'purgeEvents'> {
  const { purgeEvents } = purgingEvents(admin, db.schema);
  const rows = purgingRows(db);
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

  return {
    purgeEvents,
    async purge({ eventsMs, policies = [], dedupMs, rejectionsMs, statisticsMs }) {
      await rows.locks();
      await rows.services();
      await rows.runs(rejectionsMs);
      await rows.statistics(statisticsMs);
      const all = eventsMs === undefined ? [] : [{ where: {}, olderThanMs: eventsMs }];
      let events = 0;
      for (const policy of [...all, ...policies]) events += await everyEvent(policy);
      return {
        events,
        keys: await rows.keys(dedupMs),
        rejections: await rows.rejections(rejectionsMs),
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
