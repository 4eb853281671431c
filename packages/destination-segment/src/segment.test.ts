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
});

it('a repeat says how often it was tried', async () => {
  await load([track(1)]);
  await load([track(1, {}, { attempt: 2 }), track(2, {}, { attempt: 4 })]);
  expect(fake.requests.map(({ headers }) => headers['x-retry-count'])).toEqual([undefined, '3']);
});

it('a switch under the name of the destination is ours as well', async () => {
  const integrations = { 'Segment-EU': true, Segment: true, Mixpanel: false };
  await load([track(1, { integrations })], { name: 'segment-eu' });
  expect(fake.accepted).toMatchObject([{ integrations: { Mixpanel: false } }]);
  expect(Object.keys(fake.accepted[0]!['integrations'] as object)).toEqual(['Mixpanel']);
});

it('the loop guard knows its own Segment source only, and does not tell its key', async () => {
  await load([track(1)], { loopGuard: true });
  const { context } = fake.accepted[0] as { context: object };
  expect(JSON.stringify(context)).not.toContain(writeKey);
  const back = track(2, { context });
  expect(outcomes(await load([back], { loopGuard: true }))).toEqual(all([back], 'discarded'));
  expect(outcomes(await load([back]))).toEqual(all([back], 'succeeded'));
  fake.setKey('another');
  const elsewhere = await load([back], { loopGuard: true, writeKey: 'another' });
  // The message is the one that was taken a moment ago, so Segment knows its id.
  expect(outcomes(elsewhere)).toEqual(all([back], 'succeeded'));
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
    for (const request of fake.requests) expect(request.bytes).toBeLessThanOrEqual(480_000);
    expect(fake.accepted.map((one) => one['messageId'])).toEqual(jobs.map((job) => job.event.messageId));
  });

  it('follow the options', async () => {
    const { actions } = destination({ batch: { maxJobs: 2_500, maxBytes: 40_000 } });
    expect(actions[0]?.batch).toEqual({ maxJobs: 2_500, maxBytes: 40_000, maxWaitMs: 0 });
    expect(destination().actions[0]?.batch).toEqual({ maxJobs: 250, maxBytes: 480_000, maxWaitMs: 0 });
    const jobs = [1, 2].map((n) => track(n, { properties: { text: 'x'.repeat(30_000) } }));
    await load(jobs, { batch: { maxBytes: 40_000 } });
    expect(fake.requests).toHaveLength(2);
  });
});

describe('answers', () => {
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

  it.each([401, 429])('%i ends the call: what has not been sent is not sent', async (status) => {
    fake.script({ status, times: 100 });
    const jobs = Array.from({ length: 60 }, (_, n) => track(n, { properties: { text: 'x'.repeat(30_000) } }));
    const results = await load(jobs);
    expect(outcomes(results)).toEqual(all(jobs, 'failed'));
    expect(fake.requests).toHaveLength(1);
    const ofLast = results.find(({ job }) => job === jobs.at(-1)!.id);
    expect(ofLast).toMatchObject({ error: { status } });
    expect(ofLast).not.toHaveProperty('error.request');
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

  it('and requests are shown to each job as far as they are its own, also when it succeeded', async () => {
    const pair = [track(1), track(2)];
    const [taken] = await load(pair);
    fake.script({ status: 500, body: { success: false, message: 'u-1 and u-2' }, times: 2 });
    const [failed] = await load(pair);
    const request = expect.stringMatching(
      /^POST \/v1\/batch \(one of 2 in this request\)\n\{"messageId":"m-1"/,
    );
    expect(taken).toMatchObject({ exchange: { status: 200, request, response: '{"success":true}' } });
    expect(failed).toMatchObject({ error: { status: 500, request, response: '{"success":false}' } });
    expect(JSON.stringify([taken, failed])).not.toMatch(/m-2|u-2/);
    const [alone] = await load([track(1)]);
    expect(alone).toMatchObject({
      error: { request: expect.stringContaining('{"batch":[{"messageId":"m-1"') },
    });
    expect(alone).toHaveProperty('error.response', '{"success":false,"message":"u-1 and u-2"}');
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

  it('lets requests wait for more events, when told to', () => {
    const batches = (batch?: SegmentOptions['batch']) =>
      segment({ writeKey, ...(batch && { batch }) }).actions.map((action) => action.batch);
    expect(new Set(batches().map((batch) => batch?.maxWaitMs))).toEqual(new Set([0]));
    expect(batches({ maxWaitMs: 2_000 })).toEqual(
      Array.from({ length: 6 }, () => ({ maxJobs: 250, maxBytes: 480_000, maxWaitMs: 2_000 })),
    );
  });

  it('knows the regions', () => {
    const endpointOf = (region?: 'us' | 'eu') =>
      segment({ writeKey, ...(region && { region }) }).options?.['endpoint'];
    expect(endpointOf()).toBe('https://api.segment.io');
    expect(endpointOf('eu')).toBe('https://events.eu1.segmentapis.com');
  });

  it('names all faults of its options at once', () => {
    expect.assertions(1);
    const batch = { maxJobs: 2_501, maxBytes: 500_001, maxWaitMs: 3_600_001 };
    try {
      segment({
        writeKey: ' ',
        name: '',
        endpoint: 'ftp://x',
        region: 'mars' as 'eu',
        batch,
        loopGuard: 1 as never,
      });
    } catch (error) {
      const { validations } = error as { validations: { path: string[] }[] };
      const paths = validations.map(({ path }) => path.join('.'));
      expect(paths).toEqual([
        'writeKey',
        'name',
        'region',
        'endpoint',
        'batch.maxJobs',
        'batch.maxBytes',
        'batch.maxWaitMs',
        'loopGuard',
      ]);
    }
  });

  it('cannot tell whether the key is right', async () => {
    expect(await destination().check?.(loadToolkit())).toBe('unknown');
    expect(fake.requests).toEqual([]);
  });
});
