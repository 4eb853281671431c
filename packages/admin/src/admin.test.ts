import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import {
  FragmentError,
  silentLogger,
  type Application,
  type EventRecord,
  type Found,
  type JobRecord,
  type Operations,
  type Page,
  type Where,
} from '@fragment/core';
import { admin, type AdminOptions } from './index.js';
import { parseInstant } from './instant.js';

const at = new Date('2026-01-02T03:04:05.678Z');
const eventId = '0190b0f0-0000-7000-8000-000000000001';
const job: JobRecord = {
  id: `${eventId}.0`,
  eventId,
  seq: 0,
  destination: 'amplitude',
  action: 'track',
  status: 'discarded',
  attempt: 1,
  lostLeases: 0,
  createdAt: at,
  dueAt: at,
  startedAt: at,
  finishedAt: at,
  lastError: { code: 'FRAGMENT_DELIVERY_REJECTED', message: 'no such user', status: 400 },
};
const event: EventRecord = {
  id: eventId,
  source: 'rest',
  trigger: 'track',
  type: 'track',
  messageId: 'm1',
  timestamp: at,
  receivedAt: at,
  data: '{"event":"Order"}',
  envelope: '{"context":{"ip":"1.2.3.4"}}',
  jobs: [job],
};
const transitions = ['acknowledged', 'awaiting', 'executing', 'discarded'] as const;

interface Asked {
  readonly where?: Where;
  readonly page?: Page | undefined;
}

function fakeOperations(over: Partial<Found<never>> = {}) {
  const asked: Asked[] = [];
  const found = <T>(items: readonly T[], page: Page = {}): Found<T> => ({
    items,
    count: items.length,
    countIsCapped: false,
    limit: page.limit ?? 100,
    offset: page.offset ?? 0,
    nextCursor: 'next',
    ...over,
  });
  const operations = {
    findEvents: (where: Where, page?: Page) => (
      asked.push({ where, page }),
      Promise.resolve(found([event], page))
    ),
    findEvent: (id: string) => (asked.push({}), Promise.resolve(id === eventId ? event : undefined)),
    findJobs: (where: Where, page?: Page) => (
      asked.push({ where, page }),
      Promise.resolve(found([job], page))
    ),
    findJob: (id: string) => (asked.push({}), Promise.resolve(id === job.id ? job : undefined)),
    findTransitions: () =>
      Promise.resolve(
        transitions.map((stateAfter, n) => ({
          id: `${job.id}.${n}`,
          jobId: job.id,
          eventId,
          attempt: n > 1 ? 1 : 0,
          stateBefore: transitions[n - 1] ?? null,
          stateAfter,
          createdAt: at,
        })),
      ),
    findRejections: (page?: Page) => Promise.resolve(found([rejection], page)),
    stats: () => Promise.resolve({ events: 1, rejections: 2, planErrors: 3, lanes: [] }),
    lanes: () =>
      Promise.resolve([
        { destination: 'amplitude', state: 'held', reason: '401', failures: 2, updatedAt: at },
      ]),
  } as unknown as Operations;
  return { operations, asked };
}
const rejection = {
  id: 'r1',
  source: 'rest',
  trigger: 'track',
  index: 3,
  code: 'X',
  message: 'Bad Request',
  receivedAt: at,
};

const app = {
  name: 'fragment',
  logger: silentLogger,
  store: { name: 'postgres' },
  queue: { name: 'bullmq' },
  sources: [
    {
      name: 'rest',
      options: { prefix: '/x' },
      triggers: [
        {
          name: 'track',
          mode: 'http',
          route: { methods: ['POST'], path: '/v1/track', showMeta: true },
          flows: [{ name: 'all' }],
        },
        { name: 'tick', mode: 'cron', schedule: '@every 20s' },
        { name: 'topic', mode: 'subscription', topic: 't' },
        { name: 'cdc', mode: 'cdc' },
      ],
    },
  ],
  destinations: [
    {
      name: 'amplitude',
      accepts: 'segment',
      schedule: { realtime: true, maxRetries: 3 },
      versions: { default: '2', supported: { '1': at, '2': null } },
      actions: [
        { name: 'track', batch: { maxJobs: 10 }, schedule: { interval: '@daily' } },
        { name: 'identify' },
      ],
    },
    { name: 'warehouse (main)', actions: [] },
  ],
} as unknown as Application;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function served(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function started(options: AdminOptions = {}, over: Partial<Found<never>> = {}) {
  const { operations, asked } = fakeOperations(over);
  const made = admin({ operations, ...options });
  made.attach(app);
  const url = await served(made.handler);
  const ask = async (path: string, init?: RequestInit) => {
    const res = await fetch(`${url}${path}`, init);
    return { status: res.status, headers: res.headers, body: JSON.parse(await res.text()) as Body };
  };
  return { made, asked, url, ask };
}
interface Body {
  statusCode: number;
  code?: string;
  message: string;
  meta?: {
    count: number;
    pagination: unknown;
    next_cursor: string;
    count_is_capped: boolean;
    where: unknown;
  };
  data?: unknown;
  validations?: { message: string; path: string[]; field: string }[];
}

describe('the store', () => {
  it('lists events without what they carry, in the envelope of the ancestor', async () => {
    const { ask } = await started();
    const { status, body } = await ask('/admin/api/store/events?events.sources_in=rest&offset=0&limit=50');
    expect(status).toBe(200);
    expect(body).toEqual({
      statusCode: 200,
      message: 'Successful',
      meta: {
        count: 1,
        count_is_capped: false,
        pagination: { current: 1, previous: null, next: null, first: 1, last: 1 },
        next_cursor: 'next',
        where: { 'events.sources_in': ['rest'], offset: 0, limit: 50 },
      },
      data: [
        expect.objectContaining({
          id: eventId,
          message_id: 'm1',
          user_id: null,
          received_at: at.toISOString(),
        }),
      ],
    });
    const [listed] = body.data as Record<string, unknown>[];
    expect(Object.keys(listed!)).not.toEqual(expect.arrayContaining(['data']));
    expect(Object.keys(listed!)).not.toEqual(expect.arrayContaining(['context']));
    expect(listed!['jobs']).toMatchObject([
      {
        id: job.id,
        status: 'discarded',
        transitions: [{ state_before: 'executing', state_after: 'discarded', attempt: 1 }],
      },
    ]);
  });

  it('shows one event whole', async () => {
    const { ask } = await started();
    const { body } = await ask(`/admin/api/store/events/${eventId}`);
    expect(body.data).toMatchObject({
      data: { event: 'Order' },
      context: { context: { ip: '1.2.3.4' } },
      jobs: [{ data: null }],
    });
    expect(body.meta).toBeUndefined();
  });

  it('shows jobs with their latest transition, and the history in pages', async () => {
    const { ask } = await started();
    const list = await ask('/admin/api/store/jobs');
    expect(list.body.data).toMatchObject([
      {
        id: job.id,
        error: { statusCode: 400, code: 'FRAGMENT_DELIVERY_REJECTED', message: 'no such user' },
        due_at: at.toISOString(),
      },
    ]);
    const one = await ask(`/admin/api/store/jobs/${job.id}`);
    expect(one.body.data).toMatchObject({ transitions: [{ id: `${job.id}.3`, state_after: 'discarded' }] });
    const history = await ask(`/admin/api/store/jobs/${job.id}/transitions?offset=2&limit=2`);
    expect(history.body.meta).toEqual({
      count: 4,
      pagination: { current: 2, previous: 1, next: null, first: 1, last: 2 },
      where: { jobs: { transitions: { 'job.id': job.id } }, offset: 2, limit: 2 },
    });
    expect(history.body.data).toMatchObject([
      { state_after: 'executing' },
      { state_before: 'executing', state_after: 'discarded' },
    ]);
  });

  it('does not ask the store for what cannot be an id', async () => {
    const { ask, asked } = await started();
    const bad = ['x', "'; drop table events; --", '%00', '%', '0190b0f0', `${eventId}.x`, '..%2f..%2fetc'];
    for (const id of bad) {
      expect([(await ask(`/admin/api/store/events/${id}`)).body.code]).toEqual([
        'FRAGMENT_ADMIN_EVENT_UNKNOWN',
      ]);
      expect([(await ask(`/admin/api/store/jobs/${id}`)).status]).toEqual([404]);
    }
    expect(asked).toEqual([]);
    const unknown = await ask(`/admin/api/store/jobs/${eventId}.9/transitions`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'FRAGMENT_ADMIN_JOB_UNKNOWN']);
  });

  it('shows rejections, figures and lanes', async () => {
    const { ask } = await started();
    expect((await ask('/admin/api/store/rejections?limit=1')).body.data).toMatchObject([
      { id: 'r1', index: 3, message_id: null },
    ]);
    expect((await ask('/admin/api/store/stats')).body.data).toEqual({
      events: 1,
      rejections: 2,
      plan_errors: 3,
      lanes: [],
    });
    expect((await ask('/admin/api/lanes')).body).toMatchObject({
      meta: { count: 1 },
      data: [{ state: 'held', reason: '401' }],
    });
  });
});

describe('queries', () => {
  it('understands every filter and repeats it as it was applied', async () => {
    const { ask, asked } = await started();
    const query = new URLSearchParams([
      ['events.sources_in', 'a'],
      ['events.sources_in', 'b'],
      ['events.received_after', '2021-02-09 15:23:00'],
      ['events.received_before', '2021-02-10T00:00:00+02:00'],
      ['events.user_id', "o'neil"],
      ['events.plan_failed', 'false'],
      ['jobs.destinations_notin', 'log'],
      ['jobs.status_in', 'failed'],
      ['transitions.min_attempts', '2'],
      ['limit', '9999'],
      ['cursor', 'abc'],
    ]);
    const { body } = await ask(`/admin/api/store/jobs?${query.toString()}`);
    expect(asked).toEqual([
      {
        where: {
          events: {
            sourcesIn: ['a', 'b'],
            receivedAfter: new Date('2021-02-09T15:23:00Z'),
            receivedBefore: new Date('2021-02-09T22:00:00Z'),
            userId: "o'neil",
            planFailed: false,
          },
          jobs: { destinationsNotIn: ['log'], statusIn: ['failed'], minAttempts: 2 },
        },
        page: { limit: 500, offset: 0, cursor: 'abc' },
      },
    ]);
    expect(body.meta?.where).toEqual({
      'events.sources_in': ['a', 'b'],
      'events.received_after': '2021-02-09T15:23:00.000Z',
      'events.received_before': '2021-02-09T22:00:00.000Z',
      'events.user_id': "o'neil",
      'events.plan_failed': false,
      jobs: {
        'jobs.destinations_notin': ['log'],
        transitions: { 'jobs.status_in': ['failed'], 'jobs.min_attempts': 2 },
      },
      cursor: 'abc',
      limit: 500,
    });
    expect(body.meta?.pagination).toBeNull();
  });

  it('counts pages, and always has a next one where the count was capped', async () => {
    const { ask } = await started({}, { count: 73 });
    const page = async (query: string) =>
      (await ask(`/admin/api/store/events?${query}`)).body.meta?.pagination;
    expect(await page('offset=50&limit=50')).toEqual({
      current: 2,
      previous: 1,
      next: null,
      first: 1,
      last: 2,
    });
    expect(await page('limit=50')).toEqual({ current: 1, previous: null, next: 2, first: 1, last: 2 });
    const capped = await started({}, { count: 100, countIsCapped: true });
    expect((await capped.ask('/admin/api/store/events')).body.meta).toMatchObject({
      count_is_capped: true,
      pagination: { next: 2 },
    });
  });

  it('names each parameter that it does not know or cannot use, and what was meant', async () => {
    const { ask, asked } = await started();
    const { status, body } = await ask(
      '/admin/api/store/events?events.source_in=a&limit=0&offset=-1&jobs.status_in=done&events.received_after=yesterday&events.user_id=a&events.user_id=b&zzz=1',
    );
    expect([status, body.code, asked]).toEqual([400, 'FRAGMENT_ADMIN_QUERY_INVALID', []]);
    const byField = Object.fromEntries(
      (body.validations ?? []).map(({ field, message }) => [field, message]),
    );
    expect(Object.keys(byField).sort()).toEqual(
      [
        'events.received_after',
        'events.source_in',
        'events.user_id',
        'jobs.status_in',
        'limit',
        'offset',
        'zzz',
      ].sort(),
    );
    expect(byField['events.source_in']).toBe(
      'events.source_in is not known; did you mean events.sources_in?',
    );
    expect(byField['jobs.status_in']).toMatch(
      /must be one of awaiting, executing, succeeded, failed, discarded, unknown/,
    );
    expect(byField['zzz']).toMatch(/there are events.sources_in, /);
    expect((await ask('/admin/api/sources?x=1')).body.validations).toMatchObject([
      { message: 'x is not known: there are no query parameters here', path: ['query', 'x'] },
    ]);
  });

  it('never fails on hostile values', async () => {
    const { ask } = await started();
    const names = [
      'events.name',
      'events.sources_in',
      'jobs.error_code',
      'cursor',
      'limit',
      'events.received_before',
      'offset',
    ];
    const values = [
      "' or 1=1 --",
      '\0',
      '%',
      '_',
      '\\',
      '${7*7}',
      '\ud800',
      '1e9',
      '0x10',
      ' ',
      '',
      'a'.repeat(600),
      '{}',
      '__proto__',
    ];
    for (const name of [...names, '__proto__', 'constructor', 'toString']) {
      for (const value of values) {
        const { status } = await ask(
          `/admin/api/store/jobs?${new URLSearchParams([[name, value]]).toString()}`,
        );
        expect([name, value, status === 200 || status === 400]).toEqual([name, value, true]);
      }
    }
    expect((await ask('/admin/api/store/jobs?events.name=%00')).status).toBe(400);
    expect((await ask('/admin/api/store/jobs?__proto__=1')).status).toBe(400);
  });

  it('reads times of the calendar only', () => {
    const read = (text: string): string | undefined => parseInstant(text)?.toISOString();
    expect(read('2026-01-31')).toBe('2026-01-31T00:00:00.000Z');
    expect(read('2026-01-31 10:11:12')).toBe('2026-01-31T10:11:12.000Z');
    expect(read('2026-01-31T10:11:12.123456789Z')).toBe('2026-01-31T10:11:12.123Z');
    expect(read('2026-01-31T10:11:12 01:00')).toBe('2026-01-31T09:11:12.000Z');
    expect(read('2026-01-31T10:11:12-0130')).toBe('2026-01-31T11:41:12.000Z');
    for (const text of [
      '2026-02-31',
      '2026-13-01',
      '2026-01-01T25:00:00Z',
      '26-01-01',
      'now',
      '1700000000',
      '',
    ]) {
      expect([text, read(text)]).toEqual([text, undefined]);
    }
  });
});

describe('the application', () => {
  it('describes sources and their triggers', async () => {
    const { ask } = await started();
    expect((await ask('/admin/api/sources')).body).toMatchObject({
      meta: { count: 1 },
      data: [{ name: 'rest', options: { prefix: '/x', default_version: '' } }],
    });
    expect((await ask('/admin/api/sources/rest')).body.data).toMatchObject({
      triggers: [
        {
          mode: {
            mode: 'http',
            http: { methods: ['POST'], path: '/v1/track', show_meta: true, show_data: false },
          },
          flows: [{ name: 'all', enabled: true }],
        },
        { mode: { mode: 'cron', cron: { interval: '@every 20s' } } },
        { mode: { mode: 'sub', sub: { topic: 't' } } },
        { mode: { mode: 'cdc' } },
      ],
    });
    expect((await ask('/admin/api/sources/rest/triggers/tick')).body.data).toMatchObject({ name: 'tick' });
    expect((await ask('/admin/api/sources/rest/triggers/none')).body.code).toBe(
      'FRAGMENT_ADMIN_SOURCE_UNKNOWN',
    );
    expect((await ask('/admin/api/sources/none')).status).toBe(404);
  });

  it('describes destinations, their actions and their lanes', async () => {
    const { ask } = await started();
    const { body } = await ask('/admin/api/destinations');
    expect(body.data).toMatchObject([
      {
        name: 'amplitude',
        integration: 'amplitude',
        options: {
          default_version: '2',
          versions: { '1': at.toISOString(), '2': null },
          schedule: { realtime: true, max_retries: 3 },
        },
        lane: { state: 'held', reason: '401' },
      },
      { name: 'warehouse (main)', options: { schedule: null }, lane: { state: 'open' } },
    ]);
    expect((await ask('/admin/api/destinations/warehouse%20(main)')).body.data).toMatchObject({
      actions: [],
    });
    expect((await ask('/admin/api/destinations/amplitude/actions/track')).body.data).toEqual({
      name: 'track',
      schedule: { realtime: null, interval: '@daily', max_retries: null, max_age_ms: null },
      batch: { max_jobs: 10, max_bytes: null },
    });
    expect((await ask('/admin/api/destinations/amplitude/actions/none')).status).toBe(404);
    expect((await ask('/admin/api/destinations/none')).body.code).toBe('FRAGMENT_ADMIN_DESTINATION_UNKNOWN');
  });

  it('names its parts and versions', async () => {
    const { ask } = await started();
    expect((await ask('/admin/api/options')).body.data).toMatchObject({
      store: { from: 'postgres' },
      queue: { from: 'bullmq' },
      fragment: { version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      node: { version: process.versions.node },
    });
  });

  it('shows a page without script at its base path', async () => {
    const { url } = await started();
    for (const path of ['/admin', '/admin/']) {
      const res = await fetch(`${url}${path}`);
      const html = await res.text();
      expect([res.status, res.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(html).toContain('href="/admin/api/store/jobs"');
      expect(html).not.toMatch(/<script|<style| on\w+=/i);
    }
  });
});

describe('access', () => {
  const token = 'correct horse battery';
  const paths = ['/admin', '/admin/api/store/events', '/admin/api/options', '/admin/nothing'];

  it('asks for the token everywhere', async () => {
    const { made, url } = await started({ token });
    expect(made.protected).toBe(true);
    const wrong = [
      '',
      'Bearer',
      'Bearer x',
      `Bearer ${token}x`,
      `Basic ${token}`,
      token,
      `Bearer ${token.slice(0, -1)}`,
      'Bearer é',
    ];
    for (const path of paths) {
      for (const authorization of wrong) {
        const res = await fetch(`${url}${path}`, { headers: { authorization } });
        expect([path, authorization, res.status]).toEqual([path, authorization, 401]);
        expect(res.headers.get('www-authenticate')).toBe('Bearer realm="fragment"');
      }
    }
    expect((await fetch(`${url}/admin`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await fetch(`${url}/admin/api/stats`, { method: 'POST' })).status).toBe(401);
  });

  it('serves only this machine, by its own name, while there is no token', async () => {
    const { made, url } = await started();
    expect(made.protected).toBe(false);
    const status = async (headers: Record<string, string>): Promise<number | undefined> => {
      const [res] = (await once(get(`${url}/admin/api/options`, { headers }), 'response')) as [
        IncomingMessage,
      ];
      res.resume();
      return res.statusCode;
    };
    for (const host of ['localhost:9091', '127.0.0.1', '[::1]:9091', 'fragment.localhost'])
      expect([host, await status({ host })]).toEqual([host, 200]);
    for (const host of ['evil.example.com', 'localhost.evil.com:9091', '10.0.0.1'])
      expect([host, await status({ host })]).toEqual([host, 403]);
    expect(await status({ 'x-forwarded-for': '203.0.113.9' })).toBe(403);
    expect(await status({ forwarded: 'for=203.0.113.9' })).toBe(403);
  });

  it('lets a host with its own login decide', async () => {
    const { made, url } = await started({ hostLogin: true });
    expect(made.protected).toBe(true);
    const [res] = (await once(
      get(`${url}/admin/api/options`, { headers: { host: 'cdp.example.com' } }),
      'response',
    )) as [IncomingMessage];
    res.resume();
    expect(res.statusCode).toBe(200);
  });

  it('sets the same guards on every answer and allows no other origin', async () => {
    const { url } = await started();
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, { ...init, headers: { origin: 'https://evil.example.com' } });
    for (const res of [
      await ask('/admin'),
      await ask('/admin/api/sources'),
      await ask('/admin/x'),
      await ask('/admin', { method: 'POST' }),
    ]) {
      expect(Object.fromEntries(res.headers)).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringMatching(
          /default-src 'none'.*frame-ancestors 'none'/,
        ) as string,
      });
      expect(res.headers.has('access-control-allow-origin')).toBe(false);
    }
  });

  it('only reads', async () => {
    const { ask, url } = await started();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, headers } = await ask('/admin/api/sources', { method });
      expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
    const head = await fetch(`${url}/admin/api/sources`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await ask('/admin/api')).body.code).toBe('FRAGMENT_HTTP_NOT_FOUND');
  });

  it('refuses options that protect nothing', () => {
    const problems = (options: AdminOptions): string[][] => {
      try {
        admin(options);
        return [];
      } catch (error) {
        return (error as FragmentError).validations.map(({ path }) => [...path]);
      }
    };
    expect(problems({ token: 'too short', basePath: 'admin/' })).toEqual([
      ['admin', 'token'],
      ['admin', 'basePath'],
    ]);
    expect(problems({ token, hostLogin: true })).toEqual([['admin', 'hostLogin']]);
  });
});

describe('mounted in a host', () => {
  it('answers below any path', async () => {
    const made = admin({ operations: fakeOperations().operations, basePath: '/internal/fragment' });
    const host = express().use('/internal/fragment', made.router());
    const url = await served(host);
    expect((await fetch(`${url}/internal/fragment/api/sources`)).status).toBe(503);
    made.attach(app);
    expect((await fetch(`${url}/internal/fragment/api/sources`)).status).toBe(200);
    expect(await (await fetch(`${url}/internal/fragment`)).text()).toContain(
      'href="/internal/fragment/api/sources"',
    );
    expect((await fetch(`${url}/internal/fragment/none`)).status).toBe(404);
  });

  it('uses the operations of its application', async () => {
    const made = admin();
    made.attach({
      ...app,
      store: {
        name: 'postgres',
        stats: () => Promise.resolve({ events: 7, rejections: 0, planErrors: 0, lanes: [] }),
      },
    } as unknown as Application);
    const url = await served(made.handler);
    expect(await (await fetch(`${url}/admin/api/store/stats`)).json()).toMatchObject({ data: { events: 7 } });
  });

  it('answers 503 when the store is away, without naming it', async () => {
    const away = (): Promise<never> =>
      Promise.reject(new FragmentError('FRAGMENT_STORE_UNAVAILABLE', { detail: 'connect 10.0.0.5' }));
    const made = admin({ operations: { ...fakeOperations().operations, findEvents: away } });
    made.attach(app);
    const res = await fetch(`${await served(made.handler)}/admin/api/store/events`);
    expect([res.status, (await res.text()).includes('10.0.0.5')]).toEqual([503, false]);
  });
});
