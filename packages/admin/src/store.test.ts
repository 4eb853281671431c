import { afterEach, describe, expect, it } from '@jest/globals';
import { cleanUp, started } from './admin.fixture.js';
import { fakeOperations } from './operations.fixture.js';
import { at, eventId, job } from './samples.fixture.js';
import { parseInstant } from './api/instant.js';

afterEach(cleanUp);

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
          ingested_at: at.toISOString(),
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
    expect(one.body.data).toMatchObject({
      transitions: [{ id: `${job.id}.3`, state_after: 'discarded' }],
      context: { context: { ip: '1.2.3.4' } },
    });
    const history = await ask(`/admin/api/store/jobs/${job.id}/transitions?offset=2&limit=2`);
    expect(history.body.meta).toEqual({
      count: 4,
      pagination: { current: 2, previous: 1, next: null, first: 1, last: 2 },
      where: { jobs: { transitions: { 'job.id': job.id } }, offset: 2, limit: 2 },
    });
    expect(history.body.data).toMatchObject([
      { state_after: 'executing', exchange: null },
      { state_before: 'executing', state_after: 'discarded', exchange: null },
    ]);
  });

  it('shows what went over the wire for a delivery that succeeded', async () => {
    const transition = {
      id: `${job.id}.4`,
      jobId: job.id,
      eventId,
      attempt: 1,
      stateBefore: 'executing' as const,
      stateAfter: 'succeeded' as const,
      exchange: { status: 202, request: 'POST / {}' },
      createdAt: at,
    };
    const findTransitions = () => Promise.resolve([transition]);
    const { ask } = await started({ operations: { ...fakeOperations().operations, findTransitions } });
    const shown = {
      state_after: 'succeeded',
      error: null,
      exchange: { status: 202, request: 'POST / {}', response: null },
    };
    expect((await ask(`/admin/api/store/jobs/${job.id}/transitions`)).body.data).toMatchObject([shown]);
    expect((await ask(`/admin/api/store/jobs/${job.id}`)).body.data).toMatchObject({ transitions: [shown] });
    expect((await ask('/admin/api/store/jobs')).body.data).toMatchObject([
      { transitions: [{ id: null, exchange: null }] },
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
    expect(byField['zzz']).toMatch(/there are events.ids_in, /);
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
