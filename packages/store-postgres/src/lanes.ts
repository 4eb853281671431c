import type { LaneRow, LaneState, Store } from '@fragment/core';
import { withoutNul } from './binding/arrays.js';
import { defined } from './binding/defined.js';
import type { Database } from './connection/database.js';

interface StoredLane {
  readonly destination: string;
  readonly state: LaneState;
  readonly reason: string | null;
  readonly until: Date | null;
  readonly failures: number;
  readonly updated_at: Date;
}

const toLane = (row: StoredLane): LaneRow =>
  defined<LaneRow>({
    destination: row.destination,
    state: row.state,
    reason: row.reason,
    until: row.until,
    failures: row.failures,
    updatedAt: row.updated_at,
  });

export function lanesOf(db: Database): Pick<Store, 'lanes' | 'setLane'> {
  const lanes = db.table('lanes');
  const list = db.statement('lanes', `select * from ${lanes} order by destination`);
  // $6 is the state expected, null for any. An absent lane counts as open, so only then may a row be made.
  const write = db.statement(
    'set_lane',
    `insert into ${lanes} as l (destination, state, reason, until, failures, updated_at)
     select $1, $2, $3, $4::timestamptz, $5::integer, now()
     where $6::text is null or $6::text = 'open' or exists (select from ${lanes} where destination = $1)
     on conflict (destination) do update set state = excluded.state, reason = excluded.reason, until = excluded.until,
       failures = excluded.failures, updated_at = excluded.updated_at
     where $6::text is null or l.state = $6::text
     returning destination`,
  );
  return {
    async lanes() {
      return (await db.run<StoredLane>(list, [])).map(toLane);
    },
    async setLane({ destination, state, reason, until, failures }, o = {}) {
      const written = await db.run(write, [
        destination,
        state,
        reason === undefined ? null : withoutNul(reason),
        until?.toISOString() ?? null,
        failures,
        o.expect ?? null,
      ]);
      return written.length > 0;
    },
  };
}
