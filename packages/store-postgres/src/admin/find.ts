import type { EventRecord, Found, JobRecord, Store, Where } from '@fragment/core';
import type { Knex } from 'knex';
import { isUuid } from '../binding/arrays.js';
import { bounds, parseJobId } from '../binding/ids.js';
import { EVENT_SELECTION, toStoredEvent, type EventSelectionRow } from '../binding/stored-event.js';
import type { AdminDatabase } from './admin-database.js';
import { isImpossible, restrictEvents, restrictJobs } from './filters.js';
import { JOB_SELECTION, toJobRecord, type JobRow } from './job-rows.js';
import { found, nothing, windowOf } from './paging.js';

/** Events and jobs as an operator sees them, newest first. */
export function finding(db: AdminDatabase): Pick<Store, 'findEvents' | 'findEvent' | 'findJobs' | 'findJob'> {
  const { knex } = db;
  const raws = (columns: readonly string[]): Knex.Raw[] => columns.map((column) => knex.raw(column));

  const jobsOf = (query: Knex.QueryBuilder): Knex.QueryBuilder =>
    query.from(db.from('jobs', 'j')).join(db.from('events', 'e'), 'e.id', 'j.event_id');

  const matchingEvents = ({ events, jobs }: Where): Knex.QueryBuilder => {
    const query = knex.queryBuilder().from(db.from('events', 'e'));
    restrictEvents(query, events);
    if (jobs !== undefined && Object.keys(jobs).length > 0) {
      const theirs = knex.select(knex.raw('1')).from(db.from('jobs', 'j')).whereRaw('j.event_id = e.id');
      restrictJobs(theirs, jobs);
      void query.whereExists(theirs);
    }
    return query;
  };

  const matchingJobs = ({ events, jobs }: Where): Knex.QueryBuilder => {
    const query = jobsOf(knex.queryBuilder());
    restrictEvents(query, events);
    restrictJobs(query, jobs);
    return query;
  };

  /** The jobs of all these events in one query. */
  async function withJobs(rows: readonly EventSelectionRow[]): Promise<EventRecord[]> {
    const ids = rows.map((row) => row.event_id);
    const [min, max] = bounds(ids);
    const jobs = new Map<string, JobRecord[]>(ids.map((id) => [id, []]));
    if (min !== null && max !== null) {
      const query = jobsOf(knex.select(raws(JOB_SELECTION)))
        .whereIn('j.event_id', ids)
        .whereBetween('j.event_id', [min, max])
        .orderBy(['j.event_id', 'j.seq']);
      for (const row of await db.rows<JobRow>(query)) jobs.get(row.event_id)?.push(toJobRecord(row));
    }
    return rows.map((row) => ({ ...toStoredEvent(row), jobs: jobs.get(row.event_id) ?? [] }));
  }

  const selectEvents = (query: Knex.QueryBuilder): Knex.QueryBuilder =>
    query.leftJoin(db.from('events', 'p'), 'p.id', 'e.parent_event_id').select(raws(EVENT_SELECTION));

  return {
    async findEvents(where, page): Promise<Found<EventRecord>> {
      const window = windowOf(page, ([id]) => isUuid(id));
      if (window.after === null || isImpossible(where)) return nothing(window);
      const query = selectEvents(matchingEvents(where))
        .orderBy('e.id', 'desc')
        .limit(window.limit + 1)
        .offset(window.offset);
      if (window.after !== undefined) void query.where('e.id', '<', window.after[0] ?? '');
      const [rows, count] = await Promise.all([
        db.rows<EventSelectionRow>(query),
        db.count(matchingEvents(where)),
      ]);
      const records = await withJobs(rows.slice(0, window.limit));
      return found(rows, count, window, { map: () => records, key: (row) => [row.event_id] });
    },

    async findEvent(id) {
      if (!isUuid(id)) return undefined;
      const rows = await db.rows<EventSelectionRow>(
        selectEvents(knex.queryBuilder().from(db.from('events', 'e'))).where('e.id', id),
      );
      return (await withJobs(rows))[0];
    },

    async findJobs(where, page): Promise<Found<JobRecord>> {
      const window = windowOf(page, ([id, seq]) => isUuid(id) && /^\d{1,5}$/.test(seq ?? ''));
      if (window.after === null || isImpossible(where)) return nothing(window);
      const query = matchingJobs(where)
        .select(raws(JOB_SELECTION))
        .orderBy([
          { column: 'j.event_id', order: 'desc' },
          { column: 'j.seq', order: 'desc' },
        ])
        .limit(window.limit + 1)
        .offset(window.offset);
      if (window.after !== undefined) void query.whereRaw('(j.event_id, j.seq) < (?, ?)', [...window.after]);
      const [rows, count] = await Promise.all([db.rows<JobRow>(query), db.count(matchingJobs(where))]);
      return found(rows, count, window, {
        map: (list) => list.map(toJobRecord),
        key: (row) => [row.event_id, row.seq],
      });
    },

    async findJob(id) {
      const key = parseJobId(id);
      if (key === undefined) return undefined;
      const query = jobsOf(knex.select(raws(JOB_SELECTION))).where({
        'j.event_id': key.eventId,
        'j.seq': key.seq,
      });
      const [row] = await db.rows<JobRow>(query);
      return row === undefined ? undefined : toJobRecord(row);
    },
  };
}
