import type { Store } from '@fragment/core';
import { array, label } from '../binding/arrays.js';
import { errorColumns } from '../binding/errors.js';
import { STATUS, WAITING } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';

export function discardingOlder(db: Database): Pick<Store, 'discardOlder'> {
  const tooOld = db.statement(
    'discard_older',
    `with old as (
      select j.event_id, j.seq from ${db.table('jobs')} j join ${db.table('events')} e on e.id = j.event_id
      where j.destination = $1 and j.finished_at is null and j.status in ${WAITING}
        and ($2::text[] is null or j.action = any($2::text[]))
        and coalesce(j.renewed_at, j.created_at, e.received_at) < $3::timestamptz
      order by j.due_at limit $4::integer
      for update of j skip locked
    ), done as (
      update ${db.table('jobs')} j set status = ${STATUS.discarded}, finished_at = now(), last_error = $5
      from old where j.event_id = old.event_id and j.seq = old.seq
      returning j.event_id, j.seq, j.attempt
    ), history as (
      insert into ${db.table('attempts')} (event_id, seq, attempt, state, ended_at, error)
      select event_id, seq, attempt, ${STATUS.discarded}, now(), $5 from done
    )
    select count(*)::integer as jobs from done`,
  );
  return {
    async discardOlder({ destination, actions, before, error, limit }) {
      const [discarded] = await db.run<{ jobs: number }>(tooOld, [
        destination,
        actions === undefined ? null : array(label, actions),
        before.toISOString(),
        Math.floor(limit),
        errorColumns(error).error,
      ]);
      return discarded?.jobs ?? 0;
    },
  };
}
