import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Destination, JobResult, LeasedJob } from '@fragment/core';
import {
  leasedJob,
  loadToolkit,
  startFakeSegment,
  type FakeSegment,
  type LeasedJobOptions,
} from '@fragment/testing';
import { segment, type SegmentOptions } from './index.js';

const writeKey = 'wr1te-key';

let fake: FakeSegment;
const made: Destination[] = [];

beforeEach(async () => {
  fake = await startFakeSegment({ writeKey });
});
afterEach(async () => {
  for (const one of made.splice(0)) await one.shutdown?.(loadToolkit());
  await fake.stop();
});

const destination = (o: Partial<SegmentOptions> = {}): Destination => {
  const one = segment({ writeKey, endpoint: fake.url, ...o });
  made.push(one);
  return one;
};
const load = (
  jobs: readonly LeasedJob[],
  o: Partial<SegmentOptions> & { action?: string; signal?: AbortSignal } = {},
) => {
  const { action = jobs[0]?.action, signal, ...options } = o;
  const found = destination(options).actions.find(({ name }) => name === action);
  return found!.load(jobs, loadToolkit(signal && { signal }));
};
const track = (n: number, more: object = {}, o?: LeasedJobOptions): LeasedJob =>
  leasedJob({ type: 'track', event: 'Order Completed', userId: `u-${n}`, messageId: `m-${n}`, ...more }, o);
const tracks = (count: number): LeasedJob[] => Array.from({ length: count }, (_, n) => track(n));
const outcomes = (results: readonly JobResult[]) =>
  Object.fromEntries(results.map((one) => [one.job, one.outcome]));
const all = (jobs: readonly LeasedJob[], outcome: string) =>
  Object.fromEntries(jobs.map((job) => [job.id, outcome]));

describe('the message', () => {
  it('is forwarded whole', async () => {
    const message = {
      type: 'track',
      messageId: 'm-1',
      userId: 'u-1',
      anonymousId: 'a-1',
      event: 'Order Completed',
      properties: { total: 0, coupon: '', items: [], gift: false, note: null, ключ: '値 😀' },
      context: { library: { name: 'analytics.js', version: '1' }, own: { deep: [1] }, ip: '8.8.8.8' },
      integrations: { All: true, Amplitude: { session_id: 1 } },
      timestamp: '2026-11-23T10:00:00.000Z',
      channel: 'browser',
      custom: 7,
    };
    const sent = {
      ...message,
      originalTimestamp: '2026-11-23T11:00:00Z',
      sentAt: '2026-11-23T11:00:01Z',
      writeKey: 'other',
      _metadata: {},
    };
    const job = leasedJob(sent, { event: { originalTimestamp: new Date(0), sentAt: new Date(0) } });
    expect(await load([job])).toEqual([{ job: job.id, outcome: 'succeeded' }]);
    expect(fake.accepted).toEqual([message]);
    const [request] = fake.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/batch' });
    expect(Object.keys(request!.body as object)).toEqual(['batch']);
    expect(request!.headers.authorization).toBe(`Basic ${btoa(`${writeKey}:`)}`);
  });

  it.each([
    { type: 'identify', userId: 'u', traits: { email: 'a@b.c' } },
    { type: 'track', anonymousId: 'a', event: 'E' },
    { type: 'page', userId: 'u', name: 'Home', category: 'Docs' },
    { type: 'screen', anonymousId: 'a', name: 'Home' },
    { type: 'group', userId: 'u', groupId: 'g', traits: { plan: 'x' } },
    { type: 'alias', userId: 'u', previousId: 'p' },
  ])('$type is taken', async (message) => {
    const job = leasedJob(message);
    expect(outcomes(await load([job]))).toEqual(all([job], 'succeeded'));
    expect(fake.accepted).toMatchObject([message]);
    expect(fake.dropped).toEqual([]);
  });

  it('takes the context of its batch, and what a flow froze with the job', async () => {
    const envelope = JSON.stringify({ context: { app: { name: 'shop' } } });
    const job = track(
      1,
      { context: { ip: '8.8.8.8' } },
      { data: { messageId: 'own', event: 'Paid' }, event: { envelope } },
    );
    await load([job]);
    expect(fake.accepted).toMatchObject([
      { messageId: 'own', event: 'Paid', userId: 'u-1', context: { app: { name: 'shop' }, ip: '8.8.8.8' } },
    ]);
  });

  it.each([
    ['identify', { traits: {} }, 'UserId must be set'],
    ['track', { userId: 'u' }, 'Event must be set'],
    ['track', { event: 'E' }, 'UserId must be set'],
    ['page', { name: 'n' }, 'UserId must be set'],
    ['screen', { userId: '' }, 'UserId must be set'],
    ['group', { userId: 'u' }, 'GroupId must be set'],
    ['group', { groupId: 'g' }, 'UserId must be set'],
    ['alias', { userId: 'u' }, 'PreviousId must be set'],
    ['alias', { previousId: 'p', anonymousId: 'a' }, 'UserId must be set'],
    ['track', { userId: 'u', event: 'E', messageId: 'm'.repeat(101) }, 'messageId must be'],
  ])('%s %j is discarded without a request', async (type, fields, reason) => {
    const job = leasedJob({ type, ...fields });
    const results = await load([job]);
    expect(results).toMatchObject([
      { job: job.id, outcome: 'discarded', error: { code: 'FRAGMENT_DELIVERY_INVALID' } },
    ]);
    expect(results[0]).toHaveProperty('error.message', expect.stringContaining(reason));
    expect(fake.requests).toEqual([]);
  });

  it('that cannot be taken spoils no other', async () => {
    const broken = track(3, {}, { event: { data: '{"half":' } });
    const jobs = [track(1), track(2, { userId: null }), broken, track(4)];
    expect(outcomes(await load(jobs))).toEqual({
      [jobs[0]!.id]: 'succeeded',
      [jobs[1]!.id]: 'discarded',
      [broken.id]: 'discarded',
      [jobs[3]!.id]: 'succeeded',
    });
    expect(fake.accepted).toMatchObject([{ messageId: 'm-1' }, { messageId: 'm-4' }]);
  });
});

describe('sizes', () => {
  const bytesSent = () => Buffer.byteLength(JSON.stringify(fake.accepted[0]));
  /** A track whose message has this many bytes, mostly in characters of three bytes. */
  const trackOf = async (bytes: number): Promise<LeasedJob> => {
    await load([track(1, { properties: { text: '' } })]);
    const room = bytes - bytesSent();
    return track(2, { properties: { text: '€'.repeat(Math.floor(room / 3)) + 'x'.repeat(room % 3) } });
  };

  it('are counted in bytes, up to the last one', async () => {
    const fits = await trackOf(32_768);
    const exceeds = await trackOf(32_769);
    const before = fake.requests.length;
    expect(await load([exceeds])).toMatchObject([
      { outcome: 'discarded', error: { code: 'FRAGMENT_DELIVERY_TOO_LARGE' } },
    ]);
    expect(fake.requests).toHaveLength(before);
    expect(outcomes(await load([fits]))).toEqual(all([fits], 'succeeded'));
  });

  it('of requests stay within the limit, in order', async () => {
    const jobs = Array.from({ length: 60 }, (_, n) => track(n, { properties: { text: '€'.repeat(10_000) } }));
    expect(outcomes(await load(jobs))).toEqual(all(jobs, 'succeeded'));
    expect(fake.requests).toHaveLength(4);
    for (const request of fake.requests) expect(request.bytes).toBeLessThanOrEqual(500_000);
    expect(fake.accepted.map((one) => one['messageId'])).toEqual(jobs.map((job) => job.event.messageId));
  });

  it('follow the options', async () => {
    const { actions } = destination({ batch: { maxJobs: 2_500, maxBytes: 40_000 } });
    expect(actions[0]?.batch).toEqual({ maxJobs: 2_500, maxBytes: 40_000 });
    expect(destination().actions[0]?.batch).toEqual({ maxJobs: 250, maxBytes: 500_000 });
    const jobs = [1, 2].map((n) => track(n, { properties: { text: 'x'.repeat(30_000) } }));
    await load(jobs, { batch: { maxBytes: 40_000 } });
    expect(fake.requests).toHaveLength(2);
  });
});

describe('answers', () => {
  it.each([
    [200, 'succeeded', {}],
    [202, 'succeeded', {}],
    [401, 'failed', { hold: 'credentials', error: { code: 'FRAGMENT_DELIVERY_CREDENTIALS' } }],
    [403, 'failed', { hold: 'credentials' }],
    [511, 'failed', { hold: 'credentials' }],
    [408, 'failed', {}],
    [410, 'failed', {}],
    [460, 'failed', {}],
    [429, 'failed', { scope: 'lane', retryAfterMs: 60_000, countsAsAttempt: false }],
    [404, 'discarded', { error: { code: 'FRAGMENT_DELIVERY_REJECTED' } }],
    [422, 'discarded', {}],
    [425, 'discarded', {}],
    [301, 'failed', {}],
    [500, 'failed', { error: { code: 'FRAGMENT_DELIVERY_UNAVAILABLE' } }],
    [503, 'failed', {}],
    [501, 'discarded', {}],
    [505, 'discarded', {}],
  ])('%i means %s', async (status, outcome, more) => {
    fake.script({ status, body: '<html>' });
    const jobs = tracks(3);
    const results = await load(jobs);
    expect(outcomes(results)).toEqual(all(jobs, outcome));
    expect(fake.requests).toHaveLength(1);
    for (const result of results) expect(result).toMatchObject(more);
    if (outcome !== 'succeeded') {
      expect(results[0]).toMatchObject({ error: { status, response: '<html>' } });
      // The other events of the request are none of this job's business.
      expect(results[0]).not.toHaveProperty('error.request');
    }
  });

  it.each([
    ['0', 1_000],
    ['120', 120_000],
  ])('429 with Retry-After %s waits %i ms', async (seconds, retryAfterMs) => {
    fake.script({ status: 429, headers: { 'retry-after': seconds } });
    expect(await load([track(1)])).toMatchObject([{ outcome: 'failed', retryAfterMs, scope: 'lane' }]);
  });

  it('400 leads to the event that spoils the batch', async () => {
    const spoilt = (text: string) => text.includes('"m-5"') || text.includes('"m-13"');
    fake.script({ status: 400, body: { message: 'no' }, times: 100, when: ({ text }) => spoilt(text) });
    const jobs = tracks(20);
    const results = await load(jobs);
    expect(outcomes(results)).toEqual({
      ...all(jobs, 'succeeded'),
      [jobs[5]!.id]: 'discarded',
      [jobs[13]!.id]: 'discarded',
    });
    expect(fake.accepted).toHaveLength(18);
    const guilty = results.find((one) => one.job === jobs[5]!.id);
    expect(guilty).toMatchObject({
      error: { code: 'FRAGMENT_DELIVERY_REJECTED', status: 400, response: '{"message":"no"}' },
    });
    expect(guilty).toHaveProperty('error.request', expect.stringContaining('"m-5"'));
  });

  it('413 halves until it fits, and a single event is discarded', async () => {
    const count = (body: unknown) => (body as { batch: unknown[] }).batch.length;
    fake.script({ status: 413, times: 100, when: ({ body }) => count(body) > 3 });
    const jobs = tracks(10);
    expect(outcomes(await load(jobs))).toEqual(all(jobs, 'succeeded'));
    fake.script({ status: 413 });
    expect(await load([track(1)])).toMatchObject([
      { outcome: 'discarded', error: { code: 'FRAGMENT_DELIVERY_TOO_LARGE' } },
    ]);
  });

  it.each([401, 429])('%i ends the call: what has not been sent is not sent', async (status) => {
    fake.script({ status, times: 100 });
    const jobs = Array.from({ length: 60 }, (_, n) => track(n, { properties: { text: 'x'.repeat(30_000) } }));
    expect(outcomes(await load(jobs))).toEqual(all(jobs, 'failed'));
    expect(fake.requests).toHaveLength(1);
  });

  it('500 concerns its own request only', async () => {
    fake.script({ status: 500 });
    const jobs = [1, 2].map((n) => track(n, { properties: { text: 'x'.repeat(30_000) } }));
    expect(outcomes(await load(jobs, { batch: { maxBytes: 40_000 } }))).toEqual({
      [jobs[0]!.id]: 'failed',
      [jobs[1]!.id]: 'succeeded',
    });
  });

  it('that do not come fail the jobs, and the repeat is recognised by its messageId', async () => {
    const jobs = tracks(2);
    fake.reset();
    expect(await load(jobs)).toMatchObject([
      { outcome: 'failed', error: { code: 'FRAGMENT_DELIVERY_NETWORK' } },
      {},
    ]);
    fake.recover();
    fake.hang();
    const stopping = new AbortController();
    const hanging = load(jobs, { signal: stopping.signal });
    stopping.abort();
    const message = 'The destination could not be reached. The call was aborted. No headers had come.';
    expect(await hanging).toMatchObject([{ outcome: 'failed', error: { message } }, {}]);
    fake.recover();
    fake.script({ status: 500, afterTaking: true });
    await load(jobs);
    expect(outcomes(await load(jobs))).toEqual(all(jobs, 'succeeded'));
    expect(fake.accepted).toHaveLength(2);
    expect(fake.dropped).toEqual([]);
  });

  it('never show the write key', async () => {
    fake.script({ status: 400, body: `invalid key ${writeKey} (Basic ${btoa(`${writeKey}:`)})` });
    const shown = JSON.stringify(await load([track(1, { properties: { writeKey } })]));
    expect(shown).toContain('invalid key ***');
    expect(shown).not.toContain(writeKey);
    expect(shown).not.toContain(btoa(writeKey).slice(0, 8));
  });

  it('to a wrong key hold the lane until it is corrected', async () => {
    fake.setKey('another');
    expect(await load([track(1)])).toMatchObject([{ outcome: 'failed', hold: 'credentials' }]);
    expect(fake.accepted).toEqual([]);
    expect(await load([track(1)], { writeKey: 'another' })).toMatchObject([{ outcome: 'succeeded' }]);
    expect(fake.accepted).toHaveLength(1);
  });
});

describe('the factory', () => {
  it('describes the destination without its secret', () => {
    const one = destination({
      name: 'segment-eu',
      region: 'eu',
      endpoint: 'https://proxy.test/segment/v1/',
      schedule: { maxRetries: 3 },
    });
    expect(one).toMatchObject({
      name: 'segment-eu',
      accepts: 'segment',
      integrations: ['Segment'],
      schedule: { maxRetries: 3 },
      options: { endpoint: 'https://proxy.test/segment' },
    });
    expect(one.actions.map(({ name }) => name)).toEqual([
      'identify',
      'track',
      'page',
      'screen',
      'group',
      'alias',
    ]);
    expect(JSON.stringify(one)).not.toContain(writeKey);
  });

  it('knows the regions', () => {
    const endpointOf = (region?: 'us' | 'eu') =>
      segment({ writeKey, ...(region && { region }) }).options?.['endpoint'];
    expect(endpointOf()).toBe('https://api.segment.io');
    expect(endpointOf('eu')).toBe('https://events.eu1.segmentapis.com');
  });

  it('names all faults of its options at once', () => {
    expect.assertions(1);
    const batch = { maxJobs: 2_501, maxBytes: 500_001 };
    try {
      segment({ writeKey: ' ', name: '', endpoint: 'ftp://x', region: 'mars' as 'eu', batch });
    } catch (error) {
      const { validations } = error as { validations: { path: string[] }[] };
      const paths = validations.map(({ path }) => path.join('.'));
      expect(paths).toEqual(['writeKey', 'name', 'region', 'endpoint', 'batch.maxJobs', 'batch.maxBytes']);
    }
  });

  it('cannot tell whether the key is right', async () => {
    expect(await destination().check?.(loadToolkit())).toBe('unknown');
    expect(fake.requests).toEqual([]);
  });
});
