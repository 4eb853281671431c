import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HttpRoute, Route } from '@fragment/core';
import { bodyOf, cleanUp, raw, started, stored, track } from './gateway.fixture.js';
import { routeTable } from './route-table.js';

afterEach(cleanUp);

const get = (path: string | readonly string[]): HttpRoute => ({ methods: ['GET'], path });

describe('a route', () => {
  it('may have several paths, and segments with a name', async () => {
    const routes = [
      get('/v1/projects/:writeKey/settings'),
      get(['/v1/pixel/:type', '/p/:type/:id']),
      get('/v1/pixel/exact'),
    ];
    const { url, seen } = await started({ routes });
    const ask = async (path: string): Promise<number> => (await fetch(`${url}${path}`)).status;
    expect(await ask('/v1/projects/a%20key%2F%C3%A9/settings?x=1')).toBe(200);
    expect(await ask('/v1/pixel/track')).toBe(200);
    expect(await ask('/p/page/7')).toBe(200);
    expect(await ask('/v1/pixel/exact')).toBe(200);
    expect(seen.map(({ path, params }) => [path, params])).toEqual([
      ['/v1/projects/a%20key%2F%C3%A9/settings', { writeKey: 'a key/é' }],
      ['/v1/pixel/track', { type: 'track' }],
      ['/p/page/7', { type: 'page', id: '7' }],
      ['/v1/pixel/exact', undefined],
    ]);
    for (const path of [
      '/v1/projects//settings',
      '/v1/projects/settings',
      '/v1/projects/k/settings/',
      '/v1/projects/a/b/settings',
      '/v1/projects/%E0%A4%A/settings',
      '/v1/projects/%/settings',
      '/v1/pixel/%ff',
      '/v1/pixel/',
      '/v1/pixel',
      '//v1/pixel/track',
    ]) {
      expect([path, await ask(path)]).toEqual([path, 404]);
    }
    expect(seen).toHaveLength(4);
  });

  it('takes a name from its own path, though another method calls it otherwise', async () => {
    const { url, seen } = await started({ routes: [get('/a/:x'), { methods: ['POST'], path: '/a/:y' }] });
    await fetch(`${url}/a/1`);
    await fetch(`${url}/a/2`, { method: 'POST', body: '{}' });
    expect(seen.map(({ params }) => params)).toEqual([{ x: '1' }, { y: '2' }]);
    const wrong = await fetch(`${url}/a/3`, { method: 'PUT' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD, OPTIONS']);
  });

  it('for GET answers HEAD too, without a body', async () => {
    const { url, seen } = await started({ routes: [get('/v1/pixel'), track] });
    const head = await fetch(`${url}/v1/pixel`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '56', '']);
    expect(seen.map(({ method }) => method)).toEqual(['HEAD']);
    expect((await fetch(`${url}/v1/track`, { method: 'HEAD' })).status).toBe(405);
  });

  it('is no slower found for all the patterns beside it', () => {
    const routes = ['/v1/track', '/v1/:a', '/:a/:b'].map(
      (path) => ({ source: { name: 's' }, trigger: { route: get(path) } }) as unknown as Route,
    );
    const find = routeTable(routes);
    // The same object each time: no comparing, no splitting, nothing made.
    expect(find('/v1/track')).toBe(find('/v1/track'));
    expect(find('/v1/other')?.values).toEqual(['other']);
    expect(find('/x/y/z')).toBeUndefined();
  });
});

describe('the URL that the client sees', () => {
  const base = async (
    headers: Record<string, string>,
    trustProxy = 0,
    setup: { path?: string } = {},
  ): Promise<string | undefined> => {
    const { port, seen } = await started({ trustProxy });
    const { path = '/v1/track' } = setup;
    const req = httpRequest({ port, host: '127.0.0.1', path, method: 'POST', headers });
    req.end('{}');
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    res.resume();
    return seen[0]?.base;
  };

  it('is made of the Host header', async () => {
    expect(await base({ host: 'cdp.example.com' })).toBe('http://cdp.example.com');
    expect(await base({ host: '[::1]:9090' })).toBe('http://[::1]:9090');
    expect(await base({ host: 'cdp.example.com', 'x-forwarded-proto': 'https' })).toBe(
      'http://cdp.example.com',
    );
  });

  it('is made of what proxies say, of as many as are trusted', async () => {
    const forwarded = {
      host: 'inner:9090',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'cdp.example.com',
    };
    expect(await base(forwarded, 1)).toBe('https://cdp.example.com');
    const chain = {
      'x-forwarded-proto': 'gopher, https, http',
      'x-forwarded-host': 'forged, cdp.example.com, mid',
    };
    expect(await base(chain, 2)).toBe('https://cdp.example.com');
    expect(await base({ host: 'cdp.example.com' }, 1)).toBe('http://cdp.example.com');
  });

  it('holds nothing that could not stand in a URL', async () => {
    for (const host of ['a.example/path', 'a"b', 'user@a.example', 'a.example:99999999']) {
      expect(await base({ host })).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    }
    const odd = {
      host: 'cdp.example.com',
      'x-forwarded-host': 'evil.example/x',
      'x-forwarded-proto': 'javascript',
    };
    expect(await base(odd, 1)).toBe('http://cdp.example.com');
  });

  it('is where the connection came in, when the client does not say', async () => {
    let base: string | undefined;
    const { port } = await started({
      accept: (_route, request) => {
        ({ base } = request);
        return Promise.resolve(stored);
      },
    });
    await raw(port, 'POST /v1/track HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}');
    expect(base).toBe(`http://127.0.0.1:${port}`);
  });
});

describe('odd requests', () => {
  const host = 'Host: x\r\nConnection: close\r\n';
  const body = 'Content-Length: 2\r\n\r\n{}';
  it.each([
    ['in HTTP/1.0', `POST /v1/track HTTP/1.0\r\n${body}`, [200]],
    ['that expect 100', `POST /v1/track HTTP/1.1\r\n${host}Expect: 100-continue\r\n${body}`, [100, 200]],
    ['that expect the unknown', `POST /v1/track HTTP/1.1\r\n${host}Expect: x\r\n${body}`, [200]],
    [
      'that would rather speak HTTP/2',
      `POST /v1/track HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n${body}`,
      [200],
    ],
    [
      'for a websocket',
      'GET /v1/track HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
      [405],
    ],
    ['that trace', `TRACE /v1/track HTTP/1.1\r\n${host}\r\n`, [405]],
    ['for a tunnel', 'CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n', [400]],
    ['about the server', `OPTIONS * HTTP/1.1\r\n${host}\r\n`, [404]],
    ['with headers of 20 KB', `POST /v1/track HTTP/1.1\r\n${host}X: ${'a'.repeat(20_000)}\r\n${body}`, [400]],
    ['with a slash at the end', `POST /v1/track/ HTTP/1.1\r\n${host}${body}`, [404]],
    ['with a slash too many', `POST //v1/track HTTP/1.1\r\n${host}${body}`, [404]],
    ['with a dot segment', `POST /v1/./track HTTP/1.1\r\n${host}${body}`, [404]],
    [
      'sent without waiting',
      `${`POST /v1/track HTTP/1.1\r\nHost: x\r\n${body}`.repeat(3)}POST / HTTP/1.1\r\n${host}${body}`,
      [200, 200, 200, 404],
    ],
  ])('%s get one of the answers that SDKs understand', async (_, request, statuses) => {
    const { port } = await started();
    const answer = await raw(port, request);
    expect([...answer.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => Number(status))).toEqual(statuses);
  });

  it('say no more of a 404 than its code', async () => {
    const { url } = await started();
    const res = await fetch(`${url}/v1/<script>alert(1)</script>`, { method: 'POST', body: 'secret' });
    expect(await bodyOf(res)).toEqual({
      statusCode: 404,
      code: 'FRAGMENT_HTTP_NOT_FOUND',
      message: 'Not Found',
      validations: [],
    });
  });
});
