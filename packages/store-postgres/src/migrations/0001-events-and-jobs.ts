import type { Migration } from './migration.js';

type Table = (name: string) => string;

const events = (table: Table): string[] => [
  `create table ${table('events')} (
    id uuid primary key,
    parent_event_id uuid,
    source text not null,
    trigger text not null,
    version text,
    type text,
    message_id text,
    user_id text,
    anonymous_id text,
    name text,
    timestamp timestamptz not null,
    original_timestamp timestamptz,
    sent_at timestamptz,
    received_at timestamptz not null,
    data text not null,
    envelope text,
    plan_error text
  )`,
  `create index events_parent on ${table('events')} (parent_event_id) where parent_event_id is not null`,
  `create index events_plan_error on ${table('events')} (id) where plan_error is not null`,
  // Rows come in the order of their receipt, so block ranges find the old ones at next to no cost.
  `create index events_received on ${table('events')} using brin (received_at)`,
  `create table ${table('message_keys')} (
    source text not null,
    message_id text not null,
    event_id uuid not null,
    seen_at timestamptz not null,
    primary key (source, message_id)
  )`,
  `create index message_keys_seen on ${table('message_keys')} using brin (seen_at)`,
];

/**
 * A lease changes no indexed column, so its update stays on the page (HOT): hence the room left by the fillfactor, and
 * hence `finished_at`, which only the end of a job sets, in the indexes' conditions where the status would be natural.
 */
const jobs = (table: Table): string[] => [
  `create table ${table('jobs')} (
    event_id uuid not null,
    seq smallint not null,
    destination text not null,
    action text not null,
    version text,
    data text,
    status smallint not null default 0,
    lost smallint not null default 0,
    depth smallint not null default 0,
    parent_seq smallint,
    attempt integer not null default 0,
    excused integer not null default 0,
    order_key bigint,
    due_at timestamptz not null,
    created_at timestamptz,
    renewed_at timestamptz,
    started_at timestamptz,
    failed_at timestamptz,
    finished_at timestamptz,
    lease_token uuid,
    last_error text,
    primary key (event_id, seq)
  ) with (fillfactor = 55, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)`,
  `comment on column ${table('jobs')}.excused is 'tries that used up no retry'`,
  `comment on column ${table('jobs')}.created_at is 'null: with its event, at its receipt'`,
  `comment on column ${table('jobs')}.renewed_at is 'an operator retried it: its age counts from here'`,
  `comment on column ${table('jobs')}.failed_at is 'its first failure'`,
  `create index jobs_due on ${table('jobs')} (destination, due_at) where finished_at is null`,
  `create index jobs_order on ${table('jobs')} (destination, order_key, event_id, seq)
    where finished_at is null and order_key is not null`,
  // What an operator looks for: failed, unknown and discarded jobs all have their reason.
  `create index jobs_error on ${table('jobs')} (event_id, seq) where last_error is not null`,
  `create table ${table('attempts')} (
    event_id uuid not null,
    seq smallint not null,
    n bigint generated always as identity,
    attempt integer not null,
    state smallint not null,
    started_at timestamptz,
    ended_at timestamptz not null,
    error text,
    http_status smallint,
    request text,
    response text,
    scheduler text,
    primary key (event_id, seq, n)
  )`,
  `create table ${table('leases')} (
    token uuid primary key,
    destination text not null,
    until timestamptz not null,
    event_ids uuid[] not null,
    seqs smallint[] not null,
    open integer not null,
    alone boolean not null,
    holder text not null
  ) with (fillfactor = 70)`,
];

const coordination = (table: Table): string[] => [
  `create table ${table('lanes')} (
    destination text primary key,
    state text not null,
    reason text,
    until timestamptz,
    failures integer not null,
    updated_at timestamptz not null
  ) with (fillfactor = 50)`,
  `create table ${table('locks')} (
    name text primary key,
    owner uuid not null,
    until timestamptz not null
  ) with (fillfactor = 50)`,
  `create table ${table('rejections')} (
    id bigint generated always as identity primary key,
    source text not null,
    trigger text not null,
    received_at timestamptz not null,
    index integer,
    message_id text,
    type text,
    code text not null,
    message text not null,
    validations text,
    data text
  )`,
  `create index rejections_received on ${table('rejections')} (received_at)`,
];

export const eventsAndJobs: Migration = {
  version: '0001',
  name: 'events and jobs',
  async up(trx, table) {
    for (const statement of [...events(table), ...jobs(table), ...coordination(table)])
      await trx.raw(statement);
  },
};
