import type { JobRef, Store } from '@fragment/core';
import { array, label } from '../binding/arrays.js';
import { errorColumns, registeredError } from '../binding/errors.js';
import { refsByDestination } from '../binding/ids.js';
import { STATUS, WAITING } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';
import type { StoreSettings } from '../options.js';

const DEFAULT_LIST_SIZE = 500;
const LEASES_AT_ONCE = 50;

interface DueRow {
  readonly event_id: string;
  readonly seq: number;
  readonly lost: number;
}

/** $1 losses that discard, $2 the reason of a failure, $3 of a discard, $4 leases at once. */
const expireText = (db: Database): string =>
  `with gone as (
    select token, event_ids, seqs, holder from ${db.table('leases')}
    where until < now() order by token limit $4::integer for update skip locked
  ), done as (
    update ${db.table('jobs')} j set
      status = case when j.lost + 1 >= $1::integer then ${STATUS.discarded} else ${STATUS.failed} end,
      lost = j.lost + 1,
      excused = j.excused + 1,
      due_at = now(),
      failed_at = coalesce(j.failed_at, now()),
      finished_at = case when j.lost + 1 >= $1::integer then now() end,
      last_error = case when j.lost + 1 >= $1::integer then $3 else $2 end
    from gone g cross join lateral unnest(g.event_ids, g.seqs) as l(event_id, seq)
    where j.event_id = l.event_id and j.seq = l.seq and j.lease_token = g.token and j.status = ${STATUS.executing}
    returning j.event_id, j.seq, j.attempt, j.status, j.started_at, j.last_error, g.holder
  ), history as (
    insert into ${db.table('attempts')} (event_id, seq, attempt, state, started_at, ended_at, error, scheduler)
    select event_id, seq, attempt, status, started_at, now(), last_error, holder from done
  ), ended as (
    delete from ${db.table('leases')} l using gone where l.token = gone.token returning l.token
  )
  select (select count(*) from done)::integer as jobs, (select count(*) from ended)::integer as leases`;

/** The sweeper's part: what is due, what its holder lost, and what has become too old. */
export function sweeping(
  db: Database,
  settings: StoreSettings,
): Pick<Store, 'due' | 'expire' | 'discardOlder' | 'destinations'> {
  const { aloneAfter, discardAfter } = settings.poison;
  const leaseExpired = registeredError('FRAGMENT_DELIVERY_LEASE_EXPIRED');
  const workerLost = registeredError(
    'FRAGMENT_DELIVERY_WORKER_LOST',
    `${discardAfter} times while it delivered this job.`,
  );

  const due = db.statement(
    'due',
    `select event_id, seq, lost from ${db.table('jobs')}
     where destination = $1 and finished_at is null and status in ${WAITING} and due_at <= now()
     order by due_at limit $2::integer`,
  );
  const expiry = db.statement('expire', expireText(db));
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
  // From one destination to the next along the index: the backlog of each is skipped, not read.
  const unfinished = db.statement(
    'destinations',
    `with recursive found as (
      (select destination from ${db.table('jobs')} where finished_at is null order by destination limit 1)
      union all
      select (
        select j.destination from ${db.table('jobs')} j
        where j.finished_at is null and j.destination > f.destination order by j.destination limit 1
      ) from found f where f.destination is not null
    )
    select destination from found where destination is not null`,
  );

  return {
    async due({ destination, limit, listSize = DEFAULT_LIST_SIZE }): Promise<readonly JobRef[]> {
      const rows = await db.run<DueRow>(due, [destination, Math.floor(limit)]);
      const size = Math.max(1, Math.floor(listSize));
      const refs = (list: readonly DueRow[], alone: boolean): JobRef[] => {
        const lists: JobRef[] = [];
        for (let i = 0; i < list.length; i += size) {
          lists.push(
            ...refsByDestination(
              list.slice(i, i + size).map((row) => ({ ...row, destination })),
              { alone },
            ),
          );
        }
        return lists;
      };
      return [
        ...refs(
          rows.filter((row) => row.lost < aloneAfter),
          false,
        ),
        ...refs(
          rows.filter((row) => row.lost >= aloneAfter),
          true,
        ),
      ];
    },

    async expire() {
      let jobs = 0;
      for (;;) {
        const [ended] = await db.run<{ jobs: number; leases: number }>(expiry, [
          discardAfter,
          leaseExpired,
          workerLost,
          LEASES_AT_ONCE,
        ]);
        jobs += ended?.jobs ?? 0;
        if ((ended?.leases ?? 0) < LEASES_AT_ONCE) return jobs;
      }
    },

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

    async destinations() {
      const rows = await db.run<{ destination: string }>(unfinished, []);
      return rows.map((row) => row.destination);
    },
  };
}
