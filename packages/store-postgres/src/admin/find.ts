import type { EventRecord, Found, JobRecord, Store, Where } from '@fragment/core';
import type { Knex } from 'knex';
import { isUuid } from '../binding/arrays.js';
import { parseJobId } from '../binding/ids.js';
import type { AdminDatabase } from './admin-database.js';
import { isImpossible } from './filters.js';
import { toJobRecord, type JobRow } from './job-rows.js';
import { COUNT_CAP, found, nothing, windowOf } from './paging.js';
import { purgeable } from './purgeable.js';
import { queriesOf, type EventRecordRow } from './queries.js';

type Query = Knex.QueryBuilder;

// Counts stop at a cap, so they go through the rows as lists do: what people look for is among the newest.
const newestEvents = (query: Query): Query => query.orderBy('e.id', 'desc');
const newestJobs = (query: Query): Query =>
  query.orderBy(['j.event_id', 'j.seq'].map((column) => ({ column, order: 'desc' })));

const counting = {
  events: (db: AdminDatabase, where: Where) => newestEvents(queriesOf(db).events(where)),
  jobs: (db: AdminDatabase, where: Where) => newestJobs(queriesOf(db).jobsAlone(where)),
  purgeable,
};

/** Events and jobs as an operator sees them, newest first. */
export function finding(
  db: AdminDatabase,
): Pick<Store, 'findEvents' | 'findEvent' | 'findJobs' | 'findJob' | 'count'> {
  const queries = queriesOf(db);
  return {
    async findEvents(where, page): Promise<Found<EventRecord>> {
      const window = windowOf(page, ([id]) => isUuid(id));
      if (window.after === null || isImpossible(where)) return nothing(window);
      const query = queries.selectEvents(queries.events(where));
      void newestEvents(query)
        .limit(window.limit + 1)
        .offset(window.offset);
      if (window.after !== undefined) void query.where('e.id', '<', window.after[0] ?? '');
      const [rows, count] = await Promise.all([
        db.rows<EventRecordRow>(query),
        window.counted ? db.count(newestEvents(queries.events(where))) : 0,
      ]);
      const records = await queries.withJobs(rows.slice(0, window.limit));
      return found(rows, count, window, { map: () => records, key: (row) => [row.event_id] });
    },

    async findEvent(id) {
      if (!isUuid(id)) return undefined;
      const query = queries.selectEvents(queries.events({})).where('e.id', id);
      return (await queries.withJobs(await db.rows<EventRecordRow>(query)))[0];
    },

    async findJobs(where, page): Promise<Found<JobRecord>> {
      const window = windowOf(page, ([id, seq]) => isUuid(id) && /^\d{1,5}$/.test(seq ?? ''));
      if (window.after === null || isImpossible(where)) return nothing(window);
      const query = queries.selectJobs(queries.jobs(where));
      void newestJobs(query)
        .limit(window.limit + 1)
        .offset(window.offset);
      if (window.after !== undefined) void query.whereRaw('(j.event_id, j.seq) < (?, ?)', [...window.after]);
      const [rows, count] = await Promise.all([
        db.rows<JobRow>(query),
        window.counted ? db.count(newestJobs(queries.jobsAlone(where))) : 0,
      ]);
      const map = (list: readonly JobRow[]): JobRecord[] => list.map(toJobRecord);
      return found(rows, count, window, { map, key: (row) => [row.event_id, row.seq] });
    },

    async count(of, where) {
      if (isImpossible(where)) return { count: 0, countIsCapped: false };
      const count = await db.count(counting[of](db, where));
      return { count: Math.min(count, COUNT_CAP), countIsCapped: count > COUNT_CAP };
    },

    async findJob(id) {
      const key = parseJobId(id);
      if (key === undefined) return undefined;
      const query = queries
        .selectJobs(queries.jobs({}))
        .where({ 'j.event_id': key.eventId, 'j.seq': key.seq });
      const [row] = await db.rows<JobRow>(query);
      return row === undefined ? undefined : toJobRecord(row);
    },
  };
}
