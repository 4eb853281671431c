import type { Migration } from './migration.js';

/** How cron triggers ran, and who is running: both are small, and neither is on the way of an event. */
export const runsAndServices: Migration = {
  version: '0005',
  name: 'runs and services',
  async up(trx, table) {
    const statements = [
      `create table ${table('runs')} (
        id uuid primary key,
        source text not null,
        trigger text not null,
        scheduled_at timestamptz not null,
        started_at timestamptz not null,
        finished_at timestamptz,
        by_hand boolean not null,
        events integer,
        event_id uuid,
        error_code text,
        error_message text,
        service uuid not null,
        process text not null
      )`,
      `create index runs_trigger on ${table('runs')} (source, trigger, id)`,
      `create index runs_started on ${table('runs')} using brin (started_at)`,
      `comment on column ${table('runs')}.process is 'host:pid'`,
      `create table ${table('services')} (
        id uuid primary key,
        service text not null,
        application text not null,
        host text not null,
        pid integer not null,
        address text,
        version text,
        started_at timestamptz not null,
        seen_at timestamptz not null
      ) with (fillfactor = 50)`,
    ];
    for (const statement of statements) await trx.raw(statement);
  },
};
