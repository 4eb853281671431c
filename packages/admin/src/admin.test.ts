import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { FragmentError, systemClock, type Application } from '@fragment/core';
import { cleanUp, served, started } from './admin.fixture.js';
import { app } from './application.fixture.js';
import { fakeOperations } from './operations.fixture.js';
import { at, runs, service } from './samples.fixture.js';
import { admin, type AdminOptions } from './index.js';
import { pageHandler } from './page/static.js';

afterEach(cleanUp);

describe('the application', () => {
  it('describes sources and their triggers', async () => {
    const { ask } = await started({ clock: { ...systemClock, now: () => Date.UTC(2026, 0, 1) } });
    expect((await ask('/admin/api/sources')).body).toMatchObject({
      meta: { count: 1 },
      data: [
        {
          name: 'rest',
          options: { prefix: '/x', default_version: '' },
          last_run: { trigger: 'tick', state: 'running', finished_at: null },
        },
      ],
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
        {
          mode: { mode: 'cron', cron: { interval: '@every 20s', next_run_at: '2026-01-01T00:00:20.000Z' } },
          last_run: { state: 'running' },
        },
        { mode: { mode: 'sub', sub: { topic: 't' } }, last_run: null },
        { mode: { mode: 'cdc' } },
      ],
    });
    expect((await ask('/admin/api/sources/rest/triggers/tick')).body.data).toMatchObject({
      name: 'tick',
      last_run: { id: runs[0]?.id },
      semaphore: {
        key: 'triggers/rest/tick',
        is_applicable: true,
        is_acquired: true,
        acquirer_name: 'fragment',
        acquirer_address: 'http://127.0.0.1:9091',
        session_id: service.id,
      },
    });
    expect((await ask('/admin/api/sources/rest/triggers/track')).body.data).toMatchObject({
      last_run: null,
      semaphore: { is_applicable: false, is_acquired: false, session_id: null },
    });
    expect((await ask('/admin/api/sources/rest/triggers/none')).body.code).toBe(
      'FRAGMENT_ADMIN_SOURCE_UNKNOWN',
    );
    expect((await ask('/admin/api/sources/none')).status).toBe(404);
  });

  it('tells how schedules ran, and nothing of triggers that have none', async () => {
    const { ask } = await started();
    const { body } = await ask('/admin/api/sources/rest/triggers/tick/runs?limit=2');
    expect(body.meta).toMatchObject({ count: 2, next_cursor: 'next', where: { limit: 2 } });
    expect(body.data).toEqual([
      expect.objectContaining({ state: 'running', by_hand: false, events: null, error: null }),
      {
        id: runs[1]?.id,
        source: 'rest',
        trigger: 'tick',
        scheduled_at: at.toISOString(),
        started_at: at.toISOString(),
        finished_at: at.toISOString(),
        state: 'failed',
        by_hand: false,
        events: null,
        event_id: null,
        error: { code: 'ECONNREFUSED', message: 'nobody there' },
        service_id: service.id,
        process: 'box:7',
      },
    ]);
    expect((await ask('/admin/api/sources/rest/triggers/track/runs')).body.data).toEqual([]);
    for (const path of ['none/triggers/tick', 'rest/triggers/none'])
      expect((await ask(`/admin/api/sources/${path}/runs`)).body.code).toBe('FRAGMENT_ADMIN_SOURCE_UNKNOWN');
  });

  it('names who runs, and who went without a word', async () => {
    const { ask } = await started();
    const { body } = await ask('/admin/api/services');
    const scheduler = {
      id: service.id,
      service: 'scheduler',
      application: 'fragment',
      host: 'box',
      pid: 7,
      address: 'http://127.0.0.1:9091',
      version: null,
      started_at: at.toISOString(),
      seen_at: at.toISOString(),
      gone: false,
    };
    expect(body).toMatchObject({ meta: { count: 2 }, data: [scheduler, { service: 'gateway', gone: true }] });
    expect((await ask('/admin/api/options')).body.data).toMatchObject({ services: body.data });
    const { operations } = fakeOperations();
    const away = {
      ...operations,
      services: () => Promise.reject(new FragmentError('FRAGMENT_STORE_UNAVAILABLE')),
    };
    const other = await started({ operations: away });
    expect((await other.ask('/admin/api/options')).body.data).toMatchObject({
      name: 'fragment',
      services: null,
    });
    expect((await other.ask('/admin/api/services')).status).toBe(503);
  });

  it('describes destinations, their actions and their lanes', async () => {
    const { ask } = await started();
    const { body } = await ask('/admin/api/destinations');
    expect(body.data).toMatchObject([
      {
        name: 'amplitude',
        integrations: ['amplitude'],
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
      semaphore: {
        key: 'actions/amplitude/track',
        is_applicable: false,
        is_acquired: false,
        acquirer_name: null,
        acquirer_address: null,
        session_id: null,
      },
    });
    expect((await ask('/admin/api/destinations/amplitude/actions/none')).status).toBe(404);
    expect((await ask('/admin/api/destinations/none')).body.code).toBe('FRAGMENT_ADMIN_DESTINATION_UNKNOWN');
  });

  it('names its parts and versions', async () => {
    const { ask } = await started();
    expect((await ask('/admin/api/options')).body.data).toMatchObject({
      store: { from: 'postgres' },
      queue: { from: 'bullmq' },
      retention: {
        events_ms: null,
        rejections_ms: 2,
        dedup_ms: 1,
        statistics_ms: 3,
        policies: [{ where: { 'events.types_in': ['page'] }, older_than_ms: 4 }],
      },
      fragment: { version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      node: { version: process.versions.node },
    });
  });

  it('shows a page without script where no dashboard was built', async () => {
    const none = pageHandler('/ops/admin', new URL('file:///nowhere/'));
    const url = await served((req, res) => void none(req, res, '', {}));
    const res = await fetch(url);
    const html = await res.text();
    expect([res.status, res.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(html).toContain('href="/ops/admin/api/store/jobs"');
    expect(html).not.toMatch(/<script|<style| on\w+=/i);
  });

  it('serves a dashboard packed, and under its base path', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'fragment-admin-'));
    await mkdir(path.join(directory, 'assets'));
    const script = 'export const nothing = 0;\n'.repeat(100);
    await writeFile(path.join(directory, 'index.html'), '<base href="__FRAGMENT_BASE__/">');
    await writeFile(path.join(directory, 'assets/index-1.js'), script);
    const page = pageHandler('/ops/admin', pathToFileURL(`${directory}/`));
    await rm(directory, { recursive: true });
    const url = await served((req, res) => {
      if (!page(req, res, req.url ?? '/', {})) res.writeHead(404).end();
    });
    for (const below of ['/', '/events/1']) {
      expect(await (await fetch(`${url}${below}`)).text()).toBe('<base href="/ops/admin/">');
    }
    for (const encoding of ['br', 'gzip', 'identity']) {
      const res = await fetch(`${url}/assets/index-1.js`, { headers: { 'accept-encoding': encoding } });
      expect(res.headers.get('content-encoding') ?? 'identity').toBe(encoding);
      expect(res.headers.get('cache-control')).toContain('immutable');
      expect(await res.text()).toBe(script);
    }
    expect((await fetch(`${url}/assets/index-2.js`)).status).toBe(404);
  });
});

describe('access', () => {
  const token = 'correct horse battery';
  const paths = ['/admin/api/store/events', '/admin/api/options'];

  it('asks for the token everywhere but on the page, which has nothing to tell', async () => {
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
    const authorization = `Bearer ${token}`;
    expect((await fetch(`${url}/admin/api/options`, { headers: { authorization } })).status).toBe(200);
    expect((await fetch(`${url}/admin`)).status).toBe(200);
    expect((await fetch(`${url}/admin/api/nothing`)).status).toBe(404);
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
    // Its login stands before a mounted admin, and not before a port of ours.
    expect(made.protected).toBe(false);
    expect(admin({ hostLogin: () => undefined }).protected).toBe(true);
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
    const page = await ask('/admin');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    for (const res of [
      await ask('/admin/api/sources'),
      await ask('/admin/api/x'),
      await ask('/admin', { method: 'POST' }),
    ]) {
      expect(Object.fromEntries(res.headers)).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
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
    expect(await (await fetch(`${url}/internal/fragment`)).text()).toContain('="/internal/fragment/');
    // The page has routes of its own; only what looks like a file must be one.
    expect((await fetch(`${url}/internal/fragment/events/e1`)).status).toBe(200);
    expect((await fetch(`${url}/internal/fragment/none.js`)).status).toBe(404);
    expect((await fetch(`${url}/internal/fragment/api/none`)).status).toBe(404);
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
