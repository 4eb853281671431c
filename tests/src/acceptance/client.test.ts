import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FragmentError, type Store } from '@fragment/core';
import { segmentflow } from '@fragment/segmentflow';
import { client, rest, type Sent } from '@fragment/source-rest';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { recorder } from './recorder.js';
import { Opened, openWorld, type World, type WorldOptions } from './world.js';

let database: TestPostgres;
let knex: Knex;
let connection: pg.Client;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
  knex = knexFactory({ client: 'pg', connection: database.url, pool: { min: 0, max: 2 } });
  connection = new pg.Client({ connectionString: database.url });
  await connection.connect();
  await connection.query('create table shop (item text primary key)');
});
afterEach(() => opened.stop());
afterAll(async () => {
  await connection.end();
  await knex.destroy();
  await database.stop();
});

async function open(o: Partial<WorldOptions> = {}): Promise<World> {
  return opened.add(await openWorld({ database, destinations: [recorder('crm').destination], ...o }));
}

const bought = (item: string) => ({ userId: 'u-1', event: 'Order Completed', messageId: item });
const itemsOf = async (): Promise<readonly string[]> =>
  await knex<{ item: string }>('shop').orderBy('item').pluck('item');
const eventsOf = async ({ ops }: World) => (await ops.findEvents({})).items;

describe('the client in process', () => {
  it('sends what HTTP would send, with its defaults and its deduplication', async () => {
    const world = await open();
    const send = client(world.app);
    const happened = new Date('2024-05-01T10:00:00.250Z');
    const sent = [
      await send.identify({ userId: 7, traits: { since: happened }, messageId: 'm-identify' }),
      await send.track({ anonymousId: 'a', event: 'Signed Up', timestamp: happened }),
      await send.page({ userId: 'u', name: 'Home' }),
      await send.screen({ userId: 'u', name: 'Welcome' }),
      await send.group({ userId: 'u', groupId: 1300 }),
      await send.alias({ userId: 'u', previousId: 'a' }),
    ];
    expect(sent.map(({ outcome }) => outcome)).toEqual(Array(6).fill('stored'));
    // The recorder wants tracks alone.
    await world.ended(1);
    const events = await eventsOf(world);
    expect(events.map(({ type }) => type).sort()).toEqual([
      'alias',
      'group',
      'identify',
      'page',
      'screen',
      'track',
    ]);
    for (const event of events) {
      expect(event).toMatchObject({ source: 'rest', trigger: event.type });
      expect(sent).toContainEqual({ outcome: 'stored', messageId: event.messageId, eventId: event.id });
    }
    const found = (type: string) => events.find((event) => event.type === type);
    expect(found('identify')).toMatchObject({ userId: '7', messageId: 'm-identify' });
    expect(found('identify')?.data).toContain('"since":"2024-05-01T10:00:00.250Z"');
    expect(found('track')).toMatchObject({
      name: 'Signed Up',
      timestamp: happened,
      originalTimestamp: happened,
    });

    const again = await world.post('/v1/identify', { userId: 7, messageId: 'm-identify' });
    expect(again.status).toBe(200);
    expect(await send.identify({ userId: 'other', messageId: 'm-identify' })).toEqual({
      outcome: 'duplicate',
      messageId: 'm-identify',
      eventId: found('identify')?.id,
    });
    expect(await eventsOf(world)).toHaveLength(6);
  });

  it('tells faults of a message, throws none of them, and keeps them for the operator', async () => {
    const world = await open({ rest: { limits: { eventBytes: 1_000 } } });
    const send = client(world.app);
    const cycle: { self?: object } = {};
    cycle.self = cycle;
    const deep: unknown = JSON.parse('['.repeat(200) + ']'.repeat(200));
    const faults: readonly (readonly [unknown, string, string])[] = [
      [{ userId: 'u' }, 'FRAGMENT_INGEST_INVALID', 'Event must be set'],
      [{ ...bought('x'), properties: { big: 10n } }, 'FRAGMENT_INGEST_BODY_NOT_JSON', 'BigInt'],
      [{ ...bought('x'), properties: cycle }, 'FRAGMENT_INGEST_BODY_NOT_JSON', 'cycle'],
      [{ ...bought('x'), properties: { deep } }, 'FRAGMENT_INGEST_BODY_TOO_DEEP', '64 levels'],
      [
        { ...bought('x'), properties: { p: 'x'.repeat(2_000) } },
        'FRAGMENT_INGEST_EVENT_TOO_LARGE',
        '1000 are allowed',
      ],
      [undefined, 'FRAGMENT_INGEST_BODY_NOT_JSON', 'not an object'],
    ];
    for (const [message, code, reason] of faults) {
      const sent = await send.track(message as ReturnType<typeof bought>);
      expect(sent).toMatchObject({
        outcome: 'refused',
        code,
        message: expect.stringContaining(reason) as unknown,
      });
    }
    expect(await send.track({ userId: 'u' } as unknown as ReturnType<typeof bought>)).toMatchObject({
      validations: [{ message: 'Event must be set', path: ['analytics', 'Track', 'Event'], field: 'event' }],
    });
    const { items } = await waitFor(async () => {
      const page = await world.ops.findRejections();
      return page.items.length === faults.length + 1 ? page : undefined;
    });
    expect(items.map(({ trigger, type }) => [trigger, type])).toEqual(Array(7).fill(['track', 'track']));
    expect(items.find(({ data }) => data !== undefined)).toMatchObject({
      code: 'FRAGMENT_INGEST_INVALID',
      data: '{"userId":"u"}',
    });
    expect(await eventsOf(world)).toEqual([]);
  });

  it('joins a knex transaction: it commits and delivers with it, and vanishes with it', async () => {
    const world = await open();
    const send = client(world.app);
    await knex.transaction(async (transaction) => {
      await transaction('shop').insert({ item: 'knex-kept' });
      const sent = await send.track(bought('knex-kept'), { transaction });
      expect(sent.outcome).toBe('stored');
      expect(await eventsOf(world)).toEqual([]);
    });
    await world.ended(1);

    const failing = knex.transaction(async (transaction) => {
      await transaction('shop').insert({ item: 'knex-dropped' });
      expect((await send.track(bought('knex-dropped'), { transaction })).outcome).toBe('stored');
      throw new RangeError('changed my mind');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect((await eventsOf(world)).map(({ messageId }) => messageId)).toEqual(['knex-kept']);
    expect(await itemsOf()).toEqual(['knex-kept']);
    // Rolled back, its id is free again.
    expect((await send.track(bought('knex-dropped'))).outcome).toBe('stored');
    await world.ended(2);
  });

  it('joins the transaction of a pg client', async () => {
    const world = await open();
    const send = client(world.app);
    await connection.query('begin');
    expect((await send.track(bought('pg-dropped'), { transaction: connection })).outcome).toBe('stored');
    await connection.query('rollback');
    await connection.query('begin');
    expect((await send.track(bought('pg-kept'), { transaction: connection })).outcome).toBe('stored');
    await connection.query('commit');
    const [job] = await world.ended(1);
    expect((await world.ops.findEvent(job?.eventId ?? ''))?.messageId).toBe('pg-kept');
  });

  it('leaves a transaction usable after a duplicate and a refused message', async () => {
    const world = await open();
    const send = client(world.app);
    await send.track(bought('first'));
    const outcomes: Sent['outcome'][] = [];
    await knex.transaction(async (transaction) => {
      const through = { transaction };
      outcomes.push((await send.track(bought('first'), through)).outcome);
      outcomes.push((await send.track({ ...bought('x'), userId: '' }, through)).outcome);
      outcomes.push((await send.track(bought('second'), through)).outcome);
      await transaction('shop').insert({ item: 'after' });
    });
    expect(outcomes).toEqual(['duplicate', 'refused', 'stored']);
    expect(await itemsOf()).toContain('after');
    await world.ended(2);
  });

  it('leaves it usable after a message that PostgreSQL itself refuses, and tells that too', async () => {
    const spoiling = (store: Store): Store => ({
      ...store,
      append: (events, o) =>
        store.append(
          events.map((event) => (event.messageId === 'odd' ? { ...event, data: `${event.data}\0` } : event)),
          o,
        ),
    });
    const world = await open({ wrapStore: spoiling });
    const send = client(world.app);
    const sent: Sent[] = [];
    await knex.transaction(async (transaction) => {
      for (const item of ['odd', 'even']) sent.push(await send.track(bought(item), { transaction }));
      await transaction('shop').insert({ item: 'beside-odd' });
    });
    const refused = { outcome: 'refused', code: 'FRAGMENT_INGEST_EVENT_REFUSED', validations: [] };
    expect(sent).toMatchObject([refused, { outcome: 'stored', messageId: 'even' }]);
    expect(await itemsOf()).toContain('beside-odd');
    await world.ended(1);
  });

  it('throws when the message could not be stored for no fault of its own', async () => {
    const broken = (store: Store): Store => ({
      ...store,
      append: () => Promise.reject(new FragmentError('FRAGMENT_STORE_UNAVAILABLE')),
    });
    const world = await open();
    const send = client(world.app);
    const foreign = { code: 'FRAGMENT_TRANSACTION_FOREIGN' };
    await expect(send.track(bought('x'), { transaction: connection })).rejects.toMatchObject(foreign);
    await expect(send.track(bought('x'), { transaction: knex })).rejects.toMatchObject(foreign);
    expect(await eventsOf(world)).toEqual([]);
    const away = await open({ wrapStore: broken });
    await expect(client(away.app).track(bought('x'))).rejects.toMatchObject({
      code: 'FRAGMENT_STORE_UNAVAILABLE',
    });
  });

  it('knows which source it speaks for', async () => {
    const world = await open({ sources: [rest({ name: 'shop', prefix: '/shop', flows: segmentflow })] });
    const invalid = { code: 'FRAGMENT_CONFIG_INVALID' };
    expect(() => client(world.app)).toThrow(expect.objectContaining(invalid));
    expect(() => client(world.app, { source: 'crm' })).toThrow(expect.objectContaining(invalid));
    await client(world.app, { source: 'shop' }).track(bought('x'));
    expect(await eventsOf(world)).toMatchObject([{ source: 'shop', trigger: 'track' }]);
  });
});
