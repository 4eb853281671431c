import type { Migration } from './migration.js';

type Table = (name: string) => string;

const users = (table: Table): string[] => [
  // Looking a user up, and erasing one, must not read every event there is.
  `create index events_user on ${table('events')} (user_id, id) where user_id is not null`,
  `create index events_anonymous on ${table('events')} (anonymous_id, id) where anonymous_id is not null`,
  `create table ${table('erasures')} (
    id uuid primary key,
    at timestamptz not null,
    actor text not null,
    subject text not null,
    events integer not null,
    jobs integer not null,
    attempts integer not null,
    keys integer not null,
    rejections integer not null
  )`,
  `comment on column ${table('erasures')}.subject is 'sha256 of the id, in hex'`,
];

/** A row per bucket that is not empty: few, and added up by grouping alone. */
const statistics = (table: Table): string[] => [
  `create table ${table('statistics')} (
    span "char" not null,
    at timestamptz not null,
    kind "char" not null,
    part text not null,
    label text not null,
    result text not null,
    bucket smallint not null,
    count bigint not null,
    primary key (span, at, kind, part, label, result, bucket)
  ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)`,
  `comment on column ${table('statistics')}.span is 'm: a minute; h: an hour, for long ranges'`,
  `comment on column ${table('statistics')}.kind is 'i: ingest, part is a source, label a type; d: delivery, destination and action'`,
];

const orders = (table: Table): string[] => [
  `create table ${table('bulks')} (
    id uuid primary key,
    kind text not null,
    filter text not null,
    rate float8,
    state text not null,
    total integer not null,
    total_is_capped boolean not null,
    done bigint not null,
    visited bigint not null,
    cursor text,
    actor text not null,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    error text
  )`,
  `create index bulks_open on ${table('bulks')} (created_at) where finished_at is null`,
  `create table ${table('audit')} (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    target text,
    count integer,
    outcome text not null
  )`,
];

export const oversight: Migration = {
  version: '0002',
  name: 'oversight',
  async up(trx, table) {
    for (const statement of [...users(table), ...statistics(table), ...orders(table)])
      await trx.raw(statement);
  },
};
