import type { EventRecord, JobRecord, Where } from '@fragment/core';
import type { Knex } from 'knex';
import { bounds } from '../binding/ids.js';
import { EVENT_SELECTION, toStoredEvent, type EventSelectionRow } from '../binding/stored-event.js';
import type { AdminDatabase } from './admin-database.js';
import { restrictEvents, restrictIds, restrictJobs } from './filters.js';
import { JOB_SELECTION, toJobRecord, type JobRow } from './job-rows.js';

/** Queries for what a filter describes. `e` is the event, `j` the job, `p` the parent of the event's batch. */
export interface Queries {
  events(where: Where): Knex.QueryBuilder;
  jobs(where: Where): Knex.QueryBuilder;
  /** The same without a row of the event beside each job, where the filter does not ask for it. */
  jobsAlone(where: Where): Knex.QueryBuilder;
  selectEvents(query: Knex.QueryBuilder): Knex.QueryBuilder;
  selectJobs(query: Knex.QueryBuilder): Knex.QueryBuilder;
  /** Gives events their jobs, those of all in one query. */
  withJobs(rows: readonly EventSelectionRow[]): Promise<EventRecord[]>;
}

export function queriesOf(db: AdminDatabase): Queries {
  const { knex } = db;
  const raws = (columns: readonly string[]): Knex.Raw[] => columns.map((column) => knex.raw(column));
  const allJobs = (): Knex.QueryBuilder =>
    knex.queryBuilder().from(db.from('jobs', 'j')).join(db.from('events', 'e'), 'e.id', 'j.event_id');

  const queries: Queries = {
    events({ events, jobs }) {
      const query = knex.queryBuilder().from(db.from('events', 'e'));
      restrictEvents(query, events);
      if (jobs !== undefined && Object.keys(jobs).length > 0) {
        const theirs = knex.select(knex.raw('1')).from(db.from('jobs', 'j')).whereRaw('j.event_id = e.id');
        restrictJobs(theirs, jobs);
        void query.whereExists(theirs);
      }
      return query;
    },
    jobs({ events, jobs }) {
      const query = allJobs();
      restrictEvents(query, events);
      restrictJobs(query, jobs);
      // For the indexes of the jobs, which know nothing of their events.
      restrictIds(query, 'j.event_id', events ?? {});
      return query;
    },
    jobsAlone(where) {
      const { events = {}, jobs = {} } = where;
      if (Object.keys(events).length > 0 || jobs.createdAfter || jobs.createdBefore)
        return queries.jobs(where);
      const query = knex.queryBuilder().from(db.from('jobs', 'j'));
      restrictJobs(query, jobs);
      return query;
    },
    selectEvents: (query) =>
      query.leftJoin(db.from('events', 'p'), 'p.id', 'e.parent_event_id').select(raws(EVENT_SELECTION)),
    selectJobs: (query) => query.select(raws(JOB_SELECTION)),

    async withJobs(rows) {
      const ids = rows.map((row) => row.event_id);
      const [min, max] = bounds(ids);
      const jobs = new Map<string, JobRecord[]>(ids.map((id) => [id, []]));
      if (min !== null && max !== null) {
        const query = queries
          .selectJobs(allJobs())
          .whereIn('j.event_id', ids)
          .whereBetween('j.event_id', [min, max])
          .orderBy(['j.event_id', 'j.seq']);
        for (const row of await db.rows<JobRow>(query)) jobs.get(row.event_id)?.push(toJobRecord(row));
      }
      return rows.map((row) => ({ ...toStoredEvent(row), jobs: jobs.get(row.event_id) ?? [] }));
    },
  };
  return queries;
}
