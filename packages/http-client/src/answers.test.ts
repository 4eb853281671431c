import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeliveryError } from '@fragment/core';
import {
  classify,
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpReply,
  type Verdict,
} from './index.js';
import { answer, failure, Vendor, type Responder } from './vendor.fixture.js';

const MAX_BYTES = 65_536;
const PATIENT: { readonly timeoutMs: number; readonly times: number } = { timeoutMs: 20_000, times: 100 };
/** Long enough for a busy machine to have sent all requests, few of them for the same reason. */
const DEADLINE = { timeoutMs: 2_000, times: 20 } as const;

/** What a vendor may do, and what becomes of a job then. */
interface Row {
  readonly does: string;
  readonly respond: Responder;
  readonly outcome: Verdict['outcome'];
  readonly advice?: object;
  readonly error?: Partial<DeliveryError>;
  /** Characters of the answer that are kept. */
  readonly kept?: number;
}

const says =
  (status: number, body: string | Buffer = '<html>', headers: Record<string, string> = {}): Responder =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

/** Writes for as long as somebody reads. */
const pour = (response: ServerResponse, chunk: Buffer): void => {
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
};

const timeout = { code: 'FRAGMENT_DELIVERY_TIMEOUT' };
const broken = { code: 'FRAGMENT_DELIVERY_NETWORK' };
const rejected = { code: 'FRAGMENT_DELIVERY_REJECTED' };
const unavailable = { code: 'FRAGMENT_DELIVERY_UNAVAILABLE' };

/** 400 MB of zeros in 400 KB: a gzip file may consist of many. More than that no string could hold anyway. */
const bomb = Buffer.concat(new Array<Buffer>(40).fill(gzipSync(Buffer.alloc(10_000_000))));

/** These take their deadline to be known. */
const hanging: readonly Row[] = [
  { does: 'never answers', respond: () => undefined, outcome: 'failed', error: timeout },
  {
    does: 'hangs after its headers',
    respond: (_, response) => response.writeHead(200).flushHeaders(),
    outcome: 'failed',
    error: { ...timeout, status: 200 },
  },
  {
    does: 'drips its body',
    respond(_, response) {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    },
    outcome: 'failed',
    error: { ...timeout, status: 200 },
  },
  {
    does: 'drips its headers',
    respond({ socket }) {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    },
    outcome: 'failed',
    error: timeout,
  },
  {
    does: 'says again and again that it is about to answer',
    respond(_, response) {
      const timer = setInterval(() => response.writeProcessing(), 50);
      response.on('close', () => clearInterval(timer));
    },
    outcome: 'failed',
    error: timeout,
  },
];

const rows: readonly Row[] = [
  {
    does: 'resets the connection',
    respond: ({ socket }) => socket.resetAndDestroy(),
    outcome: 'failed',
    error: broken,
  },
  {
    does: 'breaks off within the body',
    respond({ socket }, response) {
      response.writeHead(200, { 'content-length': '100' }).write('{"half":', () => socket.destroy());
    },
    outcome: 'failed',
    error: { ...broken, status: 200 },
  },
  {
    does: 'speaks no HTTP',
    respond: ({ socket }) => socket.end('SSH-2.0-nonsense\r\n\r\n'),
    outcome: 'failed',
    error: broken,
  },
  {
    does: 'sends headers without end',
    respond: ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}\r\n\r\n`),
    outcome: 'failed',
    error: broken,
  },
  { does: 'says 500', respond: says(500), outcome: 'failed', error: { ...unavailable, status: 500 } },
  {
    does: 'says 429 and when to come again',
    respond: says(429, '', { 'retry-after': '120' }),
    outcome: 'failed',
    advice: { retryAfterMs: 120_000, scope: 'lane' },
    error: { code: 'FRAGMENT_DELIVERY_THROTTLED', status: 429 },
  },
  { does: 'says 401', respond: says(401), outcome: 'discarded', error: { ...rejected, status: 401 } },
  { does: 'says 400', respond: says(400), outcome: 'discarded', error: { ...rejected, status: 400 } },
  { does: 'says 413', respond: says(413), outcome: 'split', error: { code: 'FRAGMENT_DELIVERY_TOO_LARGE' } },
  { does: 'answers with JSON that is none', respond: says(200, '{"half":'), outcome: 'succeeded', kept: 8 },
  {
    does: 'answers with 10 MB',
    respond: says(200, Buffer.alloc(10_000_000, '[')),
    outcome: 'succeeded',
    kept: MAX_BYTES,
  },
  {
    does: 'refuses with 10 MB',
    respond: says(400, Buffer.alloc(10_000_000, '[')),
    outcome: 'discarded',
    error: { ...rejected, response: `${'['.repeat(4_093)}…` },
    kept: MAX_BYTES,
  },
  {
    does: 'redirects to itself',
    respond: says(302, '', { location: '/events?token=1' }),
    outcome: 'failed',
    error: {
      ...unavailable,
      status: 302,
      message:
        'The destination answered with a redirect (302) to /events, which is not followed: check its endpoint.',
    },
  },
];

describe.each(['got', 'undici'] as const)('a vendor, by the %s transport,', (transport) => {
  const vendor = new Vendor();
  const clients: HttpClient[] = [];
  const post = (o: Partial<HttpClientOptions> = {}): Promise<HttpReply> => {
    const options = { baseUrl: vendor.url, allowPrivate: true, transport, maxResponseBytes: MAX_BYTES, ...o };
    const made = createHttpClient(options);
    clients.push(made);
    return made.request({ method: 'POST', path: '/events', json: { n: 1 } });
  };

  beforeAll(() => vendor.start());
  afterAll(async () => {
    await Promise.all(clients.map((one) => one.close()));
    await vendor.stop();
  });

  const check = async (row: Row, at: Vendor, { timeoutMs, times }: typeof PATIENT): Promise<void> => {
    const { does, respond, outcome, advice, error, kept } = row;
    const base = { baseUrl: at.url, allowPrivate: true, transport, maxResponseBytes: MAX_BYTES } as const;
    const client = createHttpClient({ ...base, timeoutMs, connections: times });
    clients.push(client);
    at.respond = respond;
    const before = at.received.length;
    const request = { method: 'POST', path: '/events', json: { n: 1 } } as const;
    const replies = await Promise.all(Array.from({ length: times }, () => client.request(request)));
    // Once each: nothing is repeated, nothing is followed.
    expect({ does, received: at.received.length }).toEqual({ does, received: before + times });
    for (const reply of replies) {
      const {
        error: why,
        exchange,
        ...verdict
      } = {
        error: undefined,
        exchange: undefined,
        ...classify(reply),
      };
      expect({ does, ...verdict }).toEqual({ does, outcome, ...advice });
      expect({ does, wire: outcome === 'succeeded' ? exchange : why }).toMatchObject({
        does,
        wire: {
          request: 'POST /events\n{"n":1}',
          ...(outcome === 'succeeded' && { status: 200, response: expect.any(String) }),
          ...error,
        },
      });
      if (kept !== undefined) expect(answer(reply).text).toHaveLength(kept);
      if (kept !== undefined) expect(answer(reply).json).toBeUndefined();
    }
  };

  it('that gives no whole answer in time fails the job', async () => {
    const vendors = hanging.map(() => new Vendor());
    await Promise.all(vendors.map((one) => one.start()));
    await Promise.all(hanging.map((row, at) => check(row, vendors[at]!, DEADLINE)));
    await Promise.all(vendors.map((one) => one.stop()));
  });

  it.each(rows)('that $does: $outcome', (row) => check(row, vendor, PATIENT));

  it.each<[string, Record<string, string>, Buffer]>([
    ['of 1 GB', { 'content-length': '1000000000' }, Buffer.alloc(65_536, 'x')],
    ['without end', {}, Buffer.alloc(65_536, 'x')],
    ['of 400 MB, compressed', { 'content-encoding': 'gzip', 'content-length': String(bomb.length) }, bomb],
  ])('that answers with a body %s costs neither memory nor time', async (_, headers, chunk) => {
    let sent = 0;
    let closed: Promise<unknown> | undefined;
    vendor.respond = ({ socket }, response) => {
      closed = once(response, 'close').then(() => (sent = socket.bytesWritten));
      response.writeHead(200, headers);
      if (chunk === bomb) response.end(bomb);
      else pour(response, chunk);
    };
    // Enough for the bomb as it is sent.
    const reply = answer(await post({ maxResponseBytes: 1_500_000 }));
    await closed;
    expect(classify(reply)).toMatchObject({ outcome: 'succeeded', exchange: { status: 200 } });
    expect(reply.text.length).toBe(chunk === bomb ? 0 : 1_500_000);
    expect(reply.json).toBeUndefined();
    // What lies in the buffers of both ends may come on top.
    expect(sent).toBeLessThan(30_000_000);
  });

  it.each([
    ['that is compressed and damaged', 'no gzip', 'gzip'],
    ['in an unknown encoding', '{}', 'toString'],
  ])('is judged by the status alone when its body is one %s', async (_, body, encoding) => {
    vendor.respond = says(200, body, { 'content-encoding': encoding });
    const reply = answer(await post());
    expect(reply).toMatchObject({ text: '', json: undefined });
    expect(classify(reply)).toMatchObject({ outcome: 'succeeded', exchange: { status: 200, response: '' } });
  });

  it('may compress what it says', async () => {
    vendor.respond = says(200, gzipSync('{"inflated":true}'), { 'content-encoding': 'gzip' });
    expect(answer(await post()).json).toEqual({ inflated: true });
  });

  it('names a date to come again, or the end of its own window', async () => {
    const inAnHour = Date.now() + 3_600_000;
    const asked = async (status: number, headers: Record<string, string>) => {
      vendor.respond = says(status, '', headers);
      return answer(await post({ rateLimitResetHeader: 'X-RateLimit-Reset' })).retryAfterMs;
    };
    const about = (ms: number | undefined) => Math.round((ms ?? 0) / 100_000);
    expect(about(await asked(503, { 'retry-after': new Date(inAnHour).toUTCString() }))).toBe(36);
    expect(about(await asked(429, { 'x-ratelimit-reset': String(inAnHour / 1000) }))).toBe(36);
    expect(await asked(429, { 'x-ratelimit-reset': '30' })).toBe(30_000);
    expect(await asked(429, { 'x-ratelimit-reset': '30', 'retry-after': '5' })).toBe(5_000);
    expect(await asked(500, { 'x-ratelimit-reset': '30' })).toBeUndefined();
  });

  it('is sent to no other host by a redirect', async () => {
    const other = new Vendor();
    await other.start();
    const origin = other.url;
    vendor.respond = says(307, '', { location: `${origin.replace('//', '//user:pass@')}/in?key=1#x` });
    const verdict = classify(await post());
    await other.stop();
    expect(verdict).toMatchObject({ outcome: 'failed', error: { status: 307 } });
    expect(verdict).toHaveProperty('error.message', expect.stringContaining(`(307) to ${origin}/in, which`));
    expect(other.connections).toBe(0);
  });

  it('is asked through no proxy of the environment', async () => {
    const proxy = new Vendor();
    await proxy.start();
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
    for (const name of names) process.env[name] = proxy.url;
    vendor.respond = says(200, '{}');
    const reply = await post();
    for (const name of names) Reflect.deleteProperty(process.env, name);
    await proxy.stop();
    expect(answer(reply).status).toBe(200);
    expect(proxy.connections).toBe(0);
  });

  it('is asked again on another connection after one was lost', async () => {
    const client = createHttpClient({ baseUrl: vendor.url, allowPrivate: true, transport });
    clients.push(client);
    const request = { method: 'POST', path: '/' } as const;
    vendor.respond = () => undefined;
    failure(await client.request({ ...request, timeoutMs: 100 }));
    vendor.respond = says(200, '{"n":2}');
    expect(answer(await client.request(request)).json).toEqual({ n: 2 });
  });
});
