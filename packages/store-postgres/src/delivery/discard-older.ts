import type { Store } from '@fragment/core';
import { array, label } from '../binding/arrays.js';
import { errorColumns } from '../binding/errors.js';
import { STATUS, WAITING } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';

/** Jobs that one statement looks at. Their age stands in the events, so a backlog is read in parts. */
const SLICE = 10_000;

interface SliceRow {
  readonly discarded: number;
  /** When the last job of the slice is due, in the database's own words; null when there was none. */
  readonly last_due: string | null;
}

export function discardingOlder(db: Database): Pick<Store, 'discardOlder'> {
  // With ties, because an operator's retry makes any number of jobs due at one moment.
  const tooOld = db.statement(
    'discard_older',
    `with slice as (
      select event_id, seq, due_at, status, action, coalesce(renewed_at, created_at) as since from ${db.table('jobs')}
      where destination = $1 and finished_at is null and due_at > $6::timestamptz
      order by due_at fetch first ($7::integer) rows with ties
    ), old as (
      select j.event_id, j.seq from slice s
      join ${db.table('jobs')} j on j.event_id = s.event_id and j.seq = s.seq
      where s.status in ${WAITING} and j.status in ${WAITING} and ($2::text[] is null or s.action = any($2::text[]))
        and coalesce(s.since, (select e.received_at from ${db.table('events')} e where e.id = s.event_id)) < $3::timestamptz
      limit $4::integer
      for update of j skip locked
    ), done as (
      update ${db.table('jobs')} j set status = ${STATUS.discarded}, finished_at = now(), last_error = $5
      from old where j.event_id = old.event_id and j.seq = old.seq
      returning j.event_id, j.seq, j.attempt
    ), history as (
      insert into ${db.table('attempts')} (event_id, seq, attempt, state, ended_at, error)
      select event_id, seq, attempt, ${STATUS.discarded}, now(), $5 from done
    )
    select (select count(*) from done)::integer as discarded, (select max(due_at) from slice)::text as last_due`,
  );
  return {
    async discardOlder({ destination, actions, before, error, limit }) {
      let jobs = 0;
      let after = '-infinity';
      while (jobs < limit) {
        const [slice] = await db.run<SliceRow>(tooOld, [
          destination,
          actions === undefined ? null : array(label, actions),
          before.toISOString(),
          Math.floor(limit) - jobs,
          errorColumns(error).error,
          after,
          SLICE,
        ]);
        jobs += slice?.discarded ?? 0;
        if (slice?.last_due == null) break;
        after = slice.last_due;
      }
      return jobs;
    },
  };
}
