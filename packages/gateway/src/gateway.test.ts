import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import {
  FragmentError,
  silentLogger,
  systemClock,
  type Application,
  type HttpRoute,
  type IncomingRequest,
  type IngestAnswer,
  type PlannedEvent,
  type Route,
} from '@fragment/core';
import { gateway, type Gateway, type GatewayOptions } from './index.js';

const at = new Date('2026-01-02T03:04:05.678Z');
const planned = (over: Partial<PlannedEvent> = {}): PlannedEvent => ({
  id: '0190b0f0-0000-7000-8000-000000000001',
  source: 'rest',
  trigger: 'track',
  timestamp: at,
  receivedAt: at,
  data: '{"n":12345678901234567890,"event":"Order"}',
  jobs: [{ seq: 0, destination: 'log', action: 'track' }],
  ...over,
});
const stored: IngestAnswer = { event: planned(), outcome: { outcome: 'stored' } };

interface Setup extends GatewayOptions {
  readonly routes?: readonly HttpRoute[];
  readonly accept?: (route: Route, request: IncomingRequest) => Promise<IngestAnswer>;
}

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const track: HttpRoute = { methods: ['POST'], path: '/v1/track' };

/** A gateway of an application that only notes what it is given. */
function attached({ routes = [track], accept, ...options }: Setup = {}) {
  const seen: IncomingRequest[] = [];
  const logged: object[] = [];
  const app = {
    logger: { ...silentLogger, error: (fields: object) => void logged.push(fields) },
    clock: systemClock,
    routes: routes.map((route) => ({
      source: { name: 'rest', triggers: [] },
      trigger: { name: 'track', mode: 'http', route, extract: () => ({ data: '{}' }) },
    })),
    accept: (route: Route, request: IncomingRequest) => {
      seen.push(request);
      return accept ? accept(route, request) : Promise.resolve(stored);
    },
    health: () => Promise.resolve({ status: 'ok', checks: [] }),
  } as unknown as Application;
  const made = gateway({ port: 0, ...options });
  made.attach(app);
  return { made, seen, logged };
}

async function started(setup: Setup = {}) {
  const parts = attached(setup);
  const address = (await parts.made.start())!;
  cleanups.push(() => parts.made.stop(AbortSignal.abort()));
  const post = (
    body: NonNullable<RequestInit['body']>,
    headers: Record<string, string> = {},
    path = '/v1/track',
  ) => fetch(`${address.url}${path}`, { method: 'POST', body, headers });
  return { ...parts, ...address, post };
}

async function hosted(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const bodyOf = async (res: Response): Promise<Record<string, unknown>> =>
  (await res.json()) as Record<string, unknown>;

describe('an ingest route', () => {
  it('hands the whole request to the application and answers 200', async () => {
    const { post, seen } = await started();
    const res = await post('{"a":1}', { 'x-retry-count': '2' }, '/v1/track?writeKey=k&x=1');
    expect([res.status, await res.text()]).toEqual([
      200,
      '{"statusCode":200,"message":"Successful","success":true}',
    ]);
    expect(res.headers.get('content-type')).toBe('application/json; charset=utf-8');
    for (const name of ['etag', 'x-powered-by']) expect(res.headers.has(name)).toBe(false);
    const [request] = seen;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/track', ip: '127.0.0.1' });
    expect(request!.body.toString()).toBe('{"a":1}');
    expect(request!.query.get('writeKey')).toBe('k');
    expect(request!.headers['x-retry-count']).toBe('2');
    expect(Math.abs(request!.receivedAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('reads the same under any content type and in any pieces', async () => {
    const { post, seen, port } = await started();
    const types = [
      'text/plain',
      'text/plain;charset=utf-16',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'x',
    ];
    for (const type of types) expect((await post('{"a":1}', { 'content-type': type })).status).toBe(200);
    const req = httpRequest({ port, host: '127.0.0.1', path: '/v1/track', method: 'POST' });
    req.write('{"a"');
    await new Promise<void>((resolve) => void req.write(':', () => resolve()));
    req.end('1}');
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    res.resume();
    expect(res.statusCode).toBe(200);
    expect(seen.map(({ body }) => body.toString())).toEqual(
      Array.from({ length: types.length + 1 }, () => '{"a":1}'),
    );
  });

  it('is found by exact path and method only, and never redirects', async () => {
    const { url, seen } = await started({ routes: [track, { methods: ['get', 'POST'], path: '/v1/pixel' }] });
    const ask = (path: string, method: string) => fetch(`${url}${path}`, { method, redirect: 'manual' });
    expect((await ask('/v1/pixel', 'GET')).status).toBe(200);
    const wrong = await ask('/v1/track', 'PUT');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expect(await bodyOf(wrong)).toMatchObject({ statusCode: 405, code: 'FRAGMENT_HTTP_METHOD_NOT_ALLOWED' });
    for (const path of ['/v1/track/', '/V1/track', '/v1', '/', '/v1/%74rack', '//v1/track']) {
      const res = await ask(path, 'POST');
      expect([path, res.status]).toEqual([path, 404]);
      expect(await bodyOf(res)).toMatchObject({
        statusCode: 404,
        code: 'FRAGMENT_HTTP_NOT_FOUND',
        message: 'Not Found',
      });
    }
    expect(seen).toHaveLength(1);
  });

  it('takes the absolute form of a target, as proxies send it', async () => {
    const { port, seen } = await started();
    const req = httpRequest({
      port,
      host: '127.0.0.1',
      path: 'http://cdp.example.com/v1/track?a=b',
      method: 'POST',
    });
    req.end('{}');
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    res.resume();
    expect([res.statusCode, seen[0]?.path, seen[0]?.query.get('a')]).toEqual([200, '/v1/track', 'b']);
  });

  it('believes as many proxies as it is told', async () => {
    const { post, seen } = await started({ trustProxy: 2 });
    await post('{}', { 'x-forwarded-for': 'forged, 198.51.100.7, 10.0.0.1' });
    await post('{}', { 'x-forwarded-for': '198.51.100.8' });
    await post('{}');
    expect(seen.map(({ ip }) => ip)).toEqual(['198.51.100.7', '198.51.100.8', '127.0.0.1']);
  });
});

describe('limits of a body', () => {
  const limits = { requestBytes: 1_000 };
  const encoders: [string, (body: string | Buffer) => Buffer][] = [
    ['identity', (body) => Buffer.from(body as string)],
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['BR', brotliCompressSync],
  ];

  it('holds to the byte, after decompression', async () => {
    const { post, seen } = await started({ limits });
    for (const [name, encode] of encoders) {
      const exact = await post(encode('x'.repeat(1_000)), { 'content-encoding': name });
      expect([name, exact.status]).toEqual([name, 200]);
      const dense = randomBytes(1_000);
      expect((await post(encode(dense), { 'content-encoding': name })).status).toBe(200);
      const over = await post(encode('x'.repeat(1_001)), { 'content-encoding': name });
      expect([name, over.status]).toEqual([name, 400]);
      expect(await bodyOf(over)).toMatchObject({
        code: 'FRAGMENT_INGEST_BODY_TOO_LARGE',
        message: 'Bad Request',
      });
    }
    expect(seen.map(({ body }) => body.length)).toEqual(encoders.flatMap(() => [1_000, 1_000]));
  });

  it('stops a compression bomb early', async () => {
    const { post } = await started();
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const before = process.memoryUsage().rss;
    const res = await post(bomb, { 'content-encoding': 'gzip' });
    expect([res.status, (await bodyOf(res))['code']]).toEqual([400, 'FRAGMENT_INGEST_BODY_TOO_LARGE']);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('answers 400 to what does not unpack or is packed otherwise', async () => {
    const { post, seen } = await started();
    const packed = gzipSync('{"a":1}');
    const bodies: [Buffer, string][] = [
      [packed.subarray(0, 12), 'gzip'],
      [Buffer.from('{"a":1}'), 'gzip'],
      [packed, 'br'],
      [packed, 'deflate'],
      [packed, 'zstd'],
      [gzipSync(packed), 'gzip, gzip'],
      [packed, 'constructor'],
    ];
    for (const [body, encoding] of bodies) {
      const res = await post(body, { 'content-encoding': encoding });
      expect([encoding, res.status, (await bodyOf(res))['code']]).toEqual([
        encoding,
        400,
        'FRAGMENT_INGEST_BODY_ENCODING',
      ]);
    }
    expect(seen).toEqual([]);
  });

  it('lets a client that sends far too much see the answer, and go on on the same connection', async () => {
    const { port } = await started();
    const socket = connect(port, '127.0.0.1');
    const head = (length: number): string =>
      `POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(head(5_000_000));
    socket.write(Buffer.alloc(5_000_000, 'x'));
    socket.write(`${head(2)}{}`);
    while (!/"success":true/.test(text)) await once(socket, 'data');
    socket.destroy();
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200']);
  });

  it('does not wait for a body that says it is enormous', async () => {
    const { port } = await started();
    const req = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/v1/track',
      method: 'POST',
      headers: { 'content-length': 1e12 },
    });
    req.on('error', () => undefined);
    req.flushHeaders();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    res.resume();
    expect([res.statusCode, res.headers.connection]).toEqual([400, 'close']);
    req.destroy();
  });

  it('answers 429 while too many bytes are held, and takes requests again afterwards', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let arrived: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (arrived = resolve));
    const { post } = await started({
      limits: { requestBytes: 600, inFlightBytes: 1_000 },
      accept: async () => {
        arrived();
        await released;
        return stored;
      },
    });
    const held = post('x'.repeat(600));
    await first;
    const refused = await post('x'.repeat(600));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await bodyOf(refused)).toMatchObject({ code: 'FRAGMENT_INGEST_OVERLOADED' });
    release();
    expect((await held).status).toBe(200);
    expect((await post('x'.repeat(600))).status).toBe(200);
  });

  it('gives back what an aborted request held', async () => {
    const { post, port } = await started({ limits: { requestBytes: 600, inFlightBytes: 700 } });
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 600\r\n\r\n${'x'.repeat(500)}`);
    // Until the 500 bytes are held, and then until they are not.
    while ((await post('x'.repeat(600))).status !== 429) continue;
    socket.destroy();
    while ((await post('x'.repeat(600))).status !== 200) continue;
  });

  it('answers 400 to a body that does not come in time and closes the connection', async () => {
    const { port } = await started({ limits: { requestTimeoutMs: 80, headersTimeoutMs: 80 } });
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write('POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 600\r\n\r\n{');
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text).toMatch(/connection: close/i);
    expect(text).toMatch(/FRAGMENT_(INGEST_BODY_INCOMPLETE|HTTP_MALFORMED)/);
  });
});

describe('answers', () => {
  const item = (n: number): PlannedEvent =>
    planned({ id: `0190b0f0-0000-7000-8000-00000000000${n}`, data: `{"n":${n}}`, messageId: `m${n}` });
  const rejected = [
    {
      index: 1,
      messageId: 'm1',
      type: 'track',
      code: 'FRAGMENT_INGEST_INVALID',
      message: 'Bad Request',
      data: 'secret',
    },
  ];
  const batch = { received: 3, stored: 2, duplicates: 0, rejected, events: [item(2), item(3)] };
  const rejectedAnswer = [
    { index: 1, messageId: 'm1', code: 'FRAGMENT_INGEST_INVALID', message: 'Bad Request', validations: [] },
  ];

  it('tells of a batch what became of its items', async () => {
    const { post } = await started({ accept: () => Promise.resolve({ ...stored, batch }) });
    expect(await bodyOf(await post('{}'))).toEqual({
      statusCode: 200,
      message: 'Successful',
      success: true,
      meta: { received: 3, stored: 2, duplicates: 0, rejected: rejectedAnswer },
    });
  });

  it('shows meta and data where the route says so, the data byte for byte', async () => {
    const routes = [{ ...track, showMeta: true, showData: true }];
    const single = await started({ routes });
    const text = await (await single.post('{}')).text();
    expect(text).toContain('"data":{"n":12345678901234567890,"event":"Order"}}');
    expect(JSON.parse(text)).toMatchObject({
      success: true,
      meta: {
        event: { id: stored.event.id, source: 'rest', received_at: at.toISOString() },
        jobs: [
          { id: `${stored.event.id}.0`, event_id: stored.event.id, destination: 'log', action: 'track' },
        ],
      },
    });

    const many = await started({ routes, accept: () => Promise.resolve({ ...stored, batch }) });
    const answer = await bodyOf(await many.post('{}'));
    expect(answer['data']).toEqual([{ n: 2 }, { n: 3 }]);
    expect(answer['meta']).toMatchObject({
      stored: 2,
      jobs: [{ event_id: item(2).id }, { event_id: item(3).id }],
    });

    const some = { ...batch, stored: 1, duplicates: 1 };
    const repeated = await started({ routes, accept: () => Promise.resolve({ ...stored, batch: some }) });
    expect((await bodyOf(await repeated.post('{}')))['meta']).not.toHaveProperty('jobs');
  });

  it('answers a duplicate 200 and names the event that was first', async () => {
    const { post } = await started({
      routes: [{ ...track, showMeta: true }],
      accept: () =>
        Promise.resolve({ event: planned(), outcome: { outcome: 'duplicate', eventId: 'first' } }),
    });
    const res = await post('{}');
    expect([res.status, (await bodyOf(res))['meta']]).toEqual([
      200,
      { event: { id: 'first', duplicate: true }, jobs: [] },
    ]);
  });

  it('answers 400 to a single event the store can never take', async () => {
    const { post } = await started({
      accept: () =>
        Promise.resolve({ event: planned(), outcome: { outcome: 'refused', code: 'X', message: 'too odd' } }),
    });
    const res = await post('{}');
    expect([res.status, await bodyOf(res)]).toEqual([
      400,
      {
        statusCode: 400,
        code: 'FRAGMENT_INGEST_EVENT_REFUSED',
        message: 'Bad Request',
        validations: [{ message: 'too odd', path: [] }],
      },
    ]);
  });

  it('passes errors of the application on and keeps what it does not know to itself', async () => {
    let error: unknown = new FragmentError('FRAGMENT_STORE_UNAVAILABLE', { retryAfterSeconds: 2 });
    const { post, logged } = await started({ accept: () => Promise.reject(error as Error) });
    const away = await post('{}');
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '2']);
    error = new TypeError('password is hunter2');
    const broken = await post('{}');
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toContain('hunter2');
    expect(logged).toEqual([{ err: error }]);
  });

  it('survives every kind of bytes', async () => {
    const accept = (_route: Route, { body }: IncomingRequest): Promise<IngestAnswer> =>
      Promise.resolve({ ...stored, event: planned({ data: JSON.stringify(body.toString()) }) });
    const { post } = await started({ routes: [{ ...track, showData: true }], accept });
    for (const text of [
      '',
      '\0',
      '"\\ud800"',
      '['.repeat(5_000),
      '\u{1F600}',
      '{"__proto__":{"polluted":1}}',
      '[1e400]',
    ]) {
      const res = await post(text);
      expect([res.status, (await bodyOf(res))['data']]).toEqual([200, text]);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('CORS', () => {
  const origin = 'https://shop.example.com';

  it('answers preflights and lets browsers read every answer, errors too', async () => {
    const { url, post } = await started({ limits: { requestBytes: 10 } });
    const preflight = await fetch(`${url}/v1/track`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-retry-count',
      },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type, x-retry-count',
      'access-control-max-age': '7200',
    });
    const wrongMethod = await fetch(`${url}/v1/track`, { method: 'PUT', headers: { origin } });
    for (const res of [await post('{}', { origin }), await post('x'.repeat(11), { origin }), wrongMethod]) {
      expect(res.headers.get('access-control-allow-origin')).toBe(origin);
      expect(res.headers.get('access-control-expose-headers')).toBe('Retry-After, X-RateLimit-Reset');
    }
    const plain = await post('{}');
    expect([plain.headers.get('vary'), plain.headers.has('access-control-allow-origin')]).toEqual([
      'Origin',
      false,
    ]);
  });

  it('can be switched off', async () => {
    const { url, post } = await started({ cors: false });
    expect((await post('{}', { origin })).headers.has('access-control-allow-origin')).toBe(false);
    const preflight = await fetch(`${url}/v1/track`, { method: 'OPTIONS', headers: { origin } });
    expect([preflight.status, preflight.headers.has('access-control-allow-methods')]).toEqual([204, false]);
  });
});

describe('the service', () => {
  it('answers health beside the routes', async () => {
    const { url } = await started();
    expect(await bodyOf(await fetch(`${url}/_health`))).toEqual({ statusCode: 200, message: 'Successful' });
    expect((await fetch(`${url}/_health/ready`)).status).toBe(200);
    expect((await fetch(`${url}/_health`, { method: 'DELETE' })).status).toBe(405);
    expect((await fetch(`${url}/_health/`)).status).toBe(404);
  });

  it('finishes what runs when it stops', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let arrived: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (arrived = resolve));
    const { made, post } = await started({
      accept: async () => {
        arrived();
        await released;
        return stored;
      },
    });
    const answer = post('{}');
    await running;
    const stopped = made.stop(new AbortController().signal);
    release();
    const res = await answer;
    expect([res.status, res.headers.get('connection')]).toEqual([200, 'close']);
    await stopped;
    await expect(post('{}')).rejects.toThrow();
  });

  it('reports every problem of its options at once', () => {
    const make = (): Gateway =>
      gateway({ port: -1, host: '', trustProxy: -1, limits: { requestBytes: 0, inFlightBytes: -5 } });
    const paths = [
      'host',
      'port',
      'limits.requestBytes',
      'limits.inFlightBytes',
      'limits.inFlightBytes',
      'trustProxy',
    ];
    expect(make).toThrow(FragmentError);
    try {
      make();
    } catch (error) {
      expect((error as FragmentError).code).toBe('FRAGMENT_CONFIG_INVALID');
      expect((error as FragmentError).validations.map(({ path }) => path.slice(1).join('.'))).toEqual(paths);
    }
  });

  it('belongs to one application', async () => {
    const { made } = attached();
    expect(() => made.attach({} as Application)).toThrow(FragmentError);
    await expect(gateway().start()).rejects.toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
    const url = await hosted(gateway().handler);
    expect((await fetch(url)).status).toBe(503);
  });
});

describe('embedded', () => {
  it('never listens with port false, and serves a plain server of the host', async () => {
    const { made, seen } = attached({ port: false });
    expect(await made.start()).toBeUndefined();
    const url = await hosted(made.handler);
    expect((await fetch(`${url}/v1/track`, { method: 'POST', body: '{}' })).status).toBe(200);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/_health/ready`)).status).toBe(200);
    expect(seen).toHaveLength(1);
    await made.stop(AbortSignal.abort());
  });

  it('mounts in Express, below a prefix too, and leaves other paths to the host', async () => {
    const { made, seen } = attached({ port: false });
    const host = express();
    host.use('/cdp', made.router());
    host.use(made.router());
    host.use((_req, res) => void res.status(418).send('host'));
    const url = await hosted(host);
    const post = (path: string) => fetch(`${url}${path}`, { method: 'POST', body: '{"a":1}' });
    expect((await post('/cdp/v1/track?q=1')).status).toBe(200);
    expect((await post('/v1/track')).status).toBe(200);
    expect((await post('/other')).status).toBe(418);
    expect((await fetch(`${url}/cdp/_health`)).status).toBe(200);
    expect(seen.map(({ path, query }) => [path, query.get('q')])).toEqual([
      ['/v1/track', '1'],
      ['/v1/track', null],
    ]);
  });

  it('takes what a body parser of the host left: bytes, text, a value or nothing', async () => {
    const parsers = {
      raw: express.raw({ type: '*/*' }),
      text: express.text({ type: '*/*' }),
      json: express.json({ type: '*/*' }),
    };
    for (const [name, parser] of Object.entries(parsers)) {
      const { made, seen } = attached({ port: false, limits: { requestBytes: 20 } });
      const url = await hosted(express().use(parser, made.router()));
      const post = (body: string | Buffer, headers = {}) =>
        fetch(`${url}/v1/track`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', ...headers },
        });
      expect((await post('{"a":"é"}')).status).toBe(200);
      expect((await post(gzipSync('{"a":"é"}'), { 'content-encoding': 'gzip' })).status).toBe(200);
      expect((await post(`{"a":"${'x'.repeat(20)}"}`)).status).toBe(400);
      expect([name, seen.map(({ body }) => body.toString())]).toEqual([name, ['{"a":"é"}', '{"a":"é"}']]);
    }
    const { made, seen } = attached({ port: false });
    const url = await hosted(
      express().use((req, _res, next) => void req.resume().on('end', next), made.router()),
    );
    expect((await fetch(`${url}/v1/track`, { method: 'POST', body: '{}' })).status).toBe(200);
    expect(seen[0]?.body.length).toBe(0);
  });

  it('answers 400 to a value of the host that is nested too deeply to be written again', async () => {
    const { made } = attached({ port: false });
    const url = await hosted(express().use(express.json(), made.router()));
    const res = await fetch(`${url}/v1/track`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    });
    expect([res.status, (await bodyOf(res))['code']]).toEqual([400, 'FRAGMENT_INGEST_BODY_TOO_DEEP']);
  });
});
