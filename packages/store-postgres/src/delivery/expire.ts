import type { Store } from '@fragment/core';
import { registeredError } from '../binding/errors.js';
import { STATUS } from '../binding/statuses.js';
import type { Database } from '../connection/database.js';
import type { StoreSettings } from '../options.js';

const LEASES_AT_ONCE = 50;

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

/**
 * Takes back what its holder lost: that process died, or hung for longer than its lease. The jobs keep the time at which
 * they became due, so they come before whatever became due since.
 */
export function expiring(db: Database, { poison }: StoreSettings): Pick<Store, 'expire'> {
  const statement = db.statement('expire', expireText(db));
  const leaseExpired = registeredError('FRAGMENT_DELIVERY_LEASE_EXPIRED');
  const workerLost = registeredError(
    'FRAGMENT_DELIVERY_WORKER_LOST',
    `${poison.discardAfter} times while it delivered this job.`,
  );
  return {
    async expire() {
      let jobs = 0;
      for (;;) {
        const [ended] = await db.run<{ jobs: number; leases: number }>(statement, [
          poison.discardAfter,
          leaseExpired,
          workerLost,
          LEASES_AT_ONCE,
        ]);
        jobs += ended?.jobs ?? 0;
        if ((ended?.leases ?? 0) < LEASES_AT_ONCE) return jobs;
      }
    },
  };
}
