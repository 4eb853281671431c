import type { Destination, JobResult, LeasedJob } from '@fragment/core';
import {
  leasedJob,
  loadToolkit,
  startFakeAmplitude,
  type FakeAmplitude,
  type FakeRequest,
} from '@fragment/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { amplitude, type AmplitudeOptions } from './index.js';

const apiKey = 'amplitude-secret-key';
let fake: FakeAmplitude;
const made: Destination[] = [];

beforeEach(async () => void (fake = await startFakeAmplitude({ apiKey })));
afterEach(async () => {
  for (const destination of made.splice(0)) await destination.shutdown?.(loadToolkit());
  await fake.stop();
});

function create(more: Partial<AmplitudeOptions> = {}): Destination {
  const destination = amplitude({ apiKey, endpoint: fake.url, ...more });
  made.push(destination);
  return destination;
}

/** Loads jobs of one action; the destination is the fake's unless another is given. */
function load(
  jobs: readonly LeasedJob[],
  destination = create(),
  signal?: AbortSignal,
): Promise<readonly JobResult[]> {
  const action = destination.actions.find(({ name }) => name === jobs[0]?.action);
  if (!action) throw new Error('no such action');
  return action.load(jobs, loadToolkit(signal ? { signal } : {}));
}

const track = (userId: string, more: object = {}): LeasedJob =>
  leasedJob({ type: 'track', event: 'E', userId, ...more });
const outcomes = (results: readonly JobResult[]): string[] => results.map(({ outcome }) => outcome);
const users = (request: FakeRequest | undefined): unknown[] =>
  (request?.body as { events: { user_id?: string }[] }).events.map(({ user_id }) => user_id);
const accepted = (): unknown[] => fake.accepted.map(({ user_id }) => user_id);
const names = (...all: string[]) => all.map((name) => track(name));

describe('options', () => {
  it('are refused all together', () => {
    const wrong = { apiKey: '', region: 'mars', endpoint: 'ftp://x', minIdLength: 0, groupType: '' };
    expect(() => amplitude(wrong as unknown as AmplitudeOptions)).toThrow(
      expect.objectContaining({
        code: 'FRAGMENT_CONFIG_INVALID',
        validations: ['apiKey', 'region', 'endpoint', 'minIdLength', 'groupType'].map((option) =>
          expect.objectContaining({ path: [option] }),
        ),
      }),
    );
  });
  it('appear without the key; the region chooses the host', () => {
    const destination = amplitude({ apiKey, region: 'eu' });
    made.push(destination);
    expect(destination.options).toMatchObject({ region: 'eu', endpoint: 'https://api.eu.amplitude.com' });
    expect(JSON.stringify(destination.options)).not.toContain(apiKey);
    expect(destination).toMatchObject({
      name: 'amplitude',
      accepts: 'segment',
      integrations: ['Amplitude', 'Actions Amplitude'],
    });
  });
  it('without `alias` there is no such action, so no job', () => {
    const names = ['identify', 'track', 'page', 'screen', 'group'];
    expect(create().actions.map(({ name }) => name)).toEqual(names);
    expect(create({ alias: true }).actions.map(({ name }) => name)).toEqual([...names, 'alias']);
  });
});

describe('delivery', () => {
  it.each([
    ['identify', { traits: { plan: 'pro', $add: { logins: 1 } } }, ['$identify']],
    ['track', { event: 'Order Completed', properties: { revenue: '48', products: [{ product_id: 'p1' }] } }, ['Order Completed', 'Product Purchased']],
    ['page', { name: 'Home' }, ['Viewed Home Page']],
    ['screen', { name: 'Cart' }, ['Viewed Cart Screen']],
    ['group', { groupId: 'acme', traits: { seats: 5 } }, ['$identify', '$groupidentify']],
  ])('%s is taken by a strict Amplitude', async (type, more, eventTypes) => {
    const context = { ip: '8.8.8.8', campaign: { name: 'spring' }, device: { type: 'ios', id: 'd1' }, location: { latitude: '1.5' } };
    const results = await load([leasedJob({ type, userId: 'u1', anonymousId: 'a1', messageId: 'm1', context, ...more })]);
    expect(outcomes(results)).toEqual(['succeeded']);
    expect(fake.accepted.map(({ event_type }) => event_type)).toEqual(eventTypes);
    expect(fake.requests).toHaveLength(1);
    expect(fake.requests[0]).toMatchObject({ path: '/2/httpapi', headers: { 'content-type': 'application/json' } });
  }); // prettier-ignore

  it('the repeat of a job is recognised, also when the answer of the first was lost', async () => {
    fake.script({ status: 500, afterTaking: true });
    const job = leasedJob({ type: 'group', userId: 'u1', anonymousId: 'a1', groupId: 'g', traits: { a: 1 } });
    const destination = create();
    expect(outcomes(await load([job], destination))).toEqual(['failed']);
    expect(outcomes(await load([job], destination))).toEqual(['succeeded']);
    expect([fake.accepted.length, fake.duplicates.length]).toEqual([2, 2]);
  });

  it('NUL and lone surrogates arrive as U+FFFD', async () => {
    await load([
      leasedJob({ type: 'track', event: 'E', userId: 'u1', properties: { a: 'x\u0000y\ud800z' } }),
    ]);
    expect(fake.accepted[0]?.['event_properties']).toEqual({ a: 'x\ufffdy\ufffdz' });
  });

  it('what cannot be taken costs no request and harms nobody beside it', async () => {
    const jobs = [
      track('u1'),
      leasedJob({ type: 'track', event: 'E', userId: 'null' }),
      leasedJob({ type: 'track', event: '', anonymousId: 'a1' }),
      track('u1', { properties: { matrix: [[1]] } }),
      track('u1', { properties: { text: 'x'.repeat(1_000_000) } }),
      track('u1', { integrations: { 'Actions Amplitude': false } }),
      leasedJob({ type: 'track', event: 'E', userId: 'u1' }, { event: { data: '{broken' } }),
      track('u2'),
    ];
    const results = await load(jobs);
    expect(outcomes(results)).toEqual(['succeeded', 'discarded', 'discarded', 'discarded', 'discarded', 'discarded', 'failed', 'succeeded']);
    expect(results.map((result) => ('error' in result ? result.error.code : ''))).toEqual([
      '', 'FRAGMENT_DELIVERY_INVALID', 'FRAGMENT_DELIVERY_INVALID', 'FRAGMENT_DELIVERY_INVALID', 'FRAGMENT_DELIVERY_TOO_LARGE', 'FRAGMENT_DELIVERY_INVALID', 'FRAGMENT_DELIVERY_THREW', '',
    ]);
    expect(fake.requests).toHaveLength(1);
    expect(accepted()).toEqual(['u1', 'u2']);
  }); // prettier-ignore

  it('nothing deliverable: no request at all', async () => {
    expect(outcomes(await load([leasedJob({ type: 'track', event: 'E', userId: 'none' })]))).toEqual([
      'discarded',
    ]);
    expect(fake.requests).toHaveLength(0);
  });

  it('more than 1 MB goes in several requests, in order', async () => {
    const jobs = Array.from({ length: 50 }, (_, i) =>
      track(`u${i}`, { properties: { text: 'x'.repeat(30_000) } }),
    );
    expect(new Set(outcomes(await load(jobs)))).toEqual(new Set(['succeeded']));
    expect(fake.requests).toHaveLength(2);
    expect(Math.max(...fake.requests.map(({ bytes }) => bytes))).toBeLessThanOrEqual(1_000_000);
    expect(accepted()).toEqual(jobs.map((_, i) => `u${i}`));
  });
  it('more than 2,000 events too', async () => {
    const products = Array.from({ length: 1200 }, (_, i) => ({ product_id: String(i) }));
    const order = () =>
      leasedJob({ type: 'track', event: 'Order Completed', userId: 'u1', properties: { products } });
    expect(outcomes(await load([order(), order()]))).toEqual(['succeeded', 'succeeded']);
    expect([fake.requests.length, fake.accepted.length]).toEqual([2, 2402]);
  });

  it("what a flow froze as the job's data is laid over the message", async () => {
    await load([leasedJob({ type: 'track', event: 'E', userId: 'u1' }, { data: { event: 'Renamed' } })]);
    expect(fake.accepted[0]).toMatchObject({ event_type: 'Renamed', user_id: 'u1' });
  });
});

describe('answers about single events', () => {
  it('refused ones are discarded with the reason, the others are sent again at once', async () => {
    // The fake wants five characters where the destination was told three: a vendor that knows better.
    fake.script({
      status: 400,
      body: {
        code: 400,
        error: 'Invalid',
        events_with_invalid_id_lengths: { user_id: [1] },
        events_with_missing_fields: { event_type: [3] },
        events_with_invalid_fields: { time: [3, 99], device_id: 'x' },
      },
    });
    const results = await load(names('a', 'b', 'c', 'd'));
    expect(outcomes(results)).toEqual(['succeeded', 'discarded', 'succeeded', 'discarded']);
    expect(results[1]).toMatchObject({
      error: {
        code: 'FRAGMENT_DELIVERY_REJECTED',
        status: 400,
        message: expect.stringContaining('user_id is too short'),
      },
    });
    expect(results[3]).toMatchObject({
      error: { message: expect.stringContaining('event_type is missing') },
    });
    expect(fake.requests.map(users)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'c'],
    ]);
  });

  it("shows the job's own event as the request, never the key", async () => {
    fake.script({ status: 400, body: { error: 'x', events_with_invalid_fields: { time: [0] } } });
    const [result] = await load(names('ann', 'bob'));
    const text = JSON.stringify(result);
    expect(text).toContain('ann');
    expect(text).not.toContain('bob');
    expect(text).not.toContain(apiKey);
  });

  it('one refused event of a message discards its job and says which, and the others keep their insert_ids', async () => {
    fake.script({ status: 400, body: { error: 'x', events_with_invalid_fields: { event_properties: [1] } } });
    const products = [{ product_id: 'p1' }, { product_id: 'p2' }];
    const results = await load([
      leasedJob({
        type: 'track',
        event: 'Order Completed',
        userId: 'u1',
        messageId: 'm1',
        properties: { products },
      }),
      track('u2'),
    ]);
    expect(outcomes(results)).toEqual(['discarded', 'succeeded']);
    expect(results[0]).toMatchObject({
      error: { message: expect.stringMatching(/Product Purchased, one of 3 events/) },
    });
    expect(fake.accepted.map(({ insert_id }) => insert_id).slice(0, 2)).toEqual(['m1', 'm1-2']);
  });

  it('a job of which one event failed and one was refused is tried again', async () => {
    fake.script({
      status: 400,
      body: { error: 'x', events_with_invalid_fields: { event_properties: [0] }, throttled_events: [1] },
    });
    const products = [{ product_id: 'p1' }];
    const order = { type: 'track', event: 'Order Completed', userId: 'u1', properties: { products } };
    expect(await load([leasedJob(order)])).toMatchObject([{ outcome: 'failed', scope: 'user' }]);
  });

  it('silenced events and devices are discarded, throttled ones fail, the rest goes again', async () => {
    fake.script({
      status: 400,
      body: { error: 'x', silenced_events: [0], silenced_devices: ['dev-b'], throttled_events: [0, 2] },
    });
    const device = (id: string) =>
      leasedJob({ type: 'track', event: 'E', userId: id, anonymousId: `dev-${id}` });
    const results = await load([device('a'), device('b'), device('c'), device('d')]);
    expect(outcomes(results)).toEqual(['discarded', 'discarded', 'failed', 'succeeded']);
    expect(results[0]).toMatchObject({ error: { message: expect.stringContaining('silences') } });
    expect(results[2]).toMatchObject({ retryAfterMs: 30_000, scope: 'user' });
  });

  it('throttled users and devices wait 30 s, the others do not', async () => {
    fake.script({
      status: 429,
      body: { code: 429, eps_threshold: 30, throttled_users: { b: 40 }, throttled_devices: { 'dev-c': 50 }, throttled_events: [1] },
    });
    const results = await load([track('a'), track('b'), leasedJob({ type: 'track', event: 'E', anonymousId: 'dev-c' }), track('b'), track('d')]);
    expect(outcomes(results)).toEqual(['succeeded', 'failed', 'failed', 'failed', 'succeeded']);
    expect(results[1]).toMatchObject({
      retryAfterMs: 30_000,
      scope: 'user',
      error: { code: 'FRAGMENT_DELIVERY_THROTTLED', status: 429 },
    });
    expect(accepted()).toEqual(['a', 'd']);
  }); // prettier-ignore

  it('the daily quota makes a user wait for hours', async () => {
    fake.script({
      status: 429,
      body: { error: 'x', throttled_users: { a: 9 }, exceeded_daily_quota_users: { a: 600_000 }, exceeded_daily_quota_devices: {} },
    });
    const [result] = await load(names('a', 'b'));
    expect(result).toMatchObject({ outcome: 'failed', scope: 'user', retryAfterMs: 4 * 3_600_000 });
    expect(accepted()).toEqual(['b']);
  }); // prettier-ignore
});

describe('answers about the whole request', () => {
  it('400 without indices: bisected until the guilty event stands alone', async () => {
    const poisoned = (request: FakeRequest): boolean => users(request).includes('bad');
    fake.script({
      status: 400,
      body: { code: 400, error: 'Invalid event JSON' },
      times: 100,
      when: poisoned,
    });
    const jobs = names('a', 'b', 'c', 'bad', 'd', 'e', 'f', 'g');
    const results = await load(jobs);
    expect(outcomes(results)).toEqual(
      jobs.map(({ event }) => (event.userId === 'bad' ? 'discarded' : 'succeeded')),
    );
    expect(results[3]).toMatchObject({
      error: { message: 'Amplitude refused the event: Invalid event JSON.' },
    });
    expect(accepted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(fake.requests).toHaveLength(7);
  });

  it('400 that is no JSON does not crash', async () => {
    fake.script({ status: 400, body: '<html>' });
    expect(await load(names('a'))).toMatchObject([
      { outcome: 'discarded', error: { message: expect.stringContaining('gave no reason') } },
    ]);
  });

  it('a batch full of broken events ends within its bound; the rest waits for the next', async () => {
    fake.script({ status: 400, body: { error: 'Invalid event JSON' }, times: 1000 });
    const results = await load(Array.from({ length: 64 }, (_, i) => track(`u${i}`)));
    expect(fake.requests).toHaveLength(40);
    expect(new Set(outcomes(results))).toEqual(new Set(['discarded', 'failed']));
    expect(results.at(-1)).toMatchObject({ outcome: 'failed', retryAfterMs: 1000 });
  });

  it('413 is split; a single event is discarded', async () => {
    const many = (request: FakeRequest): boolean => users(request).length > 1 || users(request)[0] === 'big';
    fake.script({ status: 413, body: { code: 413, error: 'Payload too large' }, times: 100, when: many });
    const results = await load(names('a', 'big', 'c'));
    expect(outcomes(results)).toEqual(['succeeded', 'discarded', 'succeeded']);
    expect(results[1]).toMatchObject({ error: { code: 'FRAGMENT_DELIVERY_TOO_LARGE', status: 413 } });
  });

  it('a wrong key holds the lane, its echo is masked, and the right key delivers', async () => {
    fake.setKey('another');
    const destination = create();
    const jobs = names('a', 'b');
    const results = await load(jobs, destination);
    expect(results).toMatchObject([0, 1].map(() => ({ outcome: 'failed', hold: 'credentials', error: { code: 'FRAGMENT_DELIVERY_CREDENTIALS', status: 400 } })));
    expect(JSON.stringify(results)).not.toContain(apiKey);
    expect(fake.requests).toHaveLength(1);
    fake.setKey(apiKey);
    expect(outcomes(await load(jobs, destination))).toEqual(['succeeded', 'succeeded']);
  }); // prettier-ignore

  it.each([
    [400, { code: 400, error: 'x', missing_field: 'api_key' }, { hold: 'credentials' }],
    [401, '<html>', { hold: 'credentials' }],
    [403, undefined, { hold: 'credentials' }],
    [404, 'Not Found', { hold: 'credentials' }],
    [405, '', { hold: 'credentials' }],
    [414, '', { hold: 'credentials' }],
    [429, { code: 429, error: 'Too many requests' }, { scope: 'lane', retryAfterMs: 30_000 }],
    [500, '<html>', {}],
    [502, undefined, {}],
    [503, { error: 'x' }, {}],
    [504, '', {}],
    [302, '', {}],
  ])('%d: nothing is lost', async (status, body, advice) => {
    fake.script({ status, body });
    const results = await load(names('a', 'b'));
    expect(results).toMatchObject([0, 1].map(() => ({ outcome: 'failed', error: { status }, ...advice })));
    expect(fake.requests).toHaveLength(1);
  });

  it('Retry-After of a throttled project is obeyed', async () => {
    fake.script({ status: 429, headers: { 'retry-after': '90' } });
    expect(await load(names('a'))).toMatchObject([{ retryAfterMs: 90_000, scope: 'lane' }]);
  });

  it('when one request fails, those behind it are not tried', async () => {
    fake.script({ status: 503 });
    const jobs = Array.from({ length: 50 }, (_, i) =>
      track(`u${i}`, { properties: { text: 'x'.repeat(30_000) } }),
    );
    expect(new Set(outcomes(await load(jobs)))).toEqual(new Set(['failed']));
    expect(fake.requests).toHaveLength(1);
  });

  it('a cut connection and a call that is ended fail', async () => {
    fake.reset();
    expect(await load(names('a'))).toMatchObject([
      { outcome: 'failed', error: { code: 'FRAGMENT_DELIVERY_NETWORK' } },
    ]);
    fake.hang();
    const ended = load(names('a'), create(), AbortSignal.timeout(20));
    expect(await ended).toMatchObject([{ outcome: 'failed', error: { code: 'FRAGMENT_DELIVERY_TIMEOUT' } }]);
  });
});

describe('alias', () => {
  const alias = (more: object = {}): LeasedJob =>
    leasedJob({ type: 'alias', userId: 'new', previousId: 'old', ...more });
  const loadAlias = (more: object = {}): Promise<readonly JobResult[]> =>
    load([alias(more)], create({ alias: true }));

  it('goes to the user mapping, as a form', async () => {
    expect(outcomes(await loadAlias())).toEqual(['succeeded']);
    expect(fake.mappings).toEqual([{ user_id: 'old', global_user_id: 'new' }]);
    expect(outcomes(await loadAlias({ integrations: { Amplitude: { unmap: 'old' } } }))).toEqual([
      'succeeded',
    ]);
    expect(fake.mappings[1]).toEqual({ user_id: 'old', unmap: true });
  });
  it('without usable ids, or switched off: discarded without a request', async () => {
    expect(outcomes(await loadAlias({ previousId: 'undefined' }))).toEqual(['discarded']);
    expect(outcomes(await loadAlias({ integrations: { 'Actions Amplitude': false } }))).toEqual([
      'discarded',
    ]);
    expect(fake.requests).toHaveLength(0);
  });
  it('a wrong key holds, a refusal discards, a fault of the vendor fails', async () => {
    fake.setKey('another');
    const held = await loadAlias();
    expect(held).toMatchObject([{ outcome: 'failed', hold: 'credentials' }]);
    expect(JSON.stringify(held)).not.toContain(apiKey);
    fake.setKey(apiKey);
    fake.script({ status: 400, body: 'missing_event' }, { status: 400, body: { error: 'Missing group_value' } }, { status: 500, body: '' }, { status: 413 });
    expect(await loadAlias()).toMatchObject([{ outcome: 'discarded', error: { message: 'Amplitude refused the mapping: missing_event.' } }]);
    expect(await loadAlias()).toMatchObject([{ outcome: 'discarded', error: { message: expect.stringContaining('Missing group_value') } }]);
    expect(await loadAlias()).toMatchObject([{ outcome: 'failed' }]);
    expect(await loadAlias()).toMatchObject([{ outcome: 'discarded' }]);
  }); // prettier-ignore
});
