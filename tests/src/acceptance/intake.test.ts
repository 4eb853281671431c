import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Flow, Source, Store } from '@fragment/core';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { Gate, recorder } from './recorder.js';
import { startVendors, type Vendors } from './vendors.js';
import { Opened, openWorld, type World, type WorldOptions } from './world.js';

let database: TestPostgres;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

async function open(o: Partial<WorldOptions> = {}): Promise<World> {
  return opened.add(await openWorld({ database, destinations: [recorder('crm').destination], ...o }));
}

const track = (n: number | string, more: object = {}) => ({
  type: 'track',
  userId: `user-${n}`,
  event: 'Order Completed',
  messageId: `order-${n}`,
  ...more,
});
const tracks = (count: number) => Array.from({ length: count }, (_, n) => track(n));

/** It still takes events: whatever came before has harmed nothing. */
async function isWell(world: World): Promise<void> {
  expect((await world.post('/v1/track', track('last'))).status).toBe(200);
  expect(world.log.filter(({ message }) => message === 'a request failed')).toEqual([]);
}

const countOf = async (world: World): Promise<number> =>
  (await world.ops.findEvents({ events: { typesIn: ['track'] } })).count;

describe('a batch', () => {
  it('of 100 with one invalid message stores 99, and says which one and why', async () => {
    const world = await open();
    const batch: object[] = tracks(100);
    batch[41] = { type: 'track', event: 'Order Completed', messageId: 'order-41' };
    const { status, body } = await world.post('/v1/batch', { batch });
    expect(status).toBe(200);
    expect(body).toMatchObject({ statusCode: 200, success: true });
    expect(body.meta).toMatchObject({
      received: 100,
      stored: 99,
      duplicates: 0,
      rejected: [
        {
          index: 41,
          messageId: 'order-41',
          code: 'FRAGMENT_INGEST_INVALID',
          message: expect.stringContaining('UserId') as unknown,
          validations: [{ message: 'UserId must be set', path: ['analytics', 'Track', 'UserId'] }],
        },
      ],
    });
    await world.ended(99);
    expect(await countOf(world)).toBe(99);
    await waitFor(async () => (await world.ops.findRejections()).count === 1);
    const shown = await world.admin<{ data: unknown }>('/store/rejections');
    expect(shown.data).toMatchObject([
      { index: 41, message_id: 'order-41', code: 'FRAGMENT_INGEST_INVALID' },
    ]);
  });

  it('that is sent again is answered 200, counted as duplicates, and makes nothing new', async () => {
    const world = await open();
    await world.post('/v1/batch', { batch: tracks(20) });
    const again = await world.post('/v1/batch', { batch: tracks(20) });
    expect(again.status).toBe(200);
    expect(again.body.meta).toMatchObject({ received: 20, stored: 0, duplicates: 20, rejected: [] });
    const half = await world.post('/v1/batch', { batch: tracks(30).slice(10) });
    expect(half.body.meta).toMatchObject({ received: 20, stored: 10, duplicates: 10 });
    await world.ended(30);
    expect(await countOf(world)).toBe(30);
    // One parent each for the two that brought something new.
    expect((await world.ops.findEvents({ events: { typesIn: ['batch'] } })).count).toBe(2);
  });

  it('that is empty is answered 200', async () => {
    const world = await open();
    const { status, body } = await world.post('/v1/batch', { batch: [] });
    expect(status).toBe(200);
    expect(body.meta).toMatchObject({ received: 0, stored: 0, duplicates: 0, rejected: [] });
  });
});

describe('what is no message', () => {
  const nested = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const bad: readonly (readonly [string, string | Buffer, string, Record<string, string>?])[] = [
    ['malformed JSON', '{"userId": "user-1", ', 'FRAGMENT_INGEST_BODY_NOT_JSON'],
    ['an empty body', '', 'FRAGMENT_INGEST_BODY_NOT_JSON'],
    ['JSON that is no object', '[1, 2]', 'FRAGMENT_INGEST_BODY_NOT_JSON'],
    ['a body of 5 MB', `{"userId":"${'x'.repeat(5 * 1024 * 1024)}"}`, 'FRAGMENT_INGEST_BODY_TOO_LARGE'],
    [
      '5,000 nested brackets',
      `{"userId":"user-1","properties":{"deep":${nested}}}`,
      'FRAGMENT_INGEST_BODY_TOO_DEEP',
    ],
    [
      'bytes that are not gzip',
      '{"userId":"user-1"}',
      'FRAGMENT_INGEST_BODY_ENCODING',
      { 'content-encoding': 'gzip' },
    ],
    [
      'gzip that unpacks to 50 MB',
      gzipSync(Buffer.alloc(50 * 1024 * 1024, ' ')),
      'FRAGMENT_INGEST_BODY_TOO_LARGE',
      { 'content-encoding': 'gzip' },
    ],
  ];

  it('is answered 400 with a body that SDKs can read, on single routes and on batch, and harms nothing', async () => {
    const world = await open();
    for (const path of ['/v1/track', '/v1/batch']) {
      for (const [name, body, code, headers] of bad) {
        const answer = await world.post(path, body, headers);
        expect([name, path, answer.status, answer.body.code]).toEqual([name, path, 400, code]);
        const validations = [{ message: expect.stringMatching(/\w+/) as unknown, path: [] }];
        expect(answer.body).toMatchObject({ statusCode: 400, message: 'Bad Request', validations });
      }
    }
    await isWell(world);
    expect(await countOf(world)).toBe(1);
  });

  it('a bracket bomb inside a batch is refused alone', async () => {
    const world = await open();
    const bomb = `{"type":"track","userId":"u","event":"e","properties":{"deep":${nested}}}`;
    const { status, body } = await world.post('/v1/batch', `{"batch":[${bomb},${JSON.stringify(track(1))}]}`);
    expect(status).toBe(200);
    expect(body.meta).toMatchObject({
      stored: 1,
      rejected: [{ index: 0, code: 'FRAGMENT_INGEST_BODY_TOO_DEEP' }],
    });
    await isWell(world);
  });

  it('`{}` on /v1/identify is answered as in the tutorial', async () => {
    const world = await open();
    const { status, body } = await world.post('/v1/identify', {});
    expect(status).toBe(400);
    expect(body).toMatchObject({
      statusCode: 400,
      message: 'Bad Request',
      validations: [{ message: 'UserId must be set', path: ['analytics', 'Identify', 'UserId'] }],
    });
  });

  it('other paths and methods are 404 and 405', async () => {
    const world = await open();
    expect((await world.post('/v1/nothing', {})).status).toBe(404);
    expect((await fetch(`${world.gateway}/v1/track`)).status).toBe(405);
  });
});

describe('text that no database and no vendor likes', () => {
  const nul = '\\u0000';
  const loneSurrogate = '\\ud83d';
  /** As it stands on the wire: escapes, not characters. */
  const onTheWire = (n: number, type = 'track') =>
    `{"type":"${type}","userId":"user-${n}","event":"Or${nul}der","messageId":"order-${n}",` +
    `"properties":{"note":"a${nul}b${loneSurrogate}c"}}`;

  const expectTaken = async (world: World, vendors: Vendors, jobs: number) => {
    const ended = await world.ended(jobs);
    expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([]);
    const odd = vendors.segment.accepted.find(({ messageId }) => messageId === 'order-7');
    expect(odd).toMatchObject({ event: 'Or\ufffdder', properties: { note: 'a\ufffdb\ufffdc' } });
    const counted = vendors.amplitude.accepted.find((event) => event['insert_id'] === 'order-7');
    expect(counted).toMatchObject({
      event_type: 'Or\ufffdder',
      event_properties: { note: 'a\ufffdb\ufffdc' },
    });
    expect(vendors.segment.dropped).toEqual([]);
  };

  it('alone: 200, and delivered with replacement characters', async () => {
    const vendors = opened.add(await startVendors());
    const world = await open({ destinations: vendors.destinations() });
    expect((await world.post('/v1/track', onTheWire(7))).status).toBe(200);
    await expectTaken(world, vendors, 2);
  });

  it('as one of 100: all are stored and delivered', async () => {
    const vendors = opened.add(await startVendors());
    const world = await open({ destinations: vendors.destinations() });
    const batch = tracks(100).map((message, n) => (n === 7 ? onTheWire(7) : JSON.stringify(message)));
    const { status, body } = await world.post('/v1/batch', `{"batch":[${batch.join(',')}]}`);
    expect(status).toBe(200);
    expect(body.meta).toMatchObject({ stored: 100, rejected: [] });
    await expectTaken(world, vendors, 200);
    expect(vendors.segment.accepted).toHaveLength(100);
    expect(vendors.amplitude.accepted).toHaveLength(100);
  });
});

describe('one transaction for many requests', () => {
  /** Keeps the first commit waiting, so that everything that comes meanwhile shares the second. */
  function scene() {
    const gate = new Gate();
    let commits = 0;
    let planned = 0;
    const counting: Flow = {
      name: 'counting',
      transform: () => {
        planned += 1;
        return { crm: [{ action: 'track' }] };
      },
    };
    const wrapStore = (store: Store): Store => ({
      ...store,
      append: async (events, o) => {
        commits += 1;
        if (commits === 1) await gate.pass();
        return store.append(events, o);
      },
    });
    /** A source of the user's own that lets through what no database can store. */
    const raw: Source = {
      name: 'raw',
      triggers: [
        {
          name: 'hook',
          mode: 'http',
          route: { methods: ['POST'], path: '/raw' },
          flows: [counting],
          extract: ({ body }) => ({ type: 'track', data: JSON.parse(body.toString()) as string }),
        },
      ],
    };
    return {
      gate,
      options: { wrapStore, sources: [raw], rest: { showMeta: true, flows: [counting] } },
      arrived: (count: number) => waitFor(() => planned === count, { message: `${count} events to arrive` }),
    };
  }

  it('gives each its own answer: stored, duplicate, and refused by the database', async () => {
    const { gate, options, arrived } = scene();
    const world = await open(options);
    const first = world.post('/v1/track', track(1));
    await arrived(1);
    const others = [
      world.post('/v1/track', track(2)),
      world.post('/raw', JSON.stringify('{}\0')),
      world.post('/v1/track', track(1)),
      world.post('/v1/batch', { batch: [track(3), track(1), track(4)] }),
      world.post('/raw', JSON.stringify('{}')),
    ];
    await arrived(8);
    gate.open();
    const [stored, refused, duplicate, batch, sound] = await Promise.all(others);
    expect((await first).status).toBe(200);
    expect(stored).toMatchObject({ status: 200, body: { meta: { event: { message_id: 'order-2' } } } });
    expect(refused).toMatchObject({ status: 400, body: { code: 'FRAGMENT_INGEST_EVENT_REFUSED' } });
    expect(duplicate).toMatchObject({ status: 200, body: { meta: { event: { duplicate: true } } } });
    expect(batch).toMatchObject({ status: 200, body: { meta: { stored: 2, duplicates: 1 } } });
    expect(sound).toMatchObject({ status: 200 });
    expect(await countOf(world)).toBe(5);
    await world.ended(5);
  });

  it('the same messageId ten times at once is stored once', async () => {
    const world = await open();
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.post('/v1/track', track(1))));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await world.ended(1);
    expect(await countOf(world)).toBe(1);
  });

  it('answers 429 with Retry-After when too much waits, and takes more afterwards', async () => {
    const { gate, options, arrived } = scene();
    const world = await open({ ...options, ingest: { maxPendingEvents: 2 } });
    const taken = [world.post('/v1/track', track(0))];
    await arrived(1);
    taken.push(world.post('/v1/track', track(1)), world.post('/v1/track', track(2)));
    await arrived(3);
    const refused = await world.post('/v1/track', track(3));
    gate.open();
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ statusCode: 429, code: 'FRAGMENT_INGEST_OVERLOADED' });
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await world.post('/v1/track', track(3))).status).toBe(200);
    await world.ended(4);
  });
});

describe('a store that is away', () => {
  it('is answered 503 with Retry-After; once it is back, 200, and nothing of before is lost or doubled', async () => {
    const own = opened.add(await testPostgres({ own: true }));
    const world = await open({ database: own });
    expect((await world.post('/v1/track', track(1))).status).toBe(200);
    await world.ended(1);
    await own.kill();
    for (const path of ['/v1/track', '/v1/batch']) {
      const body = path === '/v1/track' ? track(2) : { batch: tracks(3) };
      const answer = await world.post(path, body);
      expect([path, answer.status]).toEqual([path, 503]);
      expect(answer.body).toMatchObject({ statusCode: 503, code: 'FRAGMENT_STORE_UNAVAILABLE' });
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect((await fetch(`${world.gateway}/_health/ready`)).status).toBe(503);
    expect((await fetch(`${world.gateway}/_health/live`)).status).toBe(200);
    await own.restart();
    // The client's resend.
    await waitFor(async () => (await world.post('/v1/batch', { batch: tracks(3) })).status === 200);
    await world.ended(3);
    expect((await world.post('/v1/track', track(2))).status).toBe(200);
    expect(await countOf(world)).toBe(3);
    expect((await fetch(`${world.gateway}/_health/ready`)).status).toBe(200);
  });
});

describe('how the Segment API is served', () => {
  const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });

  it('with write keys, only to those who carry one, which is not stored', async () => {
    const world = await open({ rest: { writeKeys: [{ name: 'web', key: 'the-right-key' }] } });
    const answers = await Promise.all([
      world.post('/v1/track', track(1)),
      world.post('/v1/track', track(1), basic('a-wrong-key')),
      world.post('/v1/track', track(2), basic('the-right-key')),
      world.post('/v1/track', track(3, { writeKey: 'the-right-key' })),
      world.post('/v1/batch', { batch: [track(4)], writeKey: 'the-right-key' }),
      world.post('/v1/batch', { batch: [track(5, { writeKey: 'the-right-key' })] }),
    ]);
    expect(answers.map(({ status, body }) => body.code ?? status)).toEqual([
      'FRAGMENT_INGEST_KEY_MISSING',
      'FRAGMENT_INGEST_KEY_UNKNOWN',
      200,
      200,
      200,
      200,
    ]);
    expect(answers.slice(0, 2).map(({ status }) => status)).toEqual([401, 401]);
    const { items } = await world.ops.findEvents({});
    expect(items.filter(({ data }) => data.includes('the-right-key'))).toEqual([]);
    expect(await countOf(world)).toBe(4);
  });

  it('with showMeta and showData, the answer tells of the event; without them it does not', async () => {
    const telling = await open({ rest: { prefix: '/segment', showMeta: true, showData: true } });
    const told = await telling.post('/segment/v1/track', track(1, { properties: { exact: 1.1 } }));
    expect(told.body).toMatchObject({
      statusCode: 200,
      success: true,
      meta: { event: { source: 'rest', trigger: 'track', message_id: 'order-1' } },
      data: { event: 'Order Completed', properties: { exact: 1.1 } },
    });
    const silent = await open();
    const { body } = await silent.post('/v1/track', track(1));
    expect(Object.keys(body).sort()).toEqual(['message', 'statusCode', 'success']);
  });
});
