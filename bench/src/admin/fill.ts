import pg from 'pg';
import { DESTINATIONS } from '../part.js';

export interface Filled {
  readonly events: number;
  readonly jobs: number;
  /** The size of the tables and their indexes, in megabytes. */
  readonly megabytes: number;
  readonly seconds: number;
}

const DAYS = 30;
/** Rows of one statement: the progress is visible, and no statement works on more than the memory holds. */
const CHUNK = 100_000;

/**
 * Events $1 to $2 of $3, evenly over the last 30 days. An id is a uuidv7 of its time, as the gateway makes them. Every
 * tenth event has no user id yet; a user has some ten events.
 */
const EVENTS = `
  insert into fragment.events
    (id, source, trigger, type, message_id, user_id, anonymous_id, name, timestamp, sent_at, received_at, ingested_at, data)
  select id, 'rest', type, type, 'fill-' || n, case when n % 10 > 0 then 'user-' || (hashint8(n) & 131071) end,
    'device-' || (hashint8(n) & 262143), case type when 'track' then (array['Order Completed', 'Product Viewed', 'Signed Up'])[1 + n % 3] end,
    at, at, at, at + interval '3 ms',
    '{"type":"' || type || '","messageId":"fill-' || n || '","properties":{"order_id":"50314b8e9bcf' || n || '","total":27.5,"products":["' || repeat('Monopoly: 3rd Edition ', 25) || '"]}}'
  from (
    select n, at, (array['track', 'track', 'track', 'identify', 'page'])[1 + n % 5] as type,
      (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || left(md5(n::text), 3) || '8' || right(md5(n::text), 15))::uuid as id
    from (select n, now() - interval '${DAYS} days' * (1 - n / $3::float8) as at from generate_series($1::bigint, $2::bigint) n) of_time
  ) made`;

/** Per event and destination one job: 95 in 100 delivered, 3 discarded for one of 6 reasons, 1 failed, 1 waiting. */
const JOBS = `
  insert into fragment.jobs
    (event_id, seq, destination, action, status, attempt, due_at, started_at, failed_at, finished_at, last_error)
  select e.id, d.seq, d.name, e.type, f.status, f.attempt,
    case when f.finished then e.received_at else now() + interval '1 day' * (1 + random()) end,
    case when f.attempt > 0 then e.received_at + interval '20 ms' end,
    case when f.status in (3, 4) then e.received_at + interval '150 ms' end,
    case when f.finished then e.received_at + interval '150 ms' end,
    case when f.status in (3, 4) then '{"code":"' || (array['invalid_email', 'unknown_field', 'FRAGMENT_DELIVERY_TIMEOUT', 'rate_limited', 'forbidden', 'too_old'])[1 + f.hash % 6]
      || '","message":"The vendor said no to user-' || f.hash || '.","status":400}' end
  from fragment.events e
  cross join (values ${DESTINATIONS.map((name, seq) => `(${seq}::smallint, '${name}')`).join(', ')}) d(seq, name)
  cross join lateral (select hashtext(e.id::text || d.seq) & 65535 as hash) h
  cross join lateral (
    select h.hash, case when h.hash % 100 < 95 then 2 when h.hash % 100 < 98 then 4 when h.hash % 100 < 99 then 3 else 0 end as status,
      case when h.hash % 100 < 99 then 1 else 0 end as attempt, h.hash % 100 < 98 as finished
  ) f
  where e.id >= $1::uuid`;

const KEYS = `
  insert into fragment.message_keys (source, message_id, event_id, seen_at)
  select source, message_id, id, received_at from fragment.events where received_at > now() - interval '7 days'`;

const ATTEMPTS = `
  insert into fragment.attempts (event_id, seq, attempt, state, started_at, ended_at, error, http_status)
  select event_id, seq, attempt, status, started_at, failed_at, last_error, 400 from fragment.jobs where last_error is not null`;

/** Minutes and tens of minutes of 8 days, and hours of 30, as the statistics keep them: 6 ingest tallies, and 10 buckets for each of 18 delivery tallies. */
const STATISTICS = `
  insert into fragment.statistics (span, at, kind, part, label, result, bucket, count)
  select s.span::"char", s.at, t.kind::"char", t.part, t.label, t.result, t.bucket, 1 + (hashint8(extract(epoch from s.at)::bigint) & 15)
  from (
    select 'm' as span, at from generate_series(date_trunc('minute', now() - interval '8 days'), now(), '1 minute') at
    union all select 't', at from generate_series(date_bin('10 minutes', now() - interval '8 days', 'epoch'), now(), '10 minutes') at
    union all select 'h', at from generate_series(date_trunc('hour', now() - interval '${DAYS} days'), now(), '1 hour') at
  ) s
  cross join (
    select 'i' as kind, 'rest' as part, type as label, result, -1 as bucket
    from unnest(array['track', 'identify', 'page']) type, unnest(array['stored', 'duplicate']) result
    union all
    select 'd', destination, action, result, bucket
    from unnest($1::text[]) destination, unnest(array['track', 'identify', 'page']) action,
      unnest(array['succeeded', 'discarded']) result, generate_series(5, 14) bucket
  ) t`;

const REJECTIONS = `
  insert into fragment.rejections (source, trigger, received_at, index, message_id, type, code, message, data)
  select 'rest', 'track', now() - interval '1 minute' * n, 0, 'bad-' || n, 'track', 'FRAGMENT_INGEST_INVALID', 'Bad Request', '{"type":"track"}'
  from generate_series(1, 20000) n`;

/** Fills the migrated, empty tables of a database: as many events, three jobs each, 30 days of both. */
export async function fill(url: string, events: number): Promise<Filled> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const begin = performance.now();
  try {
    await client.query('set synchronous_commit = off; set jit = off');
    for (let from = 1; from <= events; from += CHUNK) {
      const to = Math.min(events, from + CHUNK - 1);
      const newest = await client.query<{ id: string }>(
        'select id from fragment.events order by id desc limit 1',
      );
      await client.query(EVENTS, [from, to, events]);
      const after = newest.rows[0]?.id;
      await client.query(after === undefined ? JOBS : JOBS.replace('>=', '>'), [
        after ?? '00000000-0000-0000-0000-000000000000',
      ]);
      process.stderr.write(`${to.toLocaleString('en-US')} events\n`);
    }
    await client.query(KEYS);
    await client.query(ATTEMPTS);
    await client.query(STATISTICS, [[...DESTINATIONS]]);
    await client.query(REJECTIONS);
    await client.query('vacuum analyze');
    await client.query('checkpoint');
    const { rows } = await client.query<{ events: string; jobs: string; bytes: string }>(
      `select (select count(*) from fragment.events) as events, (select count(*) from fragment.jobs) as jobs,
         (select sum(pg_total_relation_size(c.oid)) from pg_class c where relnamespace = 'fragment'::regnamespace and relkind = 'r') as bytes`,
    );
    return {
      events: Number(rows[0]?.events),
      jobs: Number(rows[0]?.jobs),
      megabytes: Number(rows[0]?.bytes) / 1e6,
      seconds: (performance.now() - begin) / 1_000,
    };
  } finally {
    await client.end();
  }
}
