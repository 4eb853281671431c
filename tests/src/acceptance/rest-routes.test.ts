import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { segmentflow } from '@fragment/segmentflow';
import { materialise } from '@fragment/segment-spec';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { recorder } from './recorder.js';
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

const rejectionsOf = (world: World, count: number) =>
  waitFor(async () => {
    const { items } = await world.ops.findRejections();
    return items.length === count ? items : undefined;
  });

describe('the pixel', () => {
  const url = (world: World, query: string) => `${world.gateway}/v1/pixel/track?${query}`;

  it('stores its message with what the request tells of its reader, and delivers it', async () => {
    const world = await open({ rest: { flows: { track: segmentflow }, writeKeys: ['wk'] } });
    const message = { userId: 'u', event: 'E-Mail Opened', messageId: 'seen', writeKey: 'wk' };
    const data = Buffer.from(JSON.stringify(message)).toString('base64url');
    for (let time = 0; time < 2; time += 1) {
      const response = await fetch(url(world, `data=${data}`), { headers: { 'user-agent': 'Mail/1' } });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/gif']);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toMatch(/^GIF89a/);
    }
    const [job] = await world.ended(1);
    const event = await world.ops.findEvent(job?.eventId ?? '');
    expect(event).toMatchObject({
      trigger: 'pixel',
      type: 'track',
      name: 'E-Mail Opened',
      messageId: 'seen',
    });
    if (event === undefined) throw new Error('The event is gone.');
    expect(materialise(event).context).toEqual({ ip: '127.0.0.1', userAgent: 'Mail/1' });
    expect(JSON.stringify(event)).not.toContain('wk');
    // What was planned can be planned again, by the same flows.
    expect(await world.ops.replay({})).toEqual({ events: 1, jobs: 1 });
    await world.ended(2);
  });

  it('is an image for faults too, which the operator sees', async () => {
    const world = await open({ rest: { writeKeys: ['wk'] } });
    for (const query of ['data=odd', 'writeKey=odd&userId=u&event=E', 'writeKey=wk&userId=u']) {
      const response = await fetch(url(world, query));
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/gif']);
    }
    const rejections = await rejectionsOf(world, 3);
    expect(rejections.map(({ code, trigger, data }) => [trigger, code, data]).sort()).toEqual([
      ['pixel', 'FRAGMENT_INGEST_BODY_NOT_JSON', undefined],
      ['pixel', 'FRAGMENT_INGEST_INVALID', '{"userId":"u"}'],
      ['pixel', 'FRAGMENT_INGEST_KEY_UNKNOWN', undefined],
    ]);
    expect((await world.ops.findEvents({})).items).toEqual([]);
  });
});

it('tells browsers to send where they asked', async () => {
  const world = await open({ rest: { prefix: '/cdp', writeKeys: ['a b'] } });
  const ask = (key: string) =>
    fetch(`${world.gateway}/cdp/v1/projects/${key}/settings`, {
      headers: { origin: 'https://shop.example' },
    });
  const found = await ask('a%20b');
  expect([found.status, found.headers.get('access-control-allow-origin')]).toEqual([
    200,
    'https://shop.example',
  ]);
  expect(await found.json()).toMatchObject({
    integrations: {
      'Segment.io': { apiKey: 'a b', apiHost: `${new URL(world.gateway).host}/cdp/v1`, protocol: 'http' },
    },
  });
  const unknown = await ask('odd');
  expect([unknown.status, unknown.headers.get('access-control-allow-origin')]).toEqual([
    404,
    'https://shop.example',
  ]);
  expect(await unknown.json()).toMatchObject({
    code: 'FRAGMENT_INGEST_PROJECT_UNKNOWN',
    message: 'Not Found',
  });
  expect(await rejectionsOf(world, 1)).toMatchObject([{ trigger: 'settings' }]);
});

it('drops what SDKs report on themselves, whatever it is, and counts it', async () => {
  const world = await open({ rest: { writeKeys: ['wk'] } });
  const send = (body: string, headers = {}) => world.post('/v1/m', body, headers);
  const bodies = ['{"series":[]}', '[', 'x'.repeat(600_000)];
  for (const body of bodies) expect(await send(body)).toMatchObject({ status: 200, body: { success: true } });
  expect((await send('no gzip', { 'content-encoding': 'gzip' })).status).toBe(200);
  expect(world.app.ingestCounts()).toContainEqual({
    source: 'rest',
    trigger: 'metrics',
    type: '',
    result: 'ignored',
    reason: 'sdk metrics',
    count: 2,
  });
  expect((await world.ops.findEvents({})).items).toEqual([]);
});

it('shows the operator what was refused before it was known who sent it, and nothing of it', async () => {
  const world = await open({ rest: { writeKeys: [{ name: 'old', key: 'wk-old', enabled: false }, 'wk'] } });
  const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
  expect((await world.post('/v1/track', '{"secret":', basic('wk'))).status).toBe(400);
  expect((await world.post('/v1/track', { userId: 'secret', event: 'E' }, basic('wk-old'))).status).toBe(401);
  expect((await world.post('/v1/batch', { batch: [], secret: 1 })).status).toBe(401);
  const rejections = await rejectionsOf(world, 3);
  expect(rejections.map(({ code, type }) => [code, type]).sort()).toEqual([
    ['FRAGMENT_INGEST_BODY_NOT_JSON', 'track'],
    ['FRAGMENT_INGEST_KEY_MISSING', 'batch'],
    ['FRAGMENT_INGEST_KEY_UNKNOWN', 'track'],
  ]);
  const shown = JSON.stringify(rejections);
  expect(shown).toContain('The key in Basic authentication, old, is disabled.');
  expect(shown).not.toMatch(/secret|wk/);
});

it('fills in the address of a device for a batch and for single messages', async () => {
  const world = await open();
  const item = (messageId: string, context?: object) => ({
    type: 'track',
    userId: 'u',
    event: 'E',
    messageId,
    context,
  });
  await world.post('/v1/b', { batch: [item('b-1'), item('b-2', { ip: '0.0.0.0' })] });
  await world.post('/v1/batch', {
    batch: [item('s-1'), item('s-2', { direct: true })],
    context: { app: { name: 'a' } },
  });
  await world.post('/v1/t', item('t-1', { locale: 'en' }));
  await world.ended(5);
  const { items } = await world.ops.findEvents({ events: { typesIn: ['track'] } });
  const contexts = new Map(items.map((event) => [event.messageId, materialise(event).context]));
  expect(Object.fromEntries(contexts)).toEqual({
    'b-1': { ip: '127.0.0.1' },
    'b-2': { ip: '0.0.0.0' },
    's-1': { app: { name: 'a' } },
    's-2': { app: { name: 'a' }, direct: true, ip: '127.0.0.1' },
    't-1': { locale: 'en', ip: '127.0.0.1' },
  });
});
