import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { isFragmentError, newId, type ErrorCode, type PlannedEvent, type Store } from '@fragment/core';
import { requiring, testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { postgresStore, type PostgresStoreOptions } from './index.js';

const WHOLE = { from: '00000000-0000-0000-0000-000000000000', to: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

const event = (fields: Partial<PlannedEvent> = {}): PlannedEvent => {
  const now = new Date();
  const jobs = [{ seq: 0, destination: 'webhook', action: 'track' }];
  return {
    id: newId(),
    source: 'rest',
    trigger: 'http',
    timestamp: now,
    receivedAt: now,
    data: '{}',
    jobs,
    ...fields,
  };
};

const codeOf = async (work: () => Promise<unknown>): Promise<ErrorCode | undefined> => {
  try {
    await work();
  } catch (error) {
    if (isFragmentError(error)) return error.code;
    throw error;
  }
  return undefined;
};

/** An own schema in the file's database for each store, and every store closed at the end of its test. */
function storesOf(database: () => TestPostgres) {
  const open: Store[] = [];
  let schemas = 0;
  return {
    schema: () => `test_${++schemas}`,
    make(options: Partial<PostgresStoreOptions> = {}): Store {
      const store = postgresStore({ connection: database().url, ...options });
      open.push(store);
      return store;
    },
    async migrated(options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
      const store = this.make({ schema: this.schema(), ...options });
      await store.migrate();
      return store;
    },
    closeAll: async () => void (await Promise.all(open.splice(0).map((store) => store.close()))),
  };
}

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

  beforeAll(async () => {
    database = await testPostgres();
  });
  afterEach(stores.closeAll);
  afterAll(() => database.stop());

  const query = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  };

  /** Everything that makes up a schema, as text that is equal when the schemas are. */
  const checksum = async (schema: string): Promise<string> => {
    const columns = await query(
      'select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema = $1 order by 1, 2',
      [schema],
    );
    const indexes = await query(
      'select indexname, indexdef from pg_indexes where schemaname = $1 order by 1',
      [schema],
    );
    return JSON.stringify([columns, indexes]).replaceAll(schema, 'SCHEMA');
  };

  describe('migrations', () => {
    it('are listed before they ran, and their absence has a name', async () => {
      const store = stores.make({ schema: stores.schema() });
      expect(await store.migrations()).toEqual([{ version: '0001', name: 'events and jobs' }]);
      expect(await codeOf(() => store.append([event()]))).toBe('FRAGMENT_STORE_SCHEMA_MISSING');
      expect(await codeOf(() => store.findEvents({}, {}))).toBe('FRAGMENT_STORE_SCHEMA_MISSING');
      await store.ping();
      const applied = await store.migrate();
      expect(applied).toEqual([
        { version: '0001', name: 'events and jobs', appliedAt: expect.any(Date) as unknown },
      ]);
      expect(await store.migrate()).toEqual(applied);
      expect(await store.append([event()])).toEqual([{ outcome: 'stored' }]);
    });

    it('run once although two processes start them at the same time', async () => {
      const schema = stores.schema();
      const [first, second] = await Promise.all([1, 2, 3].map(() => stores.make({ schema }).migrate()));
      expect(first).toEqual(second);
      expect(await checksum(schema)).toBe(await checksum((await otherSchema()).schema));
    });

    const otherSchema = async (): Promise<{ schema: string }> => {
      const schema = stores.schema();
      await stores.make({ schema }).migrate();
      return { schema };
    };

    it('leave nothing behind when they die at any statement, and then run as if nothing had been', async () => {
      const expected = await checksum((await otherSchema()).schema);
      const schema = stores.schema();
      const original = pg.Client.prototype.query as (...args: unknown[]) => unknown;
      let statements = 0;
      let dieAt = 0;
      const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
        this: pg.Client,
        ...args: unknown[]
      ) {
        // The statement leaves, and the process with its connection is gone.
        const result: unknown = original.apply(this, args);
        if (++statements === dieAt)
          (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
        return result;
      } as never);
      try {
        for (dieAt = 1; ; dieAt++) {
          statements = 0;
          const code = await codeOf(() => stores.make({ schema }).migrate());
          if (code === undefined) break;
          expect(code).toBe('FRAGMENT_STORE_UNAVAILABLE');
        }
      } finally {
        spy.mockRestore();
      }
      expect(dieAt).toBeGreaterThan(20);
      expect(await checksum(schema)).toBe(expected);
    });

    it('refuse a schema that a newer version has written', async () => {
      const schema = stores.schema();
      const store = await stores.migrated({ schema });
      await query(`insert into ${schema}.migrations (version, name) values ('9999', 'from the future')`);
      expect(await codeOf(() => store.migrate())).toBe('FRAGMENT_STORE_SCHEMA_NEWER');
    });
  });

  describe("in the caller's transaction", () => {
    let schema: string;
    let store: Store;
    let knex: Knex;
    let client: pg.Client;

    beforeAll(async () => {
      knex = knexFactory({ client: 'pg', connection: database.url, pool: { min: 0, max: 2 } });
      client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await query('create table shop (id serial primary key, item text unique)');
    });
    afterAll(async () => {
      await client.end();
      await knex.destroy();
    });
    const open = async (): Promise<void> => {
      schema = stores.schema();
      store = await stores.migrated({ schema });
    };
    const stored = async (e: PlannedEvent): Promise<boolean> => (await store.findEvent(e.id)) !== undefined;

    it('commits and vanishes with it (knex)', async () => {
      await open();
      const [kept, dropped, byHand] = [event(), event(), event()];
      const committed = jest.fn();
      await knex.transaction(async (trx) => {
        await trx('shop').insert({ item: 'kept' });
        expect(await store.append([kept], { transaction: trx, committed })).toEqual([{ outcome: 'stored' }]);
        expect(await stored(kept)).toBe(false);
        expect(committed).not.toHaveBeenCalled();
      });
      await waitFor(() => committed.mock.calls.length === 1);
      expect(await stored(kept)).toBe(true);

      const never = jest.fn();
      const failing = knex.transaction(async (trx) => {
        await store.append([dropped], { transaction: trx, committed: never });
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      const trx = await knex.transaction();
      await store.append([byHand], { transaction: trx, committed: never });
      await trx.rollback();
      // knex reports this rollback as success: only a later commit shows that it was not taken for one.
      const after = jest.fn();
      await knex.transaction((t) => store.append([event()], { transaction: t, committed: after }));
      await waitFor(() => after.mock.calls.length === 1);
      expect(never).not.toHaveBeenCalled();
      expect([await stored(dropped), await stored(byHand)]).toEqual([false, false]);
    });

    it('waits for the outermost of nested transactions', async () => {
      await open();
      const inner = event();
      const committed = jest.fn();
      await knex.transaction(async (outer) => {
        await outer.transaction((nested) => store.append([inner], { transaction: nested, committed }));
        await outer.raw('select 1');
        expect(committed).not.toHaveBeenCalled();
      });
      await waitFor(() => committed.mock.calls.length === 1);
      expect(await stored(inner)).toBe(true);
    });

    it('never spoils it, whatever the events are', async () => {
      await open();
      const [first] = await store.append([event({ messageId: 'same' })]);
      expect(first).toEqual({ outcome: 'stored' });
      await knex.transaction(async (trx) => {
        await trx('shop').insert({ item: 'sound' });
        const batch = [event({ messageId: 'same' }), event({ data: '\0' }), event()];
        const outcomes = await store.append(batch, { transaction: trx });
        expect(outcomes.map(({ outcome }) => outcome)).toEqual(['duplicate', 'refused', 'stored']);
        const timeout = await trx.raw<{ rows: unknown[] }>('show statement_timeout');
        expect(timeout.rows).toEqual([{ statement_timeout: '0' }]);
      });
      expect(await query("select item from shop where item = 'sound'")).toHaveLength(1);
    });

    it('takes a pg client that is inside a transaction', async () => {
      await open();
      const [kept, dropped] = [event(), event()];
      await client.query('begin');
      expect(await store.append([kept], { transaction: client })).toEqual([{ outcome: 'stored' }]);
      await client.query('commit');
      await client.query('begin');
      await store.append([dropped], { transaction: client });
      await client.query('rollback');
      expect([await stored(kept), await stored(dropped)]).toEqual([true, false]);
      expect(await codeOf(() => store.append([event()], { transaction: client }))).toBe(
        'FRAGMENT_TRANSACTION_FOREIGN',
      );
    });

    it('refuses a transaction of another database, an ended one, and what is none', async () => {
      await open();
      const name = `other_${newId().replaceAll('-', '')}`;
      await query(`create database ${name}`);
      const url = new URL(database.url);
      url.pathname = `/${name}`;
      const other = new pg.Client({ connectionString: url.href });
      await other.connect();
      try {
        await other.query('begin');
        expect(await codeOf(() => store.append([event()], { transaction: other }))).toBe(
          'FRAGMENT_TRANSACTION_FOREIGN',
        );
        expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
        await other.query('rollback');
      } finally {
        await other.end();
        await query(`drop database ${name}`);
      }
      const ended = await knex.transaction();
      await ended.commit();
      for (const transaction of [ended, knex, {}, 'trx', null, 5]) {
        expect(await codeOf(() => store.append([event()], { transaction }))).toBe(
          'FRAGMENT_TRANSACTION_FOREIGN',
        );
      }
    });
  });

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
