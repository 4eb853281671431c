import { afterEach, describe, expect, it } from '@jest/globals';
import { LATENCY_BOUNDS_MS } from '@fragment/core';
import { cleanUp, started } from './admin.fixture.js';
import { at, bulk, eventId, job } from './samples.fixture.js';
import { adminEndpoints } from './api/endpoints.js';
import { percentile } from './resources/oversight.js';

afterEach(cleanUp);

const post = (body: unknown = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('what an operator does', () => {
  it.each([
    [`/store/jobs/${job.id}/retry`, {}, ['retry', { jobs: { idsIn: [job.id] } }], { count: 1 }],
    [`/store/jobs/${job.id}/discard`, {}, ['discard', { jobs: { idsIn: [job.id] } }], { count: 1 }],
    [
      `/store/events/${eventId}/replay`,
      {},
      ['replay', { events: { idsIn: [eventId] } }],
      { events: 1, jobs: 2 },
    ],
    [
      '/destinations/amplitude/pause',
      { reason: 'maintenance' },
      ['pause', 'amplitude', 'maintenance'],
      { state: 'held' },
    ],
    ['/destinations/amplitude/resume', {}, ['resume', 'amplitude'], { destination: 'amplitude' }],
    ['/destinations/amplitude/check', {}, ['check', 'amplitude'], { result: 'refused' }],
    [
      '/store/preview',
      { kind: 'retry', where: {} },
      ['preview', 'retry', { events: {}, jobs: {} }],
      { count: 10_000, count_is_capped: true },
    ],
    [
      '/test-events',
      { message: { type: 'track' }, destination: 'amplitude' },
      ['sendTest', { type: 'track' }, { destination: 'amplitude' }],
      {
        event_id: eventId,
        outcome: 'stored',
        jobs: [{ id: `${eventId}.0`, destination: 'amplitude', action: 'track' }],
      },
    ],
    [
      '/users/u1/erase',
      { confirm: 'u1' },
      ['erase', 'u1', { actor: 'local' }],
      { subject: 'ab'.repeat(32), events: 1 },
    ],
    [
      '/sources/rest/triggers/tick/run',
      {},
      ['runTrigger', { source: 'rest', trigger: 'tick' }],
      { trigger: 'tick', state: 'running' },
    ],
    ['/store/purge', {}, ['purge'], { events: 1, keys: 2, rejections: 3 }],
  ])('%s', async (path, body, asked, data) => {
    const { ask, done } = await started();
    const answer = await ask(`/admin/api${path}`, post(body));
    expect([answer.status, answer.body.statusCode]).toEqual([answer.status, answer.status]);
    expect(answer.body.data).toMatchObject(data);
    expect(done[0]).toEqual(asked);
  });

  it('is ordered for many by the names of the filters', async () => {
    const { ask, done } = await started();
    const where = {
      'events.sources_in': ['rest'],
      'events.received_after': '2026-01-02',
      'events.plan_failed': false,
      'jobs.status_in': ['failed', 'discarded'],
      'jobs.min_attempts': 3,
    };
    const { status, body } = await ask(
      '/admin/api/store/bulks',
      post({ kind: 'retry', where, rate_per_second: 2.5 }),
    );
    expect(status).toBe(202);
    expect(done[0]).toEqual([
      'order',
      {
        kind: 'retry',
        where: {
          events: { sourcesIn: ['rest'], receivedAfter: new Date('2026-01-02T00:00:00Z'), planFailed: false },
          jobs: { statusIn: ['failed', 'discarded'], minAttempts: 3 },
        },
        ratePerSecond: 2.5,
        actor: 'local',
      },
    ]);
    expect(body.data).toMatchObject({
      id: bulk.id,
      where: {
        jobs: { 'jobs.created_after': at.toISOString(), transitions: { 'jobs.status_in': ['discarded'] } },
      },
      done: 3,
    });
    expect((await ask('/admin/api/store/bulks')).body.data).toHaveLength(1);
    expect((await ask(`/admin/api/store/bulks/${bulk.id}`)).body.data).toMatchObject({ state: 'running' });
    expect((await ask(`/admin/api/store/bulks/${bulk.id}/cancel`, post())).body.data).toMatchObject({
      state: 'cancelled',
    });
    expect((await ask('/admin/api/store/bulks/other/cancel', post())).body.code).toBe(
      'FRAGMENT_ADMIN_BULK_UNKNOWN',
    );
  });

  it('needs a body it understands, and says what it does not', async () => {
    const { ask, done } = await started();
    const refused = async (path: string, body: unknown) => {
      const { status, body: answer } = await ask(`/admin/api${path}`, post(body));
      return [status, answer.validations?.map(({ message }) => message)];
    };
    expect(await refused('/store/bulks', { kind: 'destroy', wher: {} })).toEqual([
      400,
      ['where is missing', 'wher is not known here', 'kind must be equal to one of the allowed values'],
    ]);
    expect(await refused('/store/bulks', { kind: 'retry', where: { 'jobs.status': ['failed'] } })).toEqual([
      400,
      ['where.jobs.status is not known here'],
    ]);
    expect(await refused('/store/bulks', { kind: 'retry', where: {}, rate_per_second: 0 })).toEqual([
      400,
      ['rate_per_second must be > 0'],
    ]);
    expect(await refused('/users/u1/erase', { confirm: 'u2' })).toEqual([
      400,
      ['confirm must repeat the id'],
    ]);
    expect(await refused(`/store/jobs/${job.id}/retry`, { force: true })).toEqual([
      400,
      ['force is not known here'],
    ]);
    expect(await refused('/store/preview', [])).toEqual([400, ['the body must be object']]);
    const broken = await ask('/admin/api/store/preview', { ...post(), body: '{"kind"' });
    expect(broken.body.validations).toMatchObject([{ message: 'The body is not valid JSON.' }]);
    const huge = await ask('/admin/api/store/preview', { ...post(), body: `"${'x'.repeat(300_000)}"` });
    expect([huge.status, huge.body.code]).toEqual([400, 'FRAGMENT_ADMIN_BODY_INVALID']);
    expect(done.filter(([name]) => name !== 'note')).toEqual([]);
  });

  it('leaves a note each time, also when it fails, and never of whom was erased', async () => {
    const { ask, done } = await started();
    await ask('/admin/api/destinations/amplitude/pause', post());
    await ask('/admin/api/destinations/none/pause', post());
    await ask('/admin/api/users/u1/erase', post({ confirm: 'u1' }));
    await ask('/admin/api/users/secret-person/erase', post({ confirm: 'other' }));
    await ask('/admin/api/store/bulks', post({ kind: 'retry', where: {} }));
    await ask('/admin/api/store/preview', post({ kind: 'retry', where: {} }));
    const notes = done.filter(([name]) => name === 'note').map(([, note]) => note);
    expect(notes).toEqual([
      { actor: 'local', action: 'lane.pause', target: 'amplitude', outcome: 'ok' },
      { actor: 'local', action: 'lane.pause', target: 'none', outcome: 'FRAGMENT_ADMIN_DESTINATION_UNKNOWN' },
      { actor: 'local', action: 'user.erase', target: `receipt ${eventId}`, count: 1, outcome: 'ok' },
      { actor: 'local', action: 'user.erase', outcome: 'FRAGMENT_ADMIN_BODY_INVALID' },
      { actor: 'local', action: 'bulk.order', target: `retry ${bulk.id}`, count: 9, outcome: 'ok' },
    ]);
    expect(JSON.stringify(notes)).not.toContain('secret-person');
  });
});

describe('oversight', () => {
  it('tells statistics with percentiles and totals', async () => {
    const { ask } = await started();
    const { data } = (await ask('/admin/api/statistics?from=2026-01-02&to=2026-01-03&step_ms=60000')).body;
    expect(data).toMatchObject({
      range: { step_ms: 60_000 },
      ingest: [
        { at: at.toISOString(), source: 'rest', type: 'track', result: 'stored', count: 5 },
        { type: 'page', count: 2 },
      ],
      delivery: [
        { destination: 'amplitude', result: 'succeeded', p50_ms: 9, p95_ms: 10 },
        { result: 'failed' },
      ],
      totals: {
        ingest: { stored: 7, duplicate: 0, refused: 0 },
        delivery: [
          { destination: 'amplitude', succeeded: 10, failed: 1, discarded: 0, unknown: 0, p50_ms: 9 },
        ],
      },
    });
    expect((await ask('/admin/api/statistics?from=2026-01-03&to=2026-01-02')).body.validations).toMatchObject(
      [{ message: 'from must be before to' }],
    );
    expect((await ask('/admin/api/statistics')).status).toBe(200);
  });

  it('tells lanes, failures, users, audit, health and schema', async () => {
    const { ask } = await started();
    const data = async (path: string) => (await ask(`/admin/api${path}`)).body.data;
    expect(await data('/overview')).toMatchObject({
      lanes: [
        {
          destination: 'amplitude',
          state: 'held',
          registered: true,
          counts: { awaiting: 0 },
          oldest_due_at: null,
        },
        { destination: 'warehouse (main)', state: 'open' },
      ],
      events: 1,
      rejections: 2,
      plan_errors: 3,
      health: { status: 'ok', checks: [{ name: 'store', status: 'ok', message: null }] },
    });
    expect(await data('/store/failures?jobs.destinations_in=amplitude')).toMatchObject([
      {
        code: 'FRAGMENT_DELIVERY_REJECTED',
        advice: expect.stringMatching(/./),
        count: 2,
        sample_job_id: job.id,
      },
    ]);
    expect(await data('/users/u1')).toEqual({
      user_id: 'u1',
      anonymous_ids: ['a'],
      events: 1,
      events_is_capped: false,
      first_seen_at: null,
      last_seen_at: null,
    });
    expect((await ask('/admin/api/users/u2')).body.code).toBe('FRAGMENT_ADMIN_USER_UNKNOWN');
    expect(await data('/erasures')).toMatchObject([{ subject: 'ab'.repeat(32) }]);
    expect(await data('/audit')).toMatchObject([{ actor: 'jane', target: null, count: null }]);
    expect(await data('/wanderer/migrations')).toMatchObject([
      { version: '0001', transitions: [{ state_after: 'succeeded(up)' }] },
      { version: '0002', transitions: [{ state_after: 'acknowledged' }], created_at: null },
    ]);
    const versions = async (query: string) => {
      const found = (await data(`/wanderer/migrations?${query}`)) as { version: string }[];
      return found.map(({ version }) => version);
    };
    expect(await versions('migrations.status_in=acknowledged')).toEqual(['0002']);
    expect(await versions('migrations.status_notin=acknowledged')).toEqual(['0001']);
    expect(await versions('migrations.scopes_in=store&migrations.versioned_after=0001')).toEqual(['0002']);
    expect(await versions('migrations.scopes_notin=store')).toEqual([]);
    expect(await versions('migrations.versioned_before=0002&limit=1')).toEqual(['0001']);
    expect(await versions('offset=1&limit=1')).toEqual(['0002']);
    expect(await data('/wanderer/migrations/0001/transitions')).toHaveLength(1);
    expect((await ask('/admin/api/wanderer/migrations/0009')).status).toBe(404);
  });

  it('shows the settings it is given', async () => {
    const setting = { name: 'adminToken', value: '••••', source: 'environment', secret: true } as const;
    const { ask } = await started({ settings: () => [setting] });
    expect((await ask('/admin/api/settings')).body.data).toEqual([setting]);
  });

  it('streams events as they come, to so many readers at once', async () => {
    const { url, ask } = await started();
    const open: AbortController[] = [];
    const connect = () => {
      const end = new AbortController();
      open.push(end);
      return fetch(`${url}/admin/api/store/stream`, { signal: end.signal });
    };
    const first = await connect();
    expect(first.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = first.body?.getReader();
    let text = '';
    while (!text.includes('\n\n', 20)) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(text).toContain(`event: event\nid: ${eventId}\ndata: {"id":"${eventId}"`);
    for (let n = 1; n < 20; n += 1) expect((await connect()).status).toBe(200);
    expect((await ask('/admin/api/store/stream')).body.code).toBe('FRAGMENT_ADMIN_BUSY');
    for (const end of open) end.abort();
  });
});

describe('percentiles', () => {
  const buckets = (...counts: readonly number[]): number[] => [
    ...counts,
    ...new Array<number>(LATENCY_BOUNDS_MS.length + 1 - counts.length).fill(0),
  ];
  it.each([
    [buckets(), 0.5, null],
    [buckets(100), 0.5, 1],
    [buckets(0, 0, 100), 0.95, 3],
    [buckets(90, 0, 0, 0, 10), 0.5, 1],
    [buckets(90, 0, 0, 0, 10), 0.95, 6],
    [[...buckets().slice(0, -1), 4], 0.99, LATENCY_BOUNDS_MS.at(-1)],
  ])('%#', (latency, share, expected) => {
    expect(percentile(latency, share)).toBe(expected);
  });
});

describe('the description of the API', () => {
  it('names every route there is, and no other', async () => {
    const { ask } = await started();
    const described = (await ask('/admin/api/openapi.json')).body as unknown as {
      openapi: string;
      paths: Record<string, Record<string, { 'x-role': string; operationId: string; requestBody?: object }>>;
    };
    expect(described.openapi).toBe('3.1.0');
    const routes = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { 'x-role': role }]) => `${method.toUpperCase()} ${path} ${role}`,
      ),
    );
    const mounted = adminEndpoints('/admin').map(
      ({ method, path, role }) => `${method} /admin${path.replace(/:([a-z_]+)/g, '{$1}')} ${role}`,
    );
    expect(routes.sort()).toEqual(mounted.sort());
    const ids = Object.values(described.paths).flatMap((methods) =>
      Object.values(methods).map((o) => o.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});
