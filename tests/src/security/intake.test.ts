import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { recorder } from '../acceptance/recorder.js';
import { Opened, openWorld, type World, type WorldOptions } from '../acceptance/world.js';
import { mountings } from '../wire/mountings.js';

/** S1 to S13 of docs/security.md against the whole: sockets, gateway, source, PostgreSQL, delivery. */
let database: TestPostgres;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

const open = async (o: Partial<WorldOptions> = {}, from = openWorld): Promise<World> =>
  opened.add(await from({ database, destinations: [recorder('crm').destination], ...o }));

const message = (properties: string, more = ''): string =>
  `{"type":"track","userId":"u","event":"E",${more}"properties":${properties}}`;

/** Everything taken was stored and delivered, and nothing was logged as a fault of ours. */
async function isWell(world: World, stored: number): Promise<void> {
  expect((await world.post('/v1/track', message('{}'))).status).toBe(200);
  await world.ended(stored + 1);
  expect(world.log.filter(({ message: text }) => text === 'a request failed')).toEqual([]);
}

describe.each(mountings)('depth (S1), to a gateway $place', (mounting) => {
  it('beyond 64 levels is refused, alone and as an item, however the brackets end', async () => {
    const world = await open({}, mounting.open);
    let stored = 0;
    for (const levels of [1, 62, 63, 64, 65, 1_000, 20_000, 200_000]) {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
        ['[{"a":', '}]'],
      ] as const) {
        const times = Math.floor(levels / (open.startsWith('[{') ? 2 : 1));
        const nested = `${open.repeat(times)}1${close.repeat(times)}`;
        const properties = `{"deep":${nested}}`;
        const fits = 2 + times * (open.startsWith('[{') ? 2 : 1) <= 64;
        const single = await world.post('/v1/track', message(properties));
        expect([levels, open, single.status]).toEqual([levels, open, fits ? 200 : 400]);
        const batch = await world.post('/v1/batch', `{"batch":[${message(properties)},${message('{}')}]}`);
        // What a host has parsed is written again, and beyond thousands of levels nobody can say which item it was.
        const whole = message(properties).length > 500_000 || (mounting.parses && levels > 10_000);
        expect([levels, open, batch.status]).toEqual([levels, open, whole ? 400 : 200]);
        if (!whole) expect(batch.body.meta).toMatchObject({ stored: fits ? 2 : 1 });
        stored += (fits ? 2 : 0) + (whole ? 0 : 1);
        for (const path of ['/v1/track', '/v1/batch', '/v1/identify']) {
          expect((await world.post(path, open.repeat(times))).status).toBe(400);
        }
      }
    }
    await isWell(world, stored);
  });
});

describe.each(mountings)('size (S2), to a gateway $place', (mounting) => {
  const sized = (bytes: number): string =>
    message(`{"p":"${'x'.repeat(bytes - message('{"p":""}').length)}"}`);

  it('a byte less and a byte more than each limit', async () => {
    const world = await open({}, mounting.open);
    // 32,768 bytes and the 1,024 that SDKs add after they have measured.
    expect((await world.post('/v1/track', sized(33_792))).status).toBe(200);
    expect(await world.post('/v1/track', sized(33_793))).toMatchObject({
      status: 400,
      body: { code: 'FRAGMENT_INGEST_EVENT_TOO_LARGE' },
    });
    // A host that has parsed the body leaves no white space of it.
    const batch = (fill: number): string => `{"batch":[${message('{}')},"${'x'.repeat(fill)}"]}`;
    const most = 512_000 - batch(0).length;
    expect((await world.post('/v1/batch', batch(most))).status).toBe(200);
    expect(await world.post('/v1/batch', batch(most + 1))).toMatchObject({
      status: 400,
      body: { code: 'FRAGMENT_INGEST_BODY_TOO_LARGE' },
    });
    const many = (count: number): string =>
      `{"batch":[${Array<string>(count).fill('{"type":"page","userId":"u"}').join(',')}]}`;
    expect((await world.post('/v1/batch', many(2_500))).body.meta).toMatchObject({ stored: 2_500 });
    expect(await world.post('/v1/batch', many(2_501))).toMatchObject({
      status: 400,
      body: { code: 'FRAGMENT_INGEST_BATCH_TOO_LONG' },
    });
  });
});

describe('what was refused before it was read', () => {
  it('is kept, shown and counted, and a flood of it fills nothing', async () => {
    const world = await open({ rest: { writeKeys: ['right'] } });
    const send = (body: string, headers: Record<string, string> = {}) =>
      world.post('/v1/track', body, headers);
    expect((await send(' '.repeat(512_001))).status).toBe(400);
    expect((await send('no gzip', { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await send('no JSON')).status).toBe(400);
    const flood = await Promise.all(
      Array.from({ length: 400 }, (_, n) => send(message('{}', `"writeKey":"wrong-${n}",`))),
    );
    expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([401]));
    await waitFor(async () => (await world.ops.findRejections()).count >= 100);
    const { data } = await world.admin<{ data: { code: string }[] }>('/store/rejections?limit=500');
    const codes = new Set(data.map(({ code }) => code));
    for (const code of ['BODY_TOO_LARGE', 'BODY_ENCODING', 'BODY_NOT_JSON', 'KEY_UNKNOWN']) {
      expect(codes).toContain(`FRAGMENT_INGEST_${code}`);
    }
    // A hundred at once, and one a second since.
    expect(data.length).toBeLessThan(150);
    expect(JSON.stringify(data)).not.toContain('wrong-');
    const refused = world.app.ingestCounts().filter(({ result }) => result === 'refused');
    expect(Object.fromEntries(refused.map(({ reason, count }) => [reason, count]))).toEqual({
      FRAGMENT_INGEST_BODY_TOO_LARGE: 1,
      FRAGMENT_INGEST_BODY_ENCODING: 1,
      FRAGMENT_INGEST_BODY_NOT_JSON: 1,
      FRAGMENT_INGEST_KEY_UNKNOWN: 400,
    });
    expect((await send(message('{}', '"writeKey":"right",'))).status).toBe(200);
  });

  it('tells when a body ends before its length', async () => {
    const world = await open();
    const socket = connect(Number(new URL(world.gateway).port), '127.0.0.1');
    socket.write('POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"userId":');
    await once(socket, 'connect');
    socket.end();
    await waitFor(async () => {
      const { items } = await world.ops.findRejections();
      return items.some(({ code }) => code === 'FRAGMENT_INGEST_BODY_INCOMPLETE');
    });
    socket.destroy();
  });
});

describe('values that break databases, vendors and JavaScript (S4, S5, S6, S13)', () => {
  const values = [
    ...['1e400', '-1e400', '1e131073', '12345678901234567890', '-0', '1e-400', '0.1e1'].map(
      (n) => `{"n":${n}}`,
    ),
    ...['"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ufffe"', '"\\u2028"', '""'].map(
      (s) => `{"s":${s}}`,
    ),
    ...[
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      '__defineGetter__',
      'then',
    ].flatMap((key) => [
      `{"${key}":{"polluted":true}}`,
      `{"${key}":{"prototype":{"polluted":true}}}`,
      `{"${key}":null}`,
      `{"a":{"${key}":{"__proto__":{"polluted":true}}}}`,
      `{"list":[{"${key}":{"polluted":true}}]}`,
    ]),
    '{"\\u005f_proto__":{"polluted":true}}',
    '{"\\u0000":1,"\\ud800":2,"":3}',
  ];
  const whole = [
    ...['"0000-01-01T00:00:00Z"', '"+275760-09-13T00:00:00.000Z"', '"-271821-04-20T00:00:00.000Z"'],
    ...['"NaN"', '1e300', 'null', '[]', '"9999-12-31T23:59:59.999Z"', '"2026-02-30T00:00:00Z"'],
  ].flatMap((time) => [`"timestamp":${time},`, `"sentAt":${time},"timestamp":"2026-01-02T03:04:05Z",`]);
  const messages = [
    ...values.map((value) => message(value)),
    ...values.map((value) => message('{}', `"context":{"traits":${value}},`)),
    ...whole.map((more) => message('{}', more)),
    message('{}', '"__proto__":{"userId":"p","polluted":true},'),
    `{"type":"track","anonymousId":"a","event":"E","userId":{"__proto__":"u"}}`,
  ];

  describe.each(mountings)('to a gateway $place', (mounting) => {
    it('alone: each is stored and delivered', async () => {
      const world = await open({}, mounting.open);
      const answers = await Promise.all(messages.map((text) => world.post('/v1/track', text)));
      expect(
        answers.map(({ status }, n) => [messages[n], status]).filter(([, status]) => status !== 200),
      ).toEqual([]);
      await isWell(world, messages.length);
      expect({}).not.toHaveProperty('polluted');
    });

    it('as one of a hundred: the others are stored all the same', async () => {
      const world = await open({}, mounting.open);
      const plain = Array.from({ length: 99 }, (_, n) => message(`{"n":${n}}`));
      const answers = await Promise.all(
        messages
          .filter((_, n) => n % 6 === 0)
          .map((odd) => world.post('/v1/batch', `{"batch":[${[odd, ...plain].join(',')}]}`)),
      );
      for (const { status, body } of answers) {
        expect([status, body.meta]).toMatchObject([200, { received: 100, stored: 100, rejected: [] }]);
      }
      await isWell(world, 100 * answers.length);
    });
  });

  it('keeps the digits of numbers that JavaScript cannot hold, unless a host has parsed them', async () => {
    const world = await open();
    await world.post('/v1/track', message('{"big":12345678901234567890,"huge":1e400}'));
    const { items } = await world.ops.findEvents({});
    expect(items[0]?.data).toContain('{"big":12345678901234567890,"huge":1e400}');
  });
});
