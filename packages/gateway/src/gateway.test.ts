import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  FragmentError,
  type HttpReply,
  type IncomingRequest,
  type IngestAnswer,
  type NoEvent,
  type PlannedEvent,
  type Route,
} from '@fragment/core';
import { at, bodyOf, cleanUp, planned, started, stored, track } from './gateway.fixture.js';

afterEach(cleanUp);

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

  it('reads the same under any content type and charset, and in any pieces', async () => {
    const { post, seen, port } = await started();
    const kinds = [
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
      'text/html',
      'image/png',
      'x',
      '',
      ';;;',
    ];
    const charsets = [
      '',
      ';charset=utf-8',
      '; charset="UTF-8"',
      ';charset=utf-16',
      ';charset=iso-8859-1',
      ';charset=nope',
    ];
    const types = kinds.flatMap((kind) => charsets.map((charset) => `${kind}${charset}`));
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

    const some = { ...batch, stored: 1, duplicates: 1, events: [item(3)] };
    const repeated = await started({ routes, accept: () => Promise.resolve({ ...stored, batch: some }) });
    const told = await bodyOf(await repeated.post('{}'));
    expect(told['data']).toEqual([{ n: 3 }]);
    expect(told['meta']).toMatchObject({ stored: 1, duplicates: 1, jobs: [{ event_id: item(3).id }] });
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
    let error: Error = new FragmentError('FRAGMENT_STORE_UNAVAILABLE', { retryAfterSeconds: 2 });
    const { post, logged } = await started({ accept: () => Promise.reject(error) });
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

  it('of a trigger of its own take the place of ours, whatever became of the request', async () => {
    const told: string[] = [];
    const pixel: HttpReply = {
      status: 200,
      headers: { 'content-type': 'image/gif' },
      body: Buffer.from('GIF'),
    };
    const setup = {
      limits: { requestBytes: 10 },
      reply: (outcome: IngestAnswer | FragmentError) => {
        told.push('code' in outcome ? outcome.code : outcome.outcome.outcome);
        return pixel;
      },
    };
    const outcomes: (() => Promise<IngestAnswer>)[] = [
      () => Promise.resolve(stored),
      () =>
        Promise.resolve({ event: planned(), outcome: { outcome: 'refused', code: 'X', message: 'too odd' } }),
      () => Promise.reject(new FragmentError('FRAGMENT_INGEST_OVERLOADED')),
      () => Promise.reject(new FragmentError('FRAGMENT_STORE_UNAVAILABLE')),
      () => Promise.reject(new TypeError('a fault of ours')),
    ];
    const { post, logged } = await started({ ...setup, accept: () => outcomes.shift()!() });
    for (let n = 0; n < 5; n += 1) {
      const res = await post('{}', { origin: 'https://shop.example.com' });
      expect([res.status, res.headers.get('content-type'), await res.text()]).toEqual([
        200,
        'image/gif',
        'GIF',
      ]);
      expect(res.headers.get('content-length')).toBe('3');
      expect(res.headers.get('access-control-allow-origin')).toBe('https://shop.example.com');
    }
    expect((await post('x'.repeat(11))).status).toBe(200);
    expect(told).toEqual([
      'stored',
      'refused',
      'FRAGMENT_INGEST_OVERLOADED',
      'FRAGMENT_STORE_UNAVAILABLE',
      'FRAGMENT_HTTP_INTERNAL',
      'FRAGMENT_INGEST_BODY_TOO_LARGE',
    ]);
    expect(logged).toEqual([{ err: new TypeError('a fault of ours') }]);
  });

  it('that a trigger fails to give are ours, and it is logged', async () => {
    const broken = new TypeError('no reply');
    const reply = (): HttpReply => {
      throw broken;
    };
    const taken = await started({ reply });
    expect((await taken.post('{}')).status).toBe(500);
    const refused = await started({
      reply: () => ({ status: 200, headers: { 'x-bad': 'a\r\nb' }, body: '' }),
      accept: () => Promise.reject(new FragmentError('FRAGMENT_INGEST_INVALID')),
    });
    expect((await refused.post('{}')).status).toBe(400);
    expect([taken.logged.length, refused.logged.length]).toEqual([2, 1]);
  });

  it('to what brings no event are 200, or what the trigger says', async () => {
    const answers: NoEvent[] = [
      { noEvent: 'sdk metrics' },
      {
        noEvent: 'settings',
        reply: { status: 404, headers: { 'content-type': 'text/plain' }, body: 'none' },
      },
    ];
    const { post } = await started({ accept: () => Promise.resolve(answers.shift()!) });
    expect(await bodyOf(await post('{}'))).toEqual({ statusCode: 200, message: 'Successful', success: true });
    const settings = await post('{}');
    expect([settings.status, settings.headers.get('content-type'), await settings.text()]).toEqual([
      404,
      'text/plain',
      'none',
    ]);
  });
});
