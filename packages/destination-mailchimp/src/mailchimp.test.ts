import type { Destination, JobResult, LeasedJob } from '@fragment/core';
import { leasedJob, loadToolkit, startFakeMailchimp, type FakeMailchimp } from '@fragment/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailchimp, type MailchimpOptions } from './index.js';

const apiKey = 'mailchimp-secret-us20';
let fake: FakeMailchimp;
const made: Destination[] = [];

beforeEach(async () => {
  fake = await startFakeMailchimp({
    apiKey,
    audienceId: 'list1',
    inCompliance: ['left@shop.test'],
    forgotten: ['gone@shop.test'],
    busy: ['busy@shop.test'],
  });
});
afterEach(async () => {
  for (const destination of made.splice(0)) await destination.shutdown?.(loadToolkit());
  await fake.stop();
});

function create(more: Partial<MailchimpOptions> = {}): Destination {
  const destination = mailchimp({ apiKey, audienceId: 'list1', endpoint: fake.url, ...more });
  made.push(destination);
  return destination;
}

async function load(job: LeasedJob, destination = create(), toolkit = loadToolkit()): Promise<JobResult> {
  const action = destination.actions.find(({ name }) => name === job.action);
  if (!action) throw new Error('no such action');
  const [result] = await action.load([job], toolkit);
  if (!result) throw new Error('no result');
  return result;
}
const identify = (traits: object, more: object = {}): LeasedJob =>
  leasedJob({ type: 'identify', userId: 'u1', traits, ...more });
const ann = (more: object = {}): LeasedJob => identify({ email: 'Ann@shop.test', ...more });
const problem = (status: number, title: string, detail = 'Detail.', errors?: object[]) => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: { type: 'x', title, status, detail, instance: 'y', errors },
});

describe('options', () => {
  it('are refused all together', () => {
    const wrong = { apiKey: '', audienceId: 'a/b', datacenterId: '../x', name: '', mergeTags: { plan: 'too-long-a-tag' }, concurrency: 11 };
    expect(() => mailchimp(wrong)).toThrow(
      expect.objectContaining({
        code: 'FRAGMENT_CONFIG_INVALID',
        validations: ['apiKey', 'audienceId', 'datacenterId', 'name', 'mergeTags', 'concurrency'].map((option) =>
          expect.objectContaining({ path: [option] }),
        ),
      }),
    );
    expect(() => mailchimp({ apiKey, audienceId: 'list1', endpoint: 'ftp://x' })).toThrow('not valid');
  }); // prettier-ignore
  it.each([
    ['the key names the datacenter', { apiKey }, 'https://us20.api.mailchimp.com'],
    ['datacenterId wins', { apiKey, datacenterId: 'us6' }, 'https://us6.api.mailchimp.com'],
    ['an empty one does not', { apiKey, datacenterId: '' }, 'https://us20.api.mailchimp.com'],
    ['an endpoint wins, with or without the version', { apiKey: 'plain', endpoint: 'http://127.0.0.1:1/3.0/' }, 'http://127.0.0.1:1'],
  ])('%s', (_title, more, endpoint) => {
    const destination = mailchimp({ audienceId: 'list1', ...more });
    made.push(destination);
    expect(destination.options).toMatchObject({ endpoint });
    expect(JSON.stringify(destination.options)).not.toContain(apiKey);
  }); // prettier-ignore
  it('a key of another datacenter is warned of', async () => {
    const toolkit = loadToolkit();
    await create({ datacenterId: 'us6' }).init?.(toolkit);
    expect(toolkit.logged).toMatchObject([{ level: 'warn', fields: { used: 'us6', ofKey: 'us20' } }]);
    const silent = loadToolkit();
    await create().init?.(silent);
    expect(silent.logged).toEqual([]);
  });
  it('track is an action only when enabled; nine requests at once at most', () => {
    expect(create().actions.map(({ name }) => name)).toEqual(['identify']);
    expect(create({ trackEvents: true }).actions.map(({ name }) => name)).toEqual(['identify', 'track']);
    expect(create()).toMatchObject({ name: 'mailchimp', accepts: 'segment', integrations: ['MailChimp'], ordering: 'user', limits: { concurrency: 9 } });
  }); // prettier-ignore
});

describe('identify', () => {
  it('writes the contact in one request', async () => {
    const traits = { name: 'Ann Lee', phone: '1', birthday: '1990-05-21', plan: 'pro', vip: true };
    expect(await load(ann(traits))).toMatchObject({ outcome: 'succeeded' });
    expect(fake.requests.map(({ method }) => method)).toEqual(['PUT']);
    expect(fake.accepted[0]).toEqual({
      email_address: 'Ann@shop.test',
      status_if_new: 'subscribed',
      merge_fields: { FNAME: 'Ann', LNAME: 'Lee', PHONE: '1', BIRTHDAY: '05/21', PLAN: 'pro', VIP: 'true' },
    });
    expect(fake.member('ann@shop.test')).toMatchObject({
      status: 'subscribed',
      mergeFields: { FNAME: 'Ann' },
    });
  });
  it('subscribes nobody again who has left, and mails nobody twice', async () => {
    fake.addMember({ email: 'ann@shop.test', status: 'unsubscribed', mergeFields: { LNAME: 'Lee' } });
    for (const enableDoubleOptIn of [false, true])
      await load(ann({ firstName: 'Ann' }), create({ enableDoubleOptIn }));
    expect(fake.member('ann@shop.test')).toMatchObject({
      status: 'unsubscribed',
      mergeFields: { FNAME: 'Ann', LNAME: 'Lee' },
    });
  });
  it('subscriptionStatus changes a known member but goes round no double opt-in', async () => {
    const leave = (subscriptionStatus: string) =>
      identify({ email: 'ann@shop.test' }, { integrations: { MailChimp: { subscriptionStatus } } });
    const destination = create({ enableDoubleOptIn: true });
    await load(leave('subscribed'), destination);
    expect(fake.member('ann@shop.test')?.status).toBe('pending');
    await load(leave('unsubscribed'), destination);
    expect(fake.member('ann@shop.test')?.status).toBe('unsubscribed');
  });
  it('without an address: discarded without a request', async () => {
    expect(await load(identify({ plan: 'pro' }))).toMatchObject({
      outcome: 'discarded',
      error: { code: 'FRAGMENT_DELIVERY_INVALID', message: expect.stringContaining('no e-mail address') },
    });
    expect(fake.requests).toHaveLength(0);
  });
  it("what a flow froze as the job's data is laid over the message", async () => {
    await load(
      leasedJob({ type: 'identify', userId: 'u1' }, { data: { traits: { email: 'flow@shop.test' } } }),
    );
    expect(fake.member('flow@shop.test')).toBeDefined();
  });
});

describe('answers to an upsert', () => {
  it.each([
    ['a fake address', 'john@example.com', /The address looks fake or invalid/],
    ['a misspelled domain', 'john@gmil.com', /The address looks fake or invalid/],
    ['no domain to speak of', 'john@shop', /Please provide a valid email address/],
    ['in compliance', 'left@shop.test', /Member In Compliance State/],
    ['forgotten', 'gone@shop.test', /Forgotten Email Not Subscribed/],
  ])(
    '%s: discarded after one request, with the reason, without the address in it',
    async (_title, email, sentence) => {
      const result = await load(identify({ email }));
      expect(result).toMatchObject({
        outcome: 'discarded',
        error: { code: 'FRAGMENT_DELIVERY_REJECTED', status: 400, message: expect.stringMatching(sentence) },
      });
      expect('error' in result && result.error.message).not.toContain(email);
      expect(JSON.stringify(result)).not.toContain(apiKey);
      expect(fake.requests).toHaveLength(1);
    },
  );
  it('double opt-in is the way back from compliance', async () => {
    const result = await load(identify({ email: 'left@shop.test' }), create({ enableDoubleOptIn: true }));
    expect(result.outcome).toBe('succeeded');
  });
  it('a lot of lists very recently: the one 400 that heals', async () => {
    const result = await load(identify({ email: 'busy@shop.test' }));
    expect(result).toMatchObject({ outcome: 'failed', retryAfterMs: 3_600_000 });
    expect(fake.requests).toHaveLength(1);
  });

  it('merge fields that are invalid are left out, once, and that is logged without their values', async () => {
    await fake.stop();
    fake = await startFakeMailchimp({ apiKey, audienceId: 'list1', mergeFields: { FNAME: { type: 'text' }, AGE: { type: 'number' }, NEED: { type: 'text', required: true } } });
    const toolkit = loadToolkit();
    expect(await load(ann({ firstName: 'Ann', age: 'thirty' }), create(), toolkit)).toMatchObject({ outcome: 'succeeded' });
    expect(fake.requests.map(({ query }) => query.toString())).toEqual(['', 'skip_merge_validation=true']);
    expect(fake.member('ann@shop.test')?.mergeFields).toEqual({ FNAME: 'Ann' });
    expect(toolkit.logged).toMatchObject([{ level: 'warn', fields: { mergeTags: ['AGE'] } }]);
    expect(JSON.stringify(toolkit.logged)).not.toContain('thirty');
  }); // prettier-ignore
  it('a repair that does not help is the last', async () => {
    const invalid = problem(400, 'Invalid Resource', 'Your merge fields were invalid.', [
      { field: 'merge_fields.FNAME', message: 'No.' },
    ]);
    fake.script({ ...invalid, times: 5 });
    expect(await load(ann({ firstName: 'Ann' }))).toMatchObject({
      outcome: 'discarded',
      error: { message: expect.stringContaining('merge_fields.FNAME: No.') },
    });
    expect(fake.requests).toHaveLength(2);
    expect(fake.requests[1]?.body).toEqual({ email_address: 'Ann@shop.test', status_if_new: 'subscribed' });
  });
  it('a repair that meets an outage fails', async () => {
    fake.script(
      problem(400, 'Invalid Resource', 'Your merge fields were invalid.', [
        { field: 'FNAME', message: 'No.' },
      ]),
      { status: 500 },
    );
    expect(await load(ann({ firstName: 'Ann' }))).toMatchObject({
      outcome: 'failed',
      error: { status: 500 },
    });
  });
  it('Member Exists is a race: the repeat finds the member', async () => {
    fake.script(problem(400, 'Member Exists'));
    expect(await load(ann())).toMatchObject({ outcome: 'succeeded' });
    fake.script({ ...problem(400, 'Member Exists'), times: 2 });
    expect(await load(ann())).toMatchObject({ outcome: 'discarded' });
  });

  it.each<[string, ReturnType<typeof problem> | { status: number; body?: unknown; headers?: Record<string, string> }, object]>([
    ['400 JSON schema', problem(400, 'Invalid Resource', "could not be validated. See the 'errors' array.", [{ field: 'x', message: 'bad' }]), { outcome: 'discarded', error: { message: expect.stringContaining('x: bad') } }],
    ['400 JSON Parse Error', problem(400, 'JSON Parse Error'), { outcome: 'discarded' }],
    ['400 without JSON', { status: 400, body: '<html>' }, { outcome: 'discarded', error: { message: expect.stringContaining('no reason') } }],
    ['403 with JSON', problem(403, 'User Disabled'), { outcome: 'failed', hold: 'credentials', retryAfterMs: 3_600_000, error: { message: expect.stringContaining('User Disabled') } }],
    ['403 without JSON', { status: 403, body: '<html>' }, { outcome: 'failed', scope: 'lane', retryAfterMs: 30_000 }],
    ['404 without JSON', { status: 404 }, { outcome: 'failed', retryAfterMs: 3000 }],
    ['405', problem(405, 'Method Not Allowed'), { outcome: 'discarded' }],
    ['414', problem(414, 'Resource Nesting Too Deep'), { outcome: 'discarded' }],
    ['422', problem(422, 'Unprocessable'), { outcome: 'discarded' }],
    ['413', { status: 413 }, { outcome: 'discarded', error: { code: 'FRAGMENT_DELIVERY_TOO_LARGE' } }],
    ['429', problem(429, 'Too Many Requests'), { outcome: 'failed', scope: 'lane', retryAfterMs: 3000 }],
    ['429 with Retry-After', { ...problem(429, 'Too Many Requests'), headers: { 'retry-after': '20' } }, { outcome: 'failed', retryAfterMs: 20_000 }],
    ['500', { status: 500, body: '<html>' }, { outcome: 'failed' }],
    ['503 with JSON', problem(503, 'Service Unavailable'), { outcome: 'failed', error: { code: 'FRAGMENT_DELIVERY_UNAVAILABLE' } }],
    ['503 Request Blocked', { status: 503, body: '<html>Request Blocked</html>' }, { outcome: 'failed', scope: 'lane', retryAfterMs: 30_000, error: { code: 'FRAGMENT_DELIVERY_THROTTLED' } }],
  ])('%s', async (_title, answer, expected) => {
    fake.script(answer);
    expect(await load(ann())).toMatchObject(expected);
    expect(fake.requests).toHaveLength(1);
  }); // prettier-ignore

  it('a wrong key holds the lane; the right one delivers', async () => {
    fake.setKey('another-us20');
    const destination = create();
    const result = await load(ann(), destination);
    expect(result).toMatchObject({
      outcome: 'failed',
      hold: 'credentials',
      error: { status: 401, code: 'FRAGMENT_DELIVERY_CREDENTIALS' },
    });
    expect(JSON.stringify(result)).not.toContain(apiKey);
    fake.setKey(apiKey);
    expect(await load(ann(), destination)).toMatchObject({ outcome: 'succeeded' });
  });
  it('a wrong audience holds the lane, unless the message chose it', async () => {
    const held = await load(ann(), create({ audienceId: 'deleted' }));
    expect(held).toMatchObject({
      outcome: 'failed',
      hold: 'credentials',
      error: { status: 404, message: expect.stringContaining('deleted') },
    });
    const own = await load(
      identify({ email: 'ann@shop.test' }, { integrations: { MailChimp: { listId: 'nowhere' } } }),
    );
    expect(own).toMatchObject({ outcome: 'failed', error: { message: expect.stringContaining('nowhere') } });
    expect(own).not.toHaveProperty('hold');
  });
  it('a cut connection fails', async () => {
    fake.reset();
    expect(await load(ann())).toMatchObject({
      outcome: 'failed',
      error: { code: 'FRAGMENT_DELIVERY_NETWORK' },
    });
  });
});

describe('track', () => {
  const viewed = (email: string): LeasedJob =>
    leasedJob({
      type: 'track',
      event: 'Product Viewed',
      userId: 'u1',
      properties: { price: 5 },
      context: { traits: { email } },
    });
  const loadTrack = (email = 'ann@shop.test') => load(viewed(email), create({ trackEvents: true }));

  it('becomes an event of the member', async () => {
    fake.addMember({ email: 'ann@shop.test', status: 'subscribed' });
    expect(await loadTrack('Ann@shop.test')).toMatchObject({ outcome: 'succeeded' });
    expect(fake.events).toMatchObject([{ name: 'Product_Viewed', properties: { price: '5' } }]);
  });
  it('of a stranger is discarded with the reason', async () => {
    expect(await loadTrack()).toMatchObject({
      outcome: 'discarded',
      error: { status: 404, message: expect.stringContaining('not a member') },
    });
  });
  it('without an address: discarded without a request', async () => {
    expect(await loadTrack('')).toMatchObject({
      outcome: 'discarded',
      error: { code: 'FRAGMENT_DELIVERY_INVALID' },
    });
    expect(fake.requests).toHaveLength(0);
  });
  it.each([
    [
      problem(400, 'Invalid Resource', 'Bad name.'),
      { outcome: 'discarded', error: { message: expect.stringContaining('Bad name.') } },
    ],
    [problem(401, 'API Key Invalid'), { outcome: 'failed', hold: 'credentials' }],
    [
      { status: 404, body: '' },
      { outcome: 'failed', retryAfterMs: 30_000 },
    ],
    [{ status: 502, body: '<html>' }, { outcome: 'failed' }],
  ])('answers %#', async (answer, expected) => {
    fake.script(answer);
    expect(await loadTrack()).toMatchObject(expected);
  });
});

describe('check', () => {
  const check = (destination = create()) => destination.check?.(loadToolkit());
  it('reads the audience and changes nothing', async () => {
    expect(await check()).toBe('ok');
    expect(fake.requests).toMatchObject([{ method: 'GET', path: '/3.0/lists/list1' }]);
  });
  it('is refused with a wrong key or audience', async () => {
    expect(await check(create({ audienceId: 'deleted' }))).toBe('refused');
    expect(await check(create({ apiKey: 'wrong-us20' }))).toBe('refused');
  });
  it('knows nothing when Mailchimp does not say', async () => {
    fake.script({ status: 403, body: '<html>' }, { status: 500 });
    expect([await check(), await check()]).toEqual(['unknown', 'unknown']);
    fake.reset();
    expect(await check()).toBe('unknown');
  });
});
