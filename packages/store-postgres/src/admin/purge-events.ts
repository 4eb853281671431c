import type { PurgeStep, StepOptions, Store, Where } from '@fragment/core';
import { isUuid } from '../binding/arrays.js';
import { bounds } from '../binding/ids.js';
import type { AdminDatabase } from './admin-database.js';
import { isImpossible } from './filters.js';
import { purgeable } from './purgeable.js';

interface EventRow {
  readonly id: string;
  readonly parent_event_id: string | null;
}

const NOTHING: PurgeStep = { count: 0, visited: 0, emptied: 0 };

/** Deletes some events that match and whose jobs have all ended, in one short transaction, in the order of their ids. */
export function purgingEvents(db: AdminDatabase, schema: string): Pick<Store, 'purgeEvents'> {
  const table = (name: string): string => `"${schema}"."${name}"`;
  const chosen = 'event_id = any(?::uuid[]) and event_id between ? and ?';
  const lockJobs = `select from ${table('jobs')} where ${chosen} order by event_id, seq for update`;
  const deletion = `with no_jobs as (delete from ${table('jobs')} where ${chosen}),
    no_attempts as (delete from ${table('attempts')} where ${chosen})
    delete from ${table('events')} where id = any(?::uuid[]) and id between ? and ?`;
  const emptied = `delete from ${table('events')} p where p.id = any(?::uuid[]) and p.type = 'batch'
    and not exists (select from ${table('events')} item where item.parent_event_id = p.id) returning 1`;

  return {
    async purgeEvents(where, o) {
      if (isImpossible(where)) return NOTHING;
      return db.transaction(async (session) => {
        const candidates = await session.rows<EventRow>(choosing(session, where, o));
        const last = candidates.at(-1)?.id;
        if (last === undefined) return NOTHING;
        const ids = candidates.map(({ id }) => id);
        // Since they were chosen an operator may have retried a job: with the jobs locked it is asked once more.
        await session.raw(lockJobs, [ids, ...bounds(ids)] as never[]);
        const still = purgeable(session, where).select(['e.id', 'e.parent_event_id']);
        const rows = await session.rows<EventRow>(still.whereIn('e.id', ids));
        const gone = rows.map(({ id }) => id);
        const keys = [gone, ...bounds(gone)];
        if (gone.length > 0) await session.raw(deletion, [...keys, ...keys, ...keys] as never[]);
        const parents = [...new Set(rows.flatMap(({ parent_event_id: id }) => (id === null ? [] : [id])))];
        const envelopes = parents.length > 0 ? await session.raw(emptied, [parents] as never[]) : [];
        return { count: gone.length, visited: ids.length, emptied: envelopes.length, last };
      });
    },
  };
}

/** Who replays an event has its row locked: it is left out. */
function choosing(db: AdminDatabase, where: Where, { limit, after }: StepOptions) {
  const query = purgeable(db, where)
    .select(['e.id', 'e.parent_event_id'])
    .orderBy('e.id')
    .limit(Math.max(0, Math.floor(limit)))
    .forUpdate('e')
    .skipLocked();
  return isUuid(after) ? query.where('e.id', '>', after) : query;
}
