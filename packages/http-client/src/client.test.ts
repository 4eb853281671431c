import { getEventListeners, getMaxListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  classify,
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpClientOptions,
  type HttpFailure,
  type HttpReply,
} from './index.js';

const MAX_BYTES = 65_536;

type Responder = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A vendor that answers as each test wants. */
class Vendor {
  connections = 0;
  readonly received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] =
    [];
  respond: Responder = (_, response) => response.end('{}');
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.received.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body,
      });
      this.respond(request, response, body);
    });
  }).on('connection', () => (this.connections += 1));

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const answer = (reply: HttpReply): HttpAnswer => {
  expect(reply).toMatchObject({ kind: 'answer' });
  return reply as HttpAnswer;
};
const failure = (reply: HttpReply): HttpFailure => {
  expect(reply).toMatchObject({ kind: 'failure' });
  return reply as HttpFailure;
};

describe.each(['got', 'undici'] as const)('the %s transport', (transport) => {
  const vendor = new Vendor();
  const clients: HttpClient[] = [];
  const client = (o: Partial<HttpClientOptions> = {}): HttpClient => {
    const made = createHttpClient({
      baseUrl: vendor.url,
      allowPrivate: true,
      timeoutMs: 5_000,
      maxResponseBytes: MAX_BYTES,
      transport,
      ...o,
    });
    clients.push(made);
    return made;
  };
  const post = (responder: Responder, o: Partial<HttpClientOptions> = {}): Promise<HttpReply> => {
    vendor.respond = responder;
    return client(o).request({ method: 'POST', path: '/events', json: { n: 1 } });
  };

  beforeAll(() => vendor.start());
  afterAll(async () => {
    await Promise.all(clients.map((one) => one.close()));
    await vendor.stop();
  });

  it('sends method, path, query, headers and body, and gives the answer back', async () => {
    vendor.respond = (_, response) => {
      response
        .writeHead(201, { 'content-type': 'application/json', 'x-many': ['a', 'b'] })
        .end('{"ok":true}');
    };
    const http = client({ baseUrl: `${vendor.url}/3.0/`, headers: { 'X-Own': 'own' }, userAgent: 'test/1' });
    const reply = answer(
      await http.request({
        method: 'PUT',
        path: '/lists',
        query: { a: 'b&c' },
        headers: { 'x-own': 'its' },
        json: [1],
      }),
    );
    expect(reply).toMatchObject({ status: 201, text: '{"ok":true}', json: { ok: true } });
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'x-many': 'a, b' });
    expect(reply.request).toBe('PUT /3.0/lists?a=b%26c\n[1]');
    expect(vendor.received.at(-1)).toMatchObject({
      method: 'PUT',
      url: '/3.0/lists?a=b%26c',
      headers: {
        'user-agent': 'test/1',
        'x-own': 'its',
        'content-type': 'application/json',
        'content-length': '3',
      },
      body: '[1]',
    });
  });

  it.each(['GET', 'POST', 'PATCH', 'DELETE'] as const)(
    'makes a %s without and with a body',
    async (method) => {
      vendor.respond = (_, response, body) => response.end(body);
      const http = client();
      expect(answer(await http.request({ method, path: '/' })).text).toBe('');
      expect(answer(await http.request({ method, path: '/', body: Buffer.from('é') })).text).toBe('é');
    },
  );

  it('reuses its connections', async () => {
    vendor.respond = (_, response) => response.end('{}');
    const before = vendor.connections;
    const http = client();
    for (let n = 0; n < 20; n += 1) answer(await http.request({ method: 'POST', path: '/', json: n }));
    // undici opens a second one when the first has not yet noticed that its answer is read.
    expect(vendor.connections - before).toBeLessThanOrEqual(2);
  });

  it.each([
    [500, 'failed'],
    [401, 'discarded'],
    [400, 'discarded'],
    [413, 'split'],
  ])('judges %i as %s', async (status, outcome) => {
    const reply = answer(await post((_, response) => response.writeHead(status).end('<html>')));
    expect(reply).toMatchObject({ status, text: '<html>', json: undefined, response: '<html>' });
    expect(classify(reply)).toMatchObject({ outcome, error: { status, response: '<html>' } });
  });

  it('reads Retry-After as seconds and as a date', async () => {
    const seconds = await post((_, response) => response.writeHead(429, { 'retry-after': '120' }).end());
    expect(classify(seconds)).toMatchObject({ outcome: 'failed', retryAfterMs: 120_000, scope: 'lane' });
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const date = answer(
      await post((_, response) => response.writeHead(503, { 'retry-after': inAnHour }).end()),
    );
    expect(date.retryAfterMs).toBeGreaterThan(3_000_000);
    expect(date.retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });

  it.each<[string, Responder, number | undefined]>([
    ['hangs before its headers', () => undefined, undefined],
    ['hangs after its headers', (_, response) => response.writeHead(200).flushHeaders(), 200],
    [
      'drips its body for ever',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
      200,
    ],
  ])('gives up on a vendor that %s', async (_, responder, status) => {
    const reply = failure(await post(responder, { timeoutMs: 200 }));
    expect(reply.error).toMatchObject({
      code: 'FRAGMENT_DELIVERY_TIMEOUT',
      request: 'POST /events\n{"n":1}',
    });
    expect(reply.error.status).toBe(status);
    expect(classify(reply)).toMatchObject({
      outcome: 'failed',
      error: { code: 'FRAGMENT_DELIVERY_TIMEOUT' },
    });
  });

  it('goes on after a timeout', async () => {
    const http = client();
    vendor.respond = () => undefined;
    failure(await http.request({ method: 'POST', path: '/', timeoutMs: 100 }));
    vendor.respond = (_, response) => response.end('{"n":2}');
    expect(answer(await http.request({ method: 'POST', path: '/' })).json).toEqual({ n: 2 });
  });

  it.each<[string, Responder, number | undefined]>([
    ['before the headers', (request) => request.socket.resetAndDestroy(), undefined],
    [
      'within the body',
      (request, response) => {
        response
          .writeHead(200, { 'content-length': '100' })
          .write('{"half":', () => request.socket.destroy());
      },
      200,
    ],
    [
      'with something that is no HTTP',
      (request) => request.socket.end('SSH-2.0-nonsense\r\n\r\n'),
      undefined,
    ],
    [
      'with endless headers',
      (request) => request.socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}\r\n\r\n`),
      undefined,
    ],
  ])('reports a connection that breaks %s', async (_, responder, status) => {
    const reply = failure(await post(responder));
    expect(reply.error.code).toBe('FRAGMENT_DELIVERY_NETWORK');
    expect(reply.error.status).toBe(status);
  });

  it('reports a refused connection and an unknown name', async () => {
    const gone = new Vendor();
    await gone.start();
    const baseUrl = gone.url;
    await gone.stop();
    expect(failure(await client({ baseUrl }).request({ method: 'GET', path: '/' })).error.message).toContain(
      'ECONNREFUSED',
    );
    const lookup: LookupFunction = (name, _, callback) => {
      callback(Object.assign(new Error(`not found ${name}`), { code: 'ENOTFOUND' }), [], 0);
    };
    const named = client({ baseUrl: 'http://vendor.test', lookup });
    expect(failure(await named.request({ method: 'GET', path: '/' })).error.message).toContain('ENOTFOUND');
  });

  it.each([
    ['of 10 MB', () => Buffer.alloc(10_000_000, '['), {}, MAX_BYTES],
    ['that inflates to 50 MB', () => gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' }, 0],
    ['that is compressed and damaged', () => Buffer.from('no gzip'), { 'content-encoding': 'gzip' }, 0],
    ['in an unknown encoding', () => Buffer.from('{}'), { 'content-encoding': 'toString' }, 0],
  ])('judges an answer %s by its status alone', async (_, makeBody, headers, length) => {
    const reply = answer(await post((__, response) => response.writeHead(200, headers).end(makeBody())));
    expect(reply.text).toHaveLength(length);
    expect(reply.json).toBeUndefined();
    expect(classify(reply)).toEqual({ outcome: 'succeeded' });
  });

  it('stops an answer without end at its limit', async () => {
    let closed: Promise<unknown> | undefined;
    const reply = await post((_, response) => {
      closed = once(response, 'close');
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, 'x')));
      };
      response.on('drain', more);
      more();
    });
    expect(answer(reply).text).toHaveLength(MAX_BYTES);
    await closed;
  });

  it('inflates gzip', async () => {
    const reply = await post((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"inflated":true}'));
    });
    expect(answer(reply).json).toEqual({ inflated: true });
  });

  it('follows no redirect', async () => {
    const other = new Vendor();
    await other.start();
    const reply = answer(await post((_, response) => response.writeHead(307, { location: other.url }).end()));
    expect(classify(reply)).toMatchObject({ outcome: 'failed', error: { status: 307 } });
    expect(other.connections).toBe(0);
    await other.stop();
  });

  it("ends with the caller's signal and says whether that was a deadline", async () => {
    const outcomes: string[] = [];
    for (const reason of [new Error('stop'), new DOMException('late', 'TimeoutError')]) {
      const controller = new AbortController();
      vendor.respond = () => controller.abort(reason);
      const { signal } = controller;
      outcomes.push(failure(await client().request({ method: 'POST', path: '/', signal })).error.code);
      outcomes.push(failure(await client().request({ method: 'POST', path: '/', signal })).error.code);
    }
    const [aborted, late] = ['FRAGMENT_DELIVERY_NETWORK', 'FRAGMENT_DELIVERY_TIMEOUT'];
    expect(outcomes).toEqual([aborted, aborted, late, late]);
  });

  it('takes many calls on one signal as no leak, and leaves none behind', async () => {
    vendor.respond = (_, response) => response.end('{}');
    const { signal } = new AbortController();
    const http = client();
    const calls = Array.from({ length: 20 }, () => http.request({ method: 'POST', path: '/', signal }));
    // Node warns of a leak when there are more listeners than this.
    expect(getMaxListeners(signal)).toBe(Infinity);
    expect(getEventListeners(signal, 'abort')).toHaveLength(20);
    (await Promise.all(calls)).map(answer);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('ends running calls when it is closed, and takes no more', async () => {
    const http = client();
    const arrived = new Promise<void>((resolve) => (vendor.respond = () => resolve()));
    const running = http.request({ method: 'POST', path: '/' });
    await arrived;
    await http.close();
    expect(failure(await running).error.code).toBe('FRAGMENT_DELIVERY_NETWORK');
    expect(failure(await http.request({ method: 'POST', path: '/' })).error.message).toContain('closed');
  });

  it('shows no secret in excerpts and errors, in whatever form the vendor echoes it', async () => {
    const key = 'k3y"with/odd=chars&more';
    const basic = Buffer.from(`anystring:${key}`).toString('base64');
    const http = client({ secrets: [key], headers: { authorization: `Basic ${basic}` } });
    vendor.respond = (request, response, body) => {
      response
        .writeHead(400)
        .end(`${body} ${String(request.headers.authorization)} ${String(request.url)} ${btoa(key)}`);
    };
    const reply = answer(
      await http.request({ method: 'POST', path: '/', query: { q: key }, json: { api_key: key, note: key } }),
    );
    for (const excerpt of [reply.request, reply.response]) {
      expect(excerpt).toContain('"note":"***"');
      for (const form of ['k3y', basic, btoa(key).slice(0, 8)]) expect(excerpt).not.toContain(form);
    }
  });
});

describe('createHttpClient', () => {
  it('names all faults of its options at once', () => {
    expect.assertions(1);
    try {
      createHttpClient({ baseUrl: 'ftp://user:pw@host/?q', timeoutMs: 0, maxResponseBytes: 1.5 });
    } catch (error) {
      expect(error).toMatchObject({
        code: 'FRAGMENT_CONFIG_INVALID',
        validations: [{ path: ['baseUrl'] }, { path: ['timeoutMs'] }, { path: ['maxResponseBytes'] }],
      });
    }
  });

  it('refuses a path that could lead to another host', async () => {
    const http = createHttpClient({ baseUrl: 'https://vendor.test' });
    await expect(http.request({ method: 'GET', path: '.evil.test/' })).rejects.toMatchObject({
      code: 'FRAGMENT_CONFIG_INVALID',
    });
    await http.close();
  });
});
