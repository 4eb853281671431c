import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newId, type PlannedEvent, type Store } from '@fragment/core';
import { requiring, testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { codeOf, event, storesOf } from './store.fixture.js';

const describeWithPostgres = await requiring('postgres', describe);

describeWithPostgres("append in the caller's transaction", () => {
  let database: TestPostgres;
  const stores = storesOf(() => database);
  const { query } = stores;

  let schema: string;
  let store: Store;
  let knex: Knex;
  let client: pg.Client;

  beforeAll(async () => {
    database = await testPostgres();
    knex = knexFactory({ client: 'pg', connection: database.url, pool: { min: 0, max: 2 } });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await query('create table shop (id serial primary key, item text unique)');
  });
  afterAll(async () => {
    await client.end();
    await knex.destroy();
    await database.stop();
  });
  afterEach(stores.closeAll);
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
