import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners, getMaxListeners } from 'node:events';
import type { LookupFunction } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttpClient, type HttpClient, type HttpClientOptions } from './index.js';
import { answer, failure, Vendor } from './vendor.fixture.js';

describe.each(['got', 'undici'] as const)('the %s transport', (transport) => {
  const vendor = new Vendor();
  const clients: HttpClient[] = [];
  const client = (o: Partial<HttpClientOptions> = {}): HttpClient => {
    const made = createHttpClient({
      baseUrl: vendor.url,
      allowPrivate: true,
      timeoutMs: 5_000,
      transport,
      ...o,
    });
    clients.push(made);
    return made;
  };

  beforeAll(() => vendor.start());
  afterAll(async () => {
    await Promise.all(clients.map((one) => one.close()));
    await vendor.stop();
  });

  it('tells a diagnostics channel what became of a request, secrets masked', async () => {
    const told: unknown[] = [];
    const listen = (message: unknown): void => void told.push(message);
    vendor.respond = (_, response) => void response.writeHead(418).end('hunter2 is wrong');
    const http = client({ secrets: ['hunter2'] });
    const ask = (): Promise<unknown> =>
      http.request({ method: 'POST', path: '/a', json: { key: 'hunter2' } });
    subscribe('fragment:http', listen);
    try {
      await ask();
      await http.close();
      await ask();
    } finally {
      unsubscribe('fragment:http', listen);
    }
    await ask();
    const request = 'POST /a\n{"key":"***"}';
    expect(told).toEqual([
      { request, status: 418, response: '*** is wrong' },
      { request, error: expect.stringContaining('The client is closed.') },
    ]);
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
    expect(reply.route?.()).toBe('PUT /3.0/lists?a=b%26c');
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
    const [key, header, own] = ['k3y"with/odd=chars&more', 'h3ader-canary', '0wn-canary'];
    const basic = Buffer.from(`anystring:${key}`).toString('base64');
    const http = client({
      secrets: [key],
      headers: { authorization: `Basic ${basic}`, 'x-api-key': header },
    });
    const request = {
      method: 'POST',
      path: `/${encodeURIComponent(key)}`,
      query: { q: key },
      headers: { 'x-auth-token': own },
      json: { api_key: key, note: key },
    } as const;
    vendor.respond = ({ headers, url }, response, body) => {
      const echo = [body, JSON.stringify(headers), url, btoa(key), `Your key ${header} is not ${own}.`];
      response.writeHead(400).end(echo.join(' '));
    };
    const reply = answer(await http.request(request));
    for (const excerpt of [reply.request, reply.response]) {
      expect(excerpt).toContain('"note":"***"');
      for (const form of ['k3y', basic, btoa(key).slice(0, 8), header, own])
        expect(excerpt).not.toContain(form);
    }
    expect(reply.response).toContain('Your key *** is not ***.');
    vendor.respond = ({ socket }) => socket.resetAndDestroy();
    expect(JSON.stringify(failure(await http.request(request)))).not.toMatch(/k3y|canary/);
  });
});

describe('createHttpClient', () => {
  it('names all faults of its options at once', () => {
    expect.assertions(1);
    try {
      createHttpClient({
        baseUrl: 'ftp://user:pw@host/?q',
        timeoutMs: 0,
        maxResponseBytes: 1.5,
        allow: ['ok.test', '10.0.0.0/99'],
      });
    } catch (error) {
      expect(error).toMatchObject({
        code: 'FRAGMENT_CONFIG_INVALID',
        validations: [
          { path: ['baseUrl'] },
          { path: ['timeoutMs'] },
          { path: ['maxResponseBytes'] },
          { path: ['allow', '1'] },
        ],
      });
    }
  });

  it.each([
    ['file:///etc/passwd', false],
    ['gopher://vendor.test', false],
    ['http://vendor.test', true],
  ])('speaks no %s (only https: %s)', (baseUrl, httpsOnly) => {
    expect(() => createHttpClient({ baseUrl, httpsOnly })).toThrow(
      expect.objectContaining({ validations: [expect.objectContaining({ path: ['baseUrl'] })] }),
    );
  });

  it('refuses a path that could lead to another host', async () => {
    const http = createHttpClient({ baseUrl: 'https://vendor.test' });
    await expect(http.request({ method: 'GET', path: '.evil.test/' })).rejects.toMatchObject({
      code: 'FRAGMENT_CONFIG_INVALID',
    });
    await http.close();
  });
});
