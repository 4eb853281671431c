import { testPostgres, type TestPostgres } from '@fragment/testing';
import { Client } from 'pg';

/** What an application asked of its database. */
export interface DatabaseLoad {
  readonly statements: number;
  /** Inserted, updated and deleted. */
  readonly rows: number;
  readonly walBytes: number;
  /** Milliseconds that the statements took. */
  readonly busyMs: number;
}

export interface LoadByPart {
  /** Taking events in. */
  readonly intake: DatabaseLoad;
  /** Everything else of the store: leases, results, lanes, sweeps. */
  readonly delivery: DatabaseLoad;
  /** The queue, if it is in this database. */
  readonly queue: DatabaseLoad;
}

/** A server of its own that counts what each statement does. */
export async function countingPostgres(o: { readonly durable?: boolean } = {}): Promise<TestPostgres> {
  const database = await testPostgres({
    ...o,
    settings: { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'top' },
  });
  await connected(database, (client) => client.query('create extension pg_stat_statements'));
  return database;
}

/**
 * What the application of this schema did, the only one since this was last asked: the server counts the same
 * statement of two schemas as one. It has to have stopped: connections tell their counts of rows when they end.
 */
export const loadOf = (database: TestPostgres, schema: string): Promise<LoadByPart> =>
  connected(database, async (client) => {
    const { rows } = await client.query<LoadRow>(LOAD, [schema]);
    await client.query('select pg_stat_statements_reset(), pg_stat_reset()');
    const load = (part: keyof LoadByPart): DatabaseLoad => {
      const row = rows.find((one) => one.part === part);
      return {
        statements: row?.statements ?? 0,
        rows: row?.rows ?? 0,
        walBytes: row?.wal_bytes ?? 0,
        busyMs: Math.round(row?.busy_ms ?? 0),
      };
    };
    return { intake: load('intake'), delivery: load('delivery'), queue: load('queue') };
  });

async function connected<T>(database: TestPostgres, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

interface LoadRow {
  readonly part: keyof LoadByPart;
  readonly statements: number;
  readonly rows: number;
  readonly wal_bytes: number;
  readonly busy_ms: number;
}

/**
 * Only what takes events in knows of message keys; of the tables that it writes, deliveries only ever update the jobs.
 * The queue's statements are those that are not the store's.
 */
const LOAD = `
  with asked as (
    select case when query not like '%"' || $1 || '"%' then 'queue' when query like '%message_keys%' then 'intake' else 'delivery' end as part,
      sum(calls)::integer as statements, sum(wal_bytes)::float8 as wal_bytes, sum(total_exec_time) as busy_ms
    from pg_stat_statements
    where query !~* '^(create|alter|comment|drop)' and query not like '%pg_stat%'
    group by 1
  ), written as (
    select sum(n_tup_ins) filter (where schemaname = $1 and relname in ('events', 'message_keys', 'jobs')) as intake,
      sum(n_tup_ins + n_tup_upd + n_tup_del) filter (where schemaname = $1) as store,
      sum(n_tup_ins + n_tup_upd + n_tup_del) filter (where schemaname <> $1) as queue
    from pg_stat_user_tables
  )
  select part, statements, wal_bytes, busy_ms,
    (case part when 'intake' then intake when 'delivery' then store - intake else queue end)::integer as rows
  from asked cross join written`;
