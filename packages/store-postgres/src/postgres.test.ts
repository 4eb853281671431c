import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type Store } from '@fragment/core';
import { requiring, testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import pg from 'pg';
import { postgresStore } from './index.js';
import { codeOf, event, storesOf } from './store.fixture.js';

const WHOLE = { from: '00000000-0000-0000-0000-000000000000', to: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

describe('the options', () => {
  it('are refused all at once, without connecting', () => {
    const make = () =>
      postgresStore({
        connection: 'mysql://localhost',
        schema: 'Bad-Name',
        poolSize: 0,
        statementTimeoutMs: 1.5,
        poison: { aloneAfter: 3, discardAfter: 3 },
      });
    expect(make).toThrow(
      expect.objectContaining({
        code: 'FRAGMENT_CONFIG_INVALID',
        validations: ['connection', 'schema', 'poolSize', 'statementTimeoutMs', 'poison'].map((name) =>
          expect.objectContaining({ path: expect.arrayContaining([name]) as unknown }),
        ) as unknown,
      }),
    );
    expect(() => postgresStore({})).toThrow(expect.objectContaining({ code: 'FRAGMENT_CONFIG_INVALID' }));
  });
});

const describeWithPostgres = await requiring('postgres', describe);

describeWithPostgres('the store on Postgres', () => {
  let database: TestPostgres;
  const stores = storesOf(() => database);
  const { query } = stores;

  beforeAll(async () => {
    database = await testPostgres();
  });
  afterEach(stores.closeAll);
  afterAll(() => database.stop());

  it('tries again when it lost against another transaction', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const hold = `insert into ${schema}.message_keys values ('rest', $1, $2, now())`;
      const held = newId();
      await client.query("set deadlock_timeout = '10s'");
      await client.query('begin');
      await client.query(hold, ['b', held]);
      // Holds a, waits for b; when we then want a, PostgreSQL ends one of the two: the store, which looks first.
      const appending = store.append([event({ messageId: 'a' }), event({ messageId: 'b' })]);
      await waitFor(
        async () =>
          (await query("select 1 from pg_locks where not granted and locktype = 'transactionid'")).length > 0,
      );
      await client.query(hold, ['a', held]);
      await client.query('commit');
      const duplicate = { outcome: 'duplicate', eventId: held };
      expect(await appending).toEqual([duplicate, duplicate]);
    } finally {
      await client.end();
    }
  });

  it('asks once more before it deletes: a job may have been retried since its event was chosen', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    await store.append([event({ source: 'retried' }), event({ source: 'ended' })]);
    const error = { code: 'X', message: 'x' };
    await store.discard({}, { limit: 9, error });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('begin');
      await client.query(
        `update ${schema}.jobs j set status = 0, finished_at = null from ${schema}.events e
         where e.id = j.event_id and e.source = 'retried'`,
      );
      const purging = store.purgeEvents({}, { limit: 9 });
      await waitFor(
        async () =>
          (await query("select 1 from pg_locks where not granted and locktype = 'transactionid'")).length > 0,
        { message: 'the purge to wait for the job' },
      );
      await client.query('commit');
      expect(await purging).toMatchObject({ visited: 2, count: 1 });
    } finally {
      await client.end();
    }
    const left = await store.findEvents({}, {});
    expect(left.items.map(({ source, jobs }) => [source, jobs.length])).toEqual([['retried', 1]]);
  });

  it('asks for keys in one order, whatever order the events come in', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    const [holder, other] = [new pg.Client(database.url), new pg.Client(database.url)];
    await Promise.all([holder.connect(), other.connect()]);
    try {
      const insert = `insert into ${schema}.message_keys values ('rest', $1, $2, now())`;
      await holder.query('begin');
      await holder.query(insert, ['a', newId()]);
      const appending = store.append([event({ messageId: 'b' }), event({ messageId: 'a' })]);
      await waitFor(
        async () =>
          (await query("select 1 from pg_locks where not granted and locktype = 'transactionid'")).length > 0,
      );
      // It waits for a, so it must not have b yet: nobody waits for it.
      await other.query("set lock_timeout = '1s'");
      await other.query('begin');
      await other.query(insert, ['b', newId()]);
      await other.query('rollback');
      await holder.query('rollback');
      expect(await appending).toEqual([{ outcome: 'stored' }, { outcome: 'stored' }]);
    } finally {
      await Promise.all([holder.end(), other.end()]);
    }
  });

  it('looks jobs up by their keys, however little is known of the tables', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    const error = { code: 'HTTP_500', message: 'Internal Server Error' };
    const once = async (ids: readonly string[]): Promise<void> => {
      const ref = { destination: 'webhook', ids: ids.map((id) => `${id}.0`) };
      const jobs = await store.lease({ ref, actions: ['track'], limit: 1_000, leaseMs: 60_000 });
      expect(jobs).toHaveLength(ids.length);
      const half = jobs.slice(0, ids.length / 2);
      await store.release(jobs.slice(half.length));
      const ended = { outcome: 'failed', error, retryInMs: 60_000, countsAsAttempt: true } as const;
      await store.settle(half.map(({ id, token, attempt }) => ({ id, token, attempt, ...ended })));
    };
    const append = async (count: number): Promise<readonly string[]> => {
      const events = Array.from({ length: count }, () => event());
      await store.append(events);
      return events.map(({ id }) => id);
    };
    // From here on the statements have plans, made for tables of two rows.
    await once(await append(2));
    const ids = await append(4_000);
    await once(ids.filter((_, at) => at % 40 === 0));
    await store.close();
    const connections =
      "select from pg_stat_activity where application_name = 'fragment' and datname = current_database()";
    await waitFor(async () => (await query(connections)).length === 0, { message: 'the counts' });
    const [jobs] = await query<{ read: number }>(
      `select idx_tup_read::integer as read from pg_stat_user_indexes where schemaname = '${schema}' and indexrelname = 'jobs_pkey'`,
    );
    expect(jobs?.read).toBeGreaterThan(100);
    expect(jobs?.read).toBeLessThan(1_000);
  });

  it('is unavailable, not stuck, while a lock is in its way', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema, statementTimeoutMs: 200 });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('begin');
      await client.query(`lock table ${schema}.events`);
      expect(await codeOf(() => store.append([event()]))).toBe('FRAGMENT_STORE_UNAVAILABLE');
      expect(await codeOf(() => store.findEvents({}, {}))).toBe('FRAGMENT_STORE_UNAVAILABLE');
    } finally {
      await client.end();
    }
    expect(await store.append([event()])).toEqual([{ outcome: 'stored' }]);
  });

  it('is unavailable where nothing listens, and once it is closed', async () => {
    const away = stores.make({ connection: 'postgresql://nobody@127.0.0.1:1/nothing' });
    for (const work of [
      () => away.append([event()]),
      () => away.ping(),
      () => away.findEvents({}, {}),
      () => away.migrate(),
      () => away.stats(),
    ]) {
      await expect(work()).rejects.toMatchObject({
        code: 'FRAGMENT_STORE_UNAVAILABLE',
        status: 503,
        retryAfterSeconds: 2,
      });
    }
    const store = await stores.migrated();
    await Promise.all([store.close(), store.close()]);
    expect(await codeOf(() => store.append([event()]))).toBe('FRAGMENT_STORE_UNAVAILABLE');
    expect(await codeOf(() => store.findEvents({}, {}))).toBe('FRAGMENT_STORE_UNAVAILABLE');
  });

  it("keeps an ended lease its holder's until it is swept", async () => {
    const store = await stores.migrated();
    await store.append([event(), event()]);
    const request = { ref: { destination: 'webhook', ...WHOLE }, actions: ['track'], limit: 1, leaseMs: 0 };
    const [first] = await store.lease(request);
    const [second] = await store.lease(request);
    expect(await store.renew([first!.token], 60_000)).toEqual([]);
    expect(await store.settle([{ ...second!, outcome: 'succeeded' }])).toMatchObject({ refused: [] });
    expect(await store.expire()).toBe(0);
    expect(await store.settle([{ ...first!, outcome: 'succeeded' }])).toMatchObject({ refused: [] });
  });

  it('forgets services that were not heard of for a day, by the clock of the database', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    const entry = { application: 'shop', host: 'box', pid: 1, startedAt: new Date(0) };
    const [old, silent] = [newId(), newId()];
    await store.announce([
      { ...entry, id: old, service: 'gateway' },
      { ...entry, id: silent, service: 'scheduler' },
    ]);
    const age = `update ${schema}.services set seen_at = now() - $2::interval where id = $1`;
    await query(age, [old, '25 hours']);
    await query(age, [silent, '31 seconds']);
    const told = async () =>
      (await store.services({ goneAfterMs: 30_000 })).map(({ id, gone }) => [id, gone]);
    expect(await told()).toEqual([[silent, true]]);
    await store.purge({ dedupMs: 1e9, rejectionsMs: 1e9, statisticsMs: 1e9 });
    expect(await query(`select id from ${schema}.services`)).toEqual([{ id: silent }]);
    await store.announce([{ ...entry, id: silent, service: 'scheduler' }]);
    expect(await told()).toEqual([[silent, false]]);
  });

  it('forgets a lease once its last job is settled or released', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    await store.append(Array.from({ length: 3 }, () => event()));
    const [a, b, c] = await store.lease({
      ref: { destination: 'webhook', ...WHOLE },
      actions: ['track'],
      limit: 9,
      leaseMs: 60_000,
    });
    const open = () => query(`select open from ${schema}.leases`);
    expect(await open()).toEqual([{ open: 3 }]);
    await store.settle([{ ...a!, outcome: 'succeeded' }]);
    expect(await open()).toEqual([{ open: 2 }]);
    await store.release([b!]);
    await store.settle([{ ...c!, outcome: 'succeeded' }]);
    expect(await open()).toEqual([]);
  });

  it.each(['erased', 'purged'])('holds nothing of what went over the wire once it is %s', async (how) => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    const receivedAt = new Date(Date.now() - 86_400_000);
    await store.append([event({ userId: 'ada', receivedAt })]);
    const ref = { destination: 'webhook', ...WHOLE };
    const lease = () => store.lease({ ref, actions: ['track'], limit: 9, leaseMs: 60_000 });
    const exchange = { status: 200, request: 'POST / {"email":"needle"}', response: '{"found":"needle"}' };
    const [first] = await lease();
    const error = { code: 'BUSY', message: 'Busy.', ...exchange };
    await store.settle([{ ...first!, outcome: 'failed', error, retryInMs: 0, countsAsAttempt: true }]);
    const [second] = await lease();
    await store.settle([{ ...second!, outcome: 'succeeded', exchange }]);
    const dump = async (): Promise<string> => {
      const tables = await query<{ name: string }>(
        'select table_name as name from information_schema.tables where table_schema = $1',
        [schema],
      );
      const rows = tables.map(({ name }) => query(`select to_jsonb(t) as row from ${schema}.${name} t`));
      return JSON.stringify(await Promise.all(rows));
    };
    expect((await dump()).match(/needle/g)).toHaveLength(4);
    const keepMs = { dedupMs: 1e9, rejectionsMs: 1e9, statisticsMs: 1e9 };
    if (how === 'erased') await store.erase('ada', { actor: 'jane' });
    else await store.purge({ ...keepMs, eventsMs: 3_600_000 });
    expect(await dump()).not.toContain('needle');
    expect(await query(`select * from ${schema}.attempts`)).toEqual([]);
  });

  it('says nothing of when an event was stored that is from before this was kept', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    const old = event();
    await store.append([old]);
    await query(`update ${schema}.events set ingested_at = null`);
    expect(await store.findEvent(old.id)).not.toHaveProperty('ingestedAt');
    const [acknowledged, awaiting] = await store.findTransitions(`${old.id}.0`);
    expect([acknowledged?.createdAt, awaiting?.createdAt]).toEqual([old.receivedAt, old.receivedAt]);
  });

  it('leases a job without leaving its page or touching an index', async () => {
    const schema = stores.schema();
    const store = await stores.migrated({ schema });
    await store.append(Array.from({ length: 10 }, () => event()));
    const all = { ref: { destination: 'webhook', ...WHOLE }, actions: ['track'], limit: 10, leaseMs: 60_000 };
    expect(await store.lease(all)).toHaveLength(10);
    const [updates] = await waitFor(async () => {
      const counted = await query<{ all: number; inPlace: number }>(
        `select n_tup_upd::integer as all, n_tup_hot_upd::integer as "inPlace"
         from pg_stat_user_tables where schemaname = $1 and relname = 'jobs' and n_tup_upd > 0`,
        [schema],
      );
      return counted.length > 0 ? counted : undefined;
    });
    expect(updates).toEqual({ all: 10, inPlace: 10 });
  });

  it('uses a pool that it is given, also for two schemas, and leaves it open', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    try {
      for (const schema of [stores.schema(), stores.schema()]) {
        const store = postgresStore({ pool, schema });
        await store.migrate();
        expect(await store.append([event()])).toEqual([{ outcome: 'stored' }]);
        expect((await store.findEvents({}, {})).count).toBe(1);
        await store.close();
      }
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      expect(pool.listenerCount('error')).toBe(0);
    } finally {
      await pool.end();
    }
  });
});

describeWithPostgres('the store on a Postgres that fails', () => {
  let database: TestPostgres;
  let store: Store;
  const stores = storesOf(() => database);

  beforeAll(async () => {
    database = await testPostgres({ own: true });
    store = stores.make({ connectTimeoutMs: 300, statementTimeoutMs: 500 });
    await store.migrate();
  });
  afterAll(async () => {
    await stores.closeAll();
    await database.stop();
  });

  it('goes on after its connections were killed, with statements prepared anew', async () => {
    await store.append([event()]);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'fragment%'",
    );
    await client.end();
    await waitFor(async () => (await store.append([event()])).length === 1);
    expect(await store.append([event()])).toEqual([{ outcome: 'stored' }]);
    await store.findEvents({}, {});
  });

  it('is unavailable within its deadlines while Postgres is frozen, and goes on after', async () => {
    await store.ping();
    await database.pause();
    try {
      const codes = await Promise.all(
        [
          () => store.append([event()]),
          () => store.ping(),
          () => store.findEvents({}, {}),
          () => store.lanes(),
        ].map(codeOf),
      );
      expect(new Set(codes)).toEqual(new Set(['FRAGMENT_STORE_UNAVAILABLE']));
    } finally {
      await database.resume();
    }
    await waitFor(async () => (await store.append([event()])).length === 1);
    await waitFor(() => store.findEvents({}, {}));
  });

  it('keeps what it answered for when Postgres crashes', async () => {
    const durable = event({ messageId: 'kept' });
    await store.append([durable]);
    await database.kill();
    expect(await codeOf(() => store.append([event()]))).toBe('FRAGMENT_STORE_UNAVAILABLE');
    await database.restart();
    await waitFor(async () => (await store.append([event()])).length === 1);
    expect(await store.append([event({ messageId: 'kept' })])).toEqual([
      { outcome: 'duplicate', eventId: durable.id },
    ]);
  });
});
