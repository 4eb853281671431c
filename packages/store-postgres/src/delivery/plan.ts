import type { Store } from '@fragment/core';
import { array, isUuid, uuid } from '../binding/arrays.js';
import { bounds } from '../binding/ids.js';
import type { Database } from '../connection/database.js';
import { addingJobs } from './new-jobs.js';

export function planning(db: Database): Pick<Store, 'plan'> {
  const addJobs = addingJobs(db);
  const planned = db.statement(
    'clear_plan_error',
    `update ${db.table('events')} set plan_error = null
     where id = any($1::uuid[]) and id between $2::uuid and $3::uuid and plan_error is not null`,
  );
  return {
    async plan(plans) {
      const known = plans.filter(({ eventId }) => isUuid(eventId));
      if (known.length === 0) return [];
      const eventIds = known.map(({ eventId }) => eventId);
      return db.transaction(async (session) => {
        const refs = await addJobs(
          session,
          known.flatMap(({ eventId, jobs }) => jobs.map((job) => ({ eventId: eventId.toLowerCase(), job }))),
        );
        await session.run(planned, [array(uuid, eventIds), ...bounds(eventIds)]);
        return refs;
      });
    },
  };
}
