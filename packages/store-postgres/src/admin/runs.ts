import { RUN_LOST_MS, type RunEntry, type RunRecord, type RunState, type Store } from '@fragment/core';
import { withoutNul } from '../binding/arrays.js';
import { defined } from '../binding/defined.js';
import type { Database } from '../connection/database.js';
import type { AdminDatabase } from './admin-database.js';
import { newestFirst } from './newest-first.js';

interface RunRow {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  readonly scheduled_at: Date;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly by_hand: boolean;
  readonly events: number | null;
  readonly event_id: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly service: string;
  readonly process: string;
  /** It is too old still to run. */
  readonly old: boolean;
}

const COLUMNS = `t.*, t.started_at < now() - ${RUN_LOST_MS} * interval '1 ms' as old`;

function stateOf({ finished_at: finishedAt, error_code: code, old }: RunRow): RunState {
  if (finishedAt === null) return old ? 'lost' : 'running';
  return code === null ? 'succeeded' : 'failed';
}

const toRecord = (row: RunRow): RunRecord =>
  defined<RunRecord>({
    id: row.id,
    source: row.source,
    trigger: row.trigger,
    scheduledAt: row.scheduled_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    state: stateOf(row),
    byHand: row.by_hand,
    events: row.events,
    eventId: row.event_id,
    error: row.error_code === null ? undefined : { code: row.error_code, message: row.error_message ?? '' },
    service: row.service,
    process: row.process,
  });

const valuesOf = (run: RunEntry) => [
  run.id,
  run.source,
  run.trigger,
  run.scheduledAt.toISOString(),
  run.startedAt.toISOString(),
  run.finishedAt?.toISOString() ?? null,
  run.byHand,
  run.events ?? null,
  run.eventId ?? null,
  run.error ? withoutNul(run.error.code) : null,
  run.error ? withoutNul(run.error.message) : null,
  run.service,
  run.process,
];

/** How cron triggers ran: a row each, written when it begins and when it ends. */
export function runsOf(db: Database, admin: AdminDatabase): Pick<Store, 'setRun' | 'findRuns' | 'lastRuns'> {
  const runs = db.table('runs');
  const write = db.statement(
    'set_run',
    `insert into ${runs} as r (id, source, trigger, scheduled_at, started_at, finished_at, by_hand, events, event_id,
       error_code, error_message, service, process)
     values ($1::uuid, $2, $3, $4::timestamptz, $5::timestamptz, $6::timestamptz, $7::boolean, $8::integer, $9::uuid,
       $10, $11, $12::uuid, $13)
     on conflict (id) do update set finished_at = excluded.finished_at, events = excluded.events,
       event_id = excluded.event_id, error_code = excluded.error_code, error_message = excluded.error_message
     where r.finished_at is null`,
  );
  const newest = newestFirst<RunRow, RunRecord>(admin, 'runs', {
    id: 'uuid',
    map: toRecord,
    columns: COLUMNS,
  });
  return {
    async setRun(run) {
      await db.run(write, valuesOf(run));
    },
    findRuns: ({ source, trigger }, page) => newest(page, { source, trigger }),
    async lastRuns(of) {
      if (of.length === 0) return [];
      const rows = await admin.raw<RunRow>(
        `select last.* from unnest(?::text[], ?::text[]) as wanted (source, trigger) cross join lateral
           (select ${COLUMNS} from ${runs} t where t.source = wanted.source and t.trigger = wanted.trigger
            order by t.id desc limit 1) as last`,
        [of.map(({ source }) => source), of.map(({ trigger }) => trigger)],
      );
      return rows.map(toRecord);
    },
  };
}
