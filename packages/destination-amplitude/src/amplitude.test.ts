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

// What single messages and single answers become is in ../cases; here is what takes more than a file can say.

const apiKey = 'amplitude-key';
const secretKey = 'amplitude-secret';
let fake: FakeAmplitude;
const made: Destination[] = [];

beforeEach(async () => void (fake = await startFakeAmplitude({ apiKey, secretKey })));
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
    const wrong = {
      apiKey: '', secretKey: '', name: ' ', region: 'mars', api: 'form', endpoint: 'ftp://x', ordering: 'all', minIdLength: 0,
      traitsToIncrement: 'logins', traitsToAppend: ['a', ''], groupType: '', groupTypeTrait: '', groupValueTrait: 5,
      pageEvent: '', screenEvent: '$identify', revenue: 'both', skipUserPropertiesSync: 'yes', alias: 1,
    }; // prettier-ignore
    expect(() => amplitude({ ...wrong, batch: { maxWaitMs: NaN } } as unknown as AmplitudeOptions)).toThrow(
      expect.objectContaining({
        code: 'FRAGMENT_CONFIG_INVALID',
        validations: expect.arrayContaining(
          [...Object.keys(wrong).map((option) => [option]), ['batch', 'maxWaitMs']].map((path) =>
            expect.objectContaining({ path }),
          ),
        ),
      }),
    );
  });
  it('a trait has one operation', () => {
    const twice = { traitsToSetOnce: ['plan'], traitsToAppend: ['seen', 'plan'] };
    expect(() => amplitude({ apiKey, ...twice })).toThrow(
      expect.objectContaining({ validations: [expect.objectContaining({ path: ['traitsToAppend'] })] }),
    );
  });
  it('appear without the keys; the region chooses the host', () => {
    const destination = amplitude({ apiKey, secretKey, region: 'eu', traitsToIncrement: ['logins'] });
    made.push(destination);
    expect(destination.options).toMatchObject({
      region: 'eu',
      endpoint: 'https://api.eu.amplitude.com',
      traitOperations: { logins: '$add' },
    });
    expect(JSON.stringify(destination.options)).not.toMatch(/amplitude-(key|secret)/);
    expect(destination).toMatchObject({
      name: 'amplitude',
      accepts: 'segment',
      integrations: ['Amplitude', 'Actions Amplitude'],
    });
  });
  it('a call waits for more jobs when told to', () => {
    const waits = (more: Partial<AmplitudeOptions>) =>
      new Set(create(more).actions.map(({ batch }) => batch?.maxWaitMs));
    expect(waits({})).toEqual(new Set([0]));
    expect(waits({ batch: { maxWaitMs: 2_000 } })).toEqual(new Set([2_000]));
  });
  it('without `alias` there is no such action, so no job', () => {
    const names = ['identify', 'track', 'page', 'screen', 'group'];
    expect(create().actions.map(({ name }) => name)).toEqual(names);
    expect(create({ alias: true }).actions.map(({ name }) => name)).toEqual([...names, 'alias']);
  });
});

describe('check', () => {
  const check = (more: Partial<AmplitudeOptions>) => create(more).check?.(loadToolkit());
  it('proves the keys right or wrong with the secret key, and sends no events', async () => {
    expect(await check({ secretKey })).toBe('ok');
    expect(await check({ secretKey: 'another' })).toBe('refused');
    expect(fake.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/2/usersearch',
      'GET /api/2/usersearch',
    ]);
  });
  it('can prove a key wrong without it, but not right', async () => {
    expect(await check({})).toBe('unknown');
    expect(await check({ apiKey: 'another' })).toBe('refused');
    expect(fake.requests.map(({ body }) => (body as { events: unknown }).events)).toEqual([[], []]);
    expect(fake.accepted).toEqual([]);
  });
  it.each([
    [200, '<html>a login page</html>', 'unknown'],
    [401, undefined, 'refused'],
    [403, '', 'refused'],
    [404, '', 'unknown'],
    [429, '', 'unknown'],
    [500, '', 'unknown'],
  ])('%d %s: %s, with and without it', async (status, body, expected) => {
    fake.script({ status, body, times: 2 });
    expect([await check({ secretKey }), await check({})]).toEqual([expected, expected]);
  });
  it('knows nothing when nobody answers', async () => {
    fake.reset();
    expect(await check({ secretKey })).toBe('unknown');
  });
});

describe('delivery', () => {
  it('the repeat of a job is recognised, also when the answer of the first was lost', async () => {
    fake.script({ status: 500, afterTaking: true });
    const job = leasedJob({ type: 'group', userId: 'u1', anonymousId: 'a1', groupId: 'g', traits: { a: 1 } });
    const destination = create();
    expect(outcomes(await load([job], destination))).toEqual(['failed']);
    expect(outcomes(await load([job], destination))).toEqual(['succeeded']);
    expect([fake.accepted.length, fake.duplicates.length]).toEqual([2, 2]);
  });

  it('NUL and lone surrogates arrive as U+FFFD', async () => {
    await load([track('u1', { properties: { a: 'x\u0000y\ud800z' } })]);
    expect(fake.accepted[0]?.['event_properties']).toEqual({ a: 'x\ufffdy\ufffdz' });
  });

  it('an event that is too large by itself costs no request', async () => {
    const lines = Array.from({ length: 1000 }, () => 'x'.repeat(1000));
    const results = await load([track('u1'), track('u2', { properties: { lines } })]);
    expect(results).toMatchObject([
      { outcome: 'succeeded' },
      { outcome: 'discarded', error: { code: 'FRAGMENT_DELIVERY_TOO_LARGE' } },
    ]);
    expect(fake.requests.map(users)).toEqual([['u1']]);
  });

  it.each([
    ['http', '/2/httpapi', 1_000_000, 2],
    ['batch', '/batch', 20_000_000, 1],
  ] as const)('%s: requests of at most its size, in order', async (api, path, bytes, count) => {
    const lines = Array.from({ length: 30 }, () => 'x'.repeat(1000));
    const jobs = Array.from({ length: 50 }, (_, i) => track(`u${i}`, { properties: { lines } }));
    const destination = create({ api });
    expect(destination.actions[0]?.batch).toMatchObject({ maxBytes: bytes });
    expect(new Set(outcomes(await load(jobs, destination)))).toEqual(new Set(['succeeded']));
    expect(fake.requests.map((request) => request.path)).toEqual(Array(count).fill(path));
    expect(Math.max(...fake.requests.map((request) => request.bytes))).toBeLessThanOrEqual(bytes);
    expect(accepted()).toEqual(jobs.map((_, i) => `u${i}`));
  });
  it('and of at most 2,000 events', async () => {
    const products = Array.from({ length: 1200 }, (_, i) => ({ product_id: String(i) }));
    const order = () => track('u1', { event: 'Order Completed', properties: { products } });
    expect(outcomes(await load([order(), order()]))).toEqual(['succeeded', 'succeeded']);
    expect([fake.requests.length, fake.accepted.length]).toEqual([2, 2402]);
  });

  it("what a flow froze as the job's data is laid over the message", async () => {
    await load([leasedJob({ type: 'track', event: 'E', userId: 'u1' }, { data: { event: 'Renamed' } })]);
    expect(fake.accepted[0]).toMatchObject({ event_type: 'Renamed', user_id: 'u1' });
  });

  it.each(['track', 'alias'])('a %s whose stored text is no JSON is discarded', async (type) => {
    const job = leasedJob({ type, userId: 'u1' }, { event: { data: '{broken' } });
    expect(await load([job], create({ alias: true }))).toMatchObject([
      { outcome: 'discarded', error: { code: 'FRAGMENT_DELIVERY_INVALID' } },
    ]);
    expect(fake.requests).toEqual([]);
  });
});

describe('users and devices that Amplitude holds back', () => {
  const on = (user: string) => track(user, { anonymousId: `device-of-${user}` });
  it('throttled, exhausted and silenced ones harm nobody else, and go on once it lets them', async () => {
    fake.throttle({ users: ['ann'], devices: ['device-of-bob'] });
    fake.exhaust({ users: ['cat'] });
    const destination = create();
    const jobs = [on('ann'), on('bob'), on('cat'), on('dan'), on('ann')];
    expect(await load(jobs, destination)).toMatchObject([
      { outcome: 'failed', scope: 'user', retryAfterMs: 30_000 },
      { outcome: 'failed', scope: 'user', retryAfterMs: 30_000 },
      { outcome: 'failed', scope: 'user', retryAfterMs: 4 * 3_600_000 },
      { outcome: 'succeeded' },
      { outcome: 'failed', scope: 'user', retryAfterMs: 30_000 },
    ]);
    expect(fake.requests).toHaveLength(2);
    fake.recover();
    expect(new Set(outcomes(await load(jobs, destination)))).toEqual(new Set(['succeeded']));
    expect(accepted()).toEqual(['dan', 'ann', 'bob', 'cat', 'ann']);
    expect(fake.duplicates).toHaveLength(1);
  });
  it('silenced and throttled ones in one answer', async () => {
    fake.silence(['device-of-ann']);
    fake.throttle({ users: ['bob'] });
    expect(outcomes(await load([on('ann'), on('bob'), on('cat')]))).toEqual([
      'discarded',
      'failed',
      'succeeded',
    ]);
    expect(accepted()).toEqual(['cat']);
  });
});

describe('answers', () => {
  it('and requests are shown to each job as far as they are its own, never the key', async () => {
    const taken = await load(names('ann', 'bob'));
    const request = expect.stringMatching(/^POST \/2\/httpapi \(one of 2 in this request\)\n\{.*"ann"/);
    expect(taken[0]).toMatchObject({ outcome: 'succeeded', exchange: { status: 200, request } });
    expect(taken[0]).toHaveProperty('exchange.response', expect.stringMatching(/^\{"code":200,.*\}$/));
    const body = { code: 400, error: `x ${apiKey} bob`, events_with_invalid_fields: { time: [0, 1] } };
    fake.script({ status: 400, body });
    const refused = await load(names('ann', 'bob'));
    const response = '{"code":400,"events_with_invalid_fields":{"time":[0]}}';
    expect(refused[0]).toMatchObject({ outcome: 'discarded', error: { status: 400, request, response } });
    fake.script({ status: 429, body: { code: 429, error: 'bob', eps_threshold: 30 } });
    const throttled = await load(names('ann', 'bob'));
    expect(throttled[0]).toMatchObject({ error: { request, response: '{"code":429,"eps_threshold":30}' } });
    expect(JSON.stringify([taken[0], refused[0], throttled[0]])).not.toMatch(`bob|${apiKey}`);
  });

  it('are shown whole to a job that has the request to itself', async () => {
    const products = [{ product_id: 'p1' }, { product_id: 'p2' }];
    const order = track('ann', { event: 'Order Completed', properties: { products } });
    const [alone] = await load([order]);
    expect(alone).toMatchObject({
      exchange: {
        request: expect.stringMatching(/^POST \/2\/httpapi\n\{"api_key":"\*\*\*","options":.*"p1".*"p2"/),
        response: expect.stringContaining('events_ingested'),
      },
    });
    const [beside] = await load([order, track('bob')]);
    const request = expect.stringMatching(/^POST \/2\/httpapi \(3 of 4 in this request\)\n.*"p1".*"p2"/);
    expect(beside).toMatchObject({ exchange: { request } });
    expect(beside).not.toHaveProperty('exchange.request', expect.stringContaining('bob'));
  });

  it('are not shown to a job that was in no request', async () => {
    fake.script({ status: 503, body: 'busy' });
    const lines = Array.from({ length: 30 }, () => 'x'.repeat(1000));
    const jobs = Array.from({ length: 50 }, (_, i) => track(`u${i}`, { properties: { lines } }));
    const results = await load(jobs);
    expect(results[0]).toHaveProperty('error.request', expect.stringContaining('in this request'));
    expect(results[49]).toMatchObject({ outcome: 'failed', error: { status: 503 } });
    expect(results[49]).not.toHaveProperty('error.request');
  });

  it('one guilty event among many costs few requests', async () => {
    const poisoned = (request: FakeRequest): boolean => users(request).includes('bad');
    fake.script({ status: 400, body: { error: 'Invalid event JSON' }, times: 100, when: poisoned });
    const jobs = names('a', 'b', 'c', 'bad', 'd', 'e', 'f', 'g');
    const results = await load(jobs);
    expect(outcomes(results)).toEqual(
      jobs.map(({ event }) => (event.userId === 'bad' ? 'discarded' : 'succeeded')),
    );
    expect(accepted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(fake.requests).toHaveLength(7);
  });

  it('a batch full of broken events ends within its bound; the rest waits for the next', async () => {
    fake.script({ status: 400, body: { error: 'Invalid event JSON' }, times: 1000 });
    const results = await load(Array.from({ length: 64 }, (_, i) => track(`u${i}`)));
    expect(fake.requests).toHaveLength(40);
    expect(new Set(outcomes(results))).toEqual(new Set(['discarded', 'failed']));
    expect(results.at(-1)).toMatchObject({ outcome: 'failed', retryAfterMs: 1000 });
  });

  it('a wrong key: nothing is lost, and the right one delivers', async () => {
    fake.setKey('another');
    const destination = create();
    const jobs = names('a', 'b');
    expect(await load(jobs, destination)).toMatchObject([
      { outcome: 'failed', hold: 'credentials' },
      { outcome: 'failed', hold: 'credentials' },
    ]);
    expect(fake.requests).toHaveLength(1);
    fake.setKey(apiKey);
    expect(outcomes(await load(jobs, destination))).toEqual(['succeeded', 'succeeded']);
  });

  it('when one request fails, those behind it are not tried', async () => {
    fake.script({ status: 503 });
    const lines = Array.from({ length: 30 }, () => 'x'.repeat(1000));
    const jobs = Array.from({ length: 50 }, (_, i) => track(`u${i}`, { properties: { lines } }));
    expect(new Set(outcomes(await load(jobs)))).toEqual(new Set(['failed']));
    expect(fake.requests).toHaveLength(1);
  });

  it('a call that is ended fails by its time', async () => {
    fake.hang();
    const ended = load(names('a'), create(), AbortSignal.timeout(20));
    expect(await ended).toMatchObject([{ outcome: 'failed', error: { code: 'FRAGMENT_DELIVERY_TIMEOUT' } }]);
  });
});
