import { unnest } from '../binding/columns.js';
import { STATUS, WAITING } from '../binding/statuses.js';
import { EVENT_SELECTION } from '../binding/stored-event.js';
import type { Database } from '../connection/database.js';
import type { Statement } from '../connection/session.js';

/**
 * Parameters of every lease: $1 destination, $2 actions, $3 lost leases below, $4 limit, $5 token, $6 milliseconds,
 * $7 alone, $8 holder, $9 and $10 the smallest and greatest event id; then $11 ids and $12 seqs of a list; last, of an
 * ordered one, the milliseconds a waiting retry may block.
 */
const LIST_PARAMETER = 11;
const LIST_COLUMNS = [
  { name: 'event_id', sql: 'uuid' },
  { name: 'seq', sql: 'smallint' },
];

/**
 * One order key's jobs come oldest first. The jobs of this very lease are still unfinished while it looks, so an
 * earlier one stops a later one here too; only where a retry blocked for too long can both get this far.
 */
const unblocked = (db: Database, block: number): string =>
  `and (j.order_key is null or not exists (
    select from ${db.table('jobs')} b
    where b.destination = $1 and b.order_key = j.order_key and b.finished_at is null
      and (b.event_id, b.seq) < (j.event_id, j.seq)
      and not (b.status in (${STATUS.failed}, ${STATUS.unknown}) and b.failed_at < now() - $${block}::float8 * interval '1 ms')
  ))`;

const FIRST_OF_ITS_KEY = `, candidates as (
  select event_id, seq from (
    select *, row_number() over (partition by order_key order by event_id, seq) as place from free
  ) numbered
  where order_key is null or place = 1
)`;

/**
 * Picks the jobs of a list, each looked up by its key. The lock in the inner query is also what keeps the planner from
 * turning the join round: on a table without statistics it would compare all jobs in the range with the whole list.
 */
const pickListed = (db: Database, condition: string): string => {
  const listed = unnest('r', LIST_COLUMNS, LIST_PARAMETER);
  return `select j.event_id, j.seq, j.order_key
      from (select * from ${listed} order by r.event_id, r.seq) r
      cross join lateral (
        select j.event_id, j.seq, j.order_key from ${db.table('jobs')} j
        where j.event_id = r.event_id and j.seq = r.seq and ${condition}
        for update skip locked
      ) j
      limit $4::integer`;
};

/** Picks the oldest jobs of a range. The condition of the partial index is left out: it is read along the primary key. */
const pickRange = (db: Database, condition: string): string =>
  `select j.event_id, j.seq, j.order_key from ${db.table('jobs')} j
      where ${condition}
      order by j.event_id, j.seq
      limit $4::integer
      for update skip locked`;

/** Picks and marks jobs, notes the lease, and reads each with its event: one statement, so nothing can come between. */
export function leaseStatement(
  db: Database,
  o: { readonly list: boolean; readonly ordered: boolean },
): Statement {
  const block = LIST_PARAMETER + (o.list ? LIST_COLUMNS.length : 0);
  const condition = `j.event_id between $9::uuid and $10::uuid
        and j.destination = $1 and j.status in ${WAITING} and j.due_at <= now()
        and j.action = any($2::text[]) and j.lost < $3::integer
        ${o.ordered ? unblocked(db, block) : ''}`;
  return db.statement(
    `lease_${o.list ? 'list' : 'range'}${o.ordered ? '_ordered' : ''}`,
    `with ${o.ordered ? 'free' : 'candidates'} as (
      ${o.list ? pickListed(db, condition) : pickRange(db, condition)}
    )${o.ordered ? FIRST_OF_ITS_KEY : ''}, taken as (
      update ${db.table('jobs')} j
      set status = ${STATUS.executing}, attempt = j.attempt + 1, started_at = now(), lease_token = $5::uuid
      from candidates c
      where j.event_id = c.event_id and j.seq = c.seq
      returning j.event_id, j.seq, j.action, j.version, j.data, j.attempt, j.excused, j.depth, j.parent_seq, j.due_at,
        coalesce(j.renewed_at, j.created_at) as created_at
    ), lease as (
      insert into ${db.table('leases')} (token, destination, until, event_ids, seqs, open, alone, holder)
      select $5::uuid, $1, now() + $6::float8 * interval '1 ms',
        array_agg(event_id order by event_id, seq), array_agg(seq order by event_id, seq), count(*), $7::boolean, $8
      from taken
      having count(*) > 0
    )
    select ${EVENT_SELECTION.join(', ')}, t.seq, t.action, t.version, t.data, t.attempt, t.excused, t.depth, t.parent_seq,
      t.created_at, t.due_at
    from taken t
    join ${db.table('events')} e on e.id = t.event_id
    left join ${db.table('events')} p on p.id = e.parent_event_id
    order by t.event_id, t.seq`,
  );
}
