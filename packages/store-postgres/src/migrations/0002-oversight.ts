import type { Migration } from './migration.js';

type Table = (name: string) => string;

/**
 * Looking for a user, a message or a name must not read every event there is. Trees of what comes in at random would make
 * an append a sixth dearer; this one remembers, of every 64 pages, what may be in them, and costs next to nothing.
 * Its rows have to fit into a page, hence the numbers: 1,000 ids of 14 bits each, three times.
 */
const search = (table: Table): string[] => {
  const ids = 'text_bloom_ops(n_distinct_per_range = 1000, false_positive_rate = 0.001)';
  const names = 'text_bloom_ops(n_distinct_per_range = 128)';
  const few = 'text_bloom_ops(n_distinct_per_range = 16)';
  const options = 'pages_per_range = 64, autosummarize = on';
  return [
    `create index events_search on ${table('events')}
      using brin (user_id ${ids}, anonymous_id ${ids}, message_id ${ids}, name ${names}, source ${few}, type ${few})
      with (${options})`,
    // A destination that has few jobs yet must not be looked for among those of the others.
    `create index jobs_search on ${table('jobs')} using brin (destination ${few}) with (${options})`,
  ];
};

/** PostgreSQL 13 knows no such index. */
const searchBefore14 = (table: Table): string[] =>
  ['user_id', 'anonymous_id', 'message_id', 'name'].map(
    (column) => `create index on ${table('events')} (${column}, id) where ${column} is not null`,
  );

const users = (table: Table): string[] => [
  `create index events_alias on ${table('events')} (id) where type = 'alias'`,
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
  `comment on column ${table('statistics')}.span is 'm: a minute; t: ten minutes, h: an hour, for long ranges'`,
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
    const { rows } = await trx.raw<{ rows: { version: number }[] }>(
      "select current_setting('server_version_num')::integer as version",
    );
    const bloom = (rows[0]?.version ?? 0) >= 140_000;
    const searches = bloom ? search(table) : searchBefore14(table);
    for (const statement of [...searches, ...users(table), ...statistics(table), ...orders(table)])
      await trx.raw(statement);
  },
};
