import type { Destination, JobResult, LeasedJob } from '@fragment/core';
import {
  fakeClock,
  leasedJob,
  loadToolkit,
  startFakeMailchimp,
  waitFor,
  type FakeMailchimp,
} from '@fragment/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailchimp, type MailchimpOptions } from './index.js';

const apiKey = 'mailchimp-secret-us20';
let fake: FakeMailchimp;
const made: Destination[] = [];

beforeEach(async () => {
  fake = await startFakeMailchimp({
    apiKey,
    audienceId: 'list1',
    mergeFields: {
      FNAME: { type: 'text' },
      LNAME: { type: 'text' },
      AGE: { type: 'number' },
      NEED: { type: 'text', required: true },
    },
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

async function loadAll(
  jobs: readonly LeasedJob[],
  destination = create(),
  toolkit = loadToolkit(),
): Promise<readonly JobResult[]> {
  const action = destination.actions.find(({ name }) => name === jobs[0]?.action);
  if (!action) throw new Error('no such action');
  const results = new Map((await action.load(jobs, toolkit)).map((result) => [result.job, result]));
  return jobs.map(({ id }) => results.get(id) ?? { job: id, outcome: 'failed', error: nothing });
}
const nothing = { code: 'NONE', message: 'load said nothing of this job' };

async function load(job: LeasedJob, destination?: Destination, toolkit?: ReturnType<typeof loadToolkit>) {
  const [result] = await loadAll([job], destination, toolkit);
  return result;
}

const person = (n: number): string => `person-${n}@shop.test`;
const need = { NEED: 'x' };
const identify = (traits: object, more: object = {}, o: { attempt?: number } = {}): LeasedJob =>
  leasedJob({ type: 'identify', userId: 'u1', traits: { need: 'x', ...traits }, ...more }, o);
const people = (count: number, traits: object = {}): LeasedJob[] =>
  Array.from({ length: count }, (_, n) => identify({ email: person(n), ...traits }, { userId: `u${n}` }));
const outcomesOf = (results: readonly JobResult[]) => new Set(results.map(({ outcome }) => outcome));
const routes = () => fake.requests.map(({ method, path }) => `${method} ${path.split('/').length}`);
const [batch, upsert] = ['POST 4', 'PUT 6'];

describe('options', () => {
  it('are refused all together', () => {
    const wrong = { apiKey: '', audienceId: 'a/b', datacenterId: '../x', name: '', mergeTags: { plan: 'too-long-a-tag' }, tags: [' '], tagsTrait: '', ordering: 'contact' as 'user', batchSubscribe: 1, concurrency: 11, batch: { maxWaitMs: -1 } };
    expect(() => mailchimp(wrong)).toThrow(
      expect.objectContaining({
        code: 'FRAGMENT_CONFIG_INVALID',
        validations: ['apiKey', 'audienceId', 'datacenterId', 'name', 'mergeTags', 'tags', 'tagsTrait', 'ordering', 'batchSubscribe', 'batch.maxWaitMs', 'concurrency'].map((option) =>
          expect.objectContaining({ path: option.split('.') }),
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
  it('a call waits for more contacts when told to', () => {
    const wait = (more: Partial<MailchimpOptions>) => create(more).actions[0]?.batch?.maxWaitMs;
    expect([wait({}), wait({ batch: { maxWaitMs: 2_000 } })]).toEqual([0, 2_000]);
  });
  it('a key of another datacenter is warned of', async () => {
    const toolkit = loadToolkit();
    await create({ datacenterId: 'us6' }).init?.(toolkit);
    expect(toolkit.logged).toMatchObject([{ level: 'warn', fields: { used: 'us6', ofKey: 'us20' } }]);
    const silent = loadToolkit();
    await create().init?.(silent);
    expect(silent.logged).toEqual([]);
  });
  it('page, screen, group and alias are no actions; track is one only when enabled', () => {
    expect(create().actions.map(({ name }) => name)).toEqual(['identify']);
    expect(create({ trackEvents: true }).actions.map(({ name }) => name)).toEqual(['identify', 'track']);
  });
  it('what the lane gets to know', () => {
    expect(create()).toMatchObject({ name: 'mailchimp', accepts: 'segment', integrations: ['MailChimp'], ordering: 'user', limits: { concurrency: 9 } });
    expect(create({ ordering: 'none', concurrency: 3 })).toMatchObject({ ordering: 'none', limits: { concurrency: 3 } });
  }); // prettier-ignore
});

describe('a contact', () => {
  const ann = (more: object = {}): LeasedJob => identify({ email: 'ann@shop.test', ...more });
  it('who has left is not subscribed again, and nobody is mailed twice', async () => {
    fake.addMember({ email: 'ann@shop.test', status: 'unsubscribed', mergeFields: { LNAME: 'Lee' } });
    for (const enableDoubleOptIn of [false, true])
      await load(ann({ firstName: 'Ann' }), create({ enableDoubleOptIn }));
    expect(fake.member('ann@shop.test')).toMatchObject({
      status: 'unsubscribed',
      mergeFields: { FNAME: 'Ann', LNAME: 'Lee' },
    });
  });
  it('who is new gets what double opt-in says; subscriptionStatus is for later', async () => {
    const say = (subscriptionStatus: string) =>
      identify({ email: 'ann@shop.test' }, { integrations: { MailChimp: { subscriptionStatus } } });
    const destination = create({ enableDoubleOptIn: true });
    await load(say('subscribed'), destination);
    expect(fake.member('ann@shop.test')?.status).toBe('pending');
    await load(say('unsubscribed'), destination);
    expect(fake.member('ann@shop.test')?.status).toBe('unsubscribed');
  });
  it("has what a flow froze as the job's data laid over the message", async () => {
    const traits = { email: 'flow@shop.test', need: 'x' };
    await load(leasedJob({ type: 'identify', userId: 'u1' }, { data: { traits } }));
    expect(fake.member('flow@shop.test')).toBeDefined();
  });
  it('loses the merge fields that are invalid, once, and that is logged without their values', async () => {
    const toolkit = loadToolkit();
    const job = ann({ need: undefined, firstName: 'Ann', age: 'thirty' });
    expect(await load(job, create(), toolkit)).toMatchObject({ outcome: 'succeeded' });
    expect(fake.requests.map(({ query }) => query.toString())).toEqual(['', 'skip_merge_validation=true']);
    expect(fake.member('ann@shop.test')?.mergeFields).toEqual({ FNAME: 'Ann' });
    expect(toolkit.logged).toMatchObject([{ level: 'warn', fields: { mergeTags: ['AGE'] } }]);
    expect(JSON.stringify(toolkit.logged)).not.toContain('thirty');
  });
  it('whose repair meets an outage is tried again', async () => {
    fake.script({ status: 500, when: ({ query }) => query.has('skip_merge_validation') });
    expect(await load(ann({ need: undefined }))).toMatchObject({
      outcome: 'failed',
      error: { status: 500 },
    });
  });
  it('has tags added and taken away whatever their case', async () => {
    const destination = create({ tagsTrait: 'groups' });
    await load(ann({ groups: ['VIP', 'beta'] }), destination);
    await load(ann({ groups: { vip: false, Beta: true } }), destination);
    expect(fake.member('ann@shop.test')?.tags).toEqual(['beta']);
  });
  it('waits with a wrong key, and is written with the right one', async () => {
    fake.setKey('another-us20');
    const destination = create();
    const result = await load(ann(), destination);
    expect(result).toMatchObject({ outcome: 'failed', hold: 'credentials', error: { status: 401 } });
    fake.setKey(apiKey);
    expect(await load(ann(), destination)).toMatchObject({ outcome: 'succeeded' });
  });
  it('has no address in the sentence that refuses it', async () => {
    const result = await load(identify({ email: 'john@gmil.com' }));
    expect(result).toMatchObject({ outcome: 'discarded' });
    expect(result && 'error' in result && result.error.message).not.toContain('john@gmil.com');
  });
  it('is written to by one request at a time', async () => {
    const destination = create();
    fake.hang();
    const calls = ['u1', 'u2', 'u3'].map((userId) =>
      load(identify({ email: 'ann@shop.test' }, { userId }), destination),
    );
    const other = load(identify({ email: 'bob@shop.test' }), destination);
    await waitFor(() => fake.requests.length === 2);
    expect(new Set(fake.requests.map(({ path }) => path)).size).toBe(2);
    fake.recover();
    expect(outcomesOf((await Promise.all([...calls, other])).flatMap((result) => result ?? []))).toEqual(
      new Set(['succeeded']),
    );
    expect(fake.mostOpen).toBe(2);
  });
});

describe('many contacts', () => {
  it('that are new are added by one request, and those that are known keep their status', async () => {
    for (const [n, status] of ['unsubscribed', 'cleaned', 'pending', 'subscribed'].entries())
      fake.addMember({ email: person(n), status });
    const results = await loadAll(people(30, { firstName: 'New' }), create({ tags: ['shop'] }));
    expect(outcomesOf(results)).toEqual(new Set(['succeeded']));
    expect([0, 1, 2, 3, 4, 29].map((n) => fake.member(person(n))?.status)).toEqual(
      ['unsubscribed', 'cleaned', 'pending', 'subscribed', 'subscribed', 'subscribed'],
    ); // prettier-ignore
    for (let n = 0; n < 30; n += 1)
      expect(fake.member(person(n))).toMatchObject({ mergeFields: { FNAME: 'New' }, tags: ['shop'] });
    expect(routes().filter((route) => route === batch)).toHaveLength(1);
    expect(routes().filter((route) => route === upsert)).toHaveLength(4);
  });
  it('are pending with double opt-in', async () => {
    await loadAll(people(20), create({ enableDoubleOptIn: true }));
    expect(routes()).toEqual([batch]);
    expect(new Set(fake.accepted.map(({ status }) => status))).toEqual(new Set(['pending']));
  });
  it('that lack a required field are written one by one, each with its repair', async () => {
    const results = await loadAll(people(20, { need: undefined }));
    expect(outcomesOf(results)).toEqual(new Set(['succeeded']));
    expect(fake.requests).toHaveLength(1 + 2 * 20);
  });
  it.each<[string, Partial<MailchimpOptions>, (n: number) => LeasedJob]>([
    ['with batchSubscribe off', { batchSubscribe: false }, (n) => identify({ email: person(n) })],
    ['that are tried again', {}, (n) => identify({ email: person(n) }, {}, { attempt: 2 })],
    ['whose status the messages name', {}, (n) => identify({ email: person(n) }, { integrations: { MailChimp: { subscriptionStatus: 'pending' } } })],
    ['that are copied data', {}, (n) => identify({ email: person(n) }, { integrations: { MailChimp: { isSyncing: true } } })],
    ['that are too few', { batchSubscribe: 31 }, (n) => identify({ email: person(n) })],
  ])('%s are written one by one', async (_title, options, make) => {
    const results = await loadAll(Array.from({ length: 30 }, (_, n) => make(n)), create(options));
    expect(outcomesOf(results)).toEqual(new Set(['succeeded']));
    expect(routes()).toEqual(Array.from({ length: 30 }, () => upsert));
  }); // prettier-ignore
  it('never have more requests open than allowed, however many calls there are', async () => {
    const destination = create({ batchSubscribe: false, concurrency: 4 });
    fake.delay(5);
    const calls = [0, 1, 2].map((call) =>
      loadAll(
        Array.from({ length: 20 }, (_, n) => identify({ email: person(100 * call + n) })),
        destination,
      ),
    );
    expect(outcomesOf((await Promise.all(calls)).flat())).toEqual(new Set(['succeeded']));
    expect(fake.mostOpen).toBe(4);
  });
  it('several jobs of one contact, in whatever spelling, are one write, and all are answered', async () => {
    const spellings = ['Ann@shop.test', ' ann@Shop.test', 'ANN@SHOP.TEST'];
    const jobs = spellings.map((email, n) => identify({ email, firstName: `Ann ${n}` }));
    const results = await loadAll([...jobs, identify({ email: 'none' })]);
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
      'discarded',
    ]);
    expect(routes()).toEqual([upsert]);
    expect(fake.member('ann@shop.test')?.mergeFields).toEqual({ FNAME: 'Ann 2', ...need });
  });
  it('automations may start when one of several messages of a contact is new', async () => {
    const sync = { integrations: { MailChimp: { isSyncing: true } } };
    const own = identify({ email: 'ann@shop.test' });
    const copy = identify({ email: 'ann@shop.test' }, sync);
    const destination = create({ tags: ['shop'] });
    for (const jobs of [
      [own, copy],
      [copy, own],
      [copy, copy],
    ])
      await loadAll(jobs, destination);
    const sent = fake.requests.filter(({ path }) => path.endsWith('/tags'));
    expect(sent.map(({ text }) => text.includes('is_syncing'))).toEqual([false, false, true]);
  });
  it("a wrong key is asked about once, and shows nobody else's data", async () => {
    fake.setKey('another-us20');
    const results = await loadAll(people(10), create({ concurrency: 1 }));
    for (const result of results)
      expect(result).toMatchObject({ outcome: 'failed', hold: 'credentials', error: { status: 401 } });
    expect(fake.requests).toHaveLength(1);
    expect(results.filter((result) => JSON.stringify(result).includes(person(0)))).toHaveLength(1);
  });
  it('written together: each job keeps its own, and what is said of it', async () => {
    fake.addMember({ email: person(1), status: 'subscribed' });
    const jobs = people(20).map((job, n) => (n === 2 ? identify({ email: 'john@gmil.com' }) : job));
    const [added, known, refused] = await loadAll(jobs);
    const request = /^POST \/3\.0\/lists\/list1\?[^\n]* \(one of 20 in this request\)\n\{"email_address":"[^{]*\{"NEED":"x"\}[^{]*\}$/;
    expect(added).toMatchObject({ exchange: { status: 200, request: expect.stringMatching(request) } });
    expect(added).toHaveProperty('exchange.request', expect.stringContaining(person(0)));
    expect(added).toHaveProperty('exchange.response', expect.stringMatching(/^\{"id":"\w+","email_address":"person-0@shop\.test"[^{]*\}$/));
    // One that is a member already has a request of its own, which is shown whole.
    expect(known).toMatchObject({ exchange: { request: expect.stringMatching(/^PUT [^ ]*\n/), response: expect.stringContaining('merge_fields') } });
    expect(refused).toMatchObject({ outcome: 'discarded', error: { request: expect.stringMatching(request), response: expect.stringContaining('fake or invalid') } });
    fake.script({ status: 500, body: { detail: people(20) } });
    const [failed] = await loadAll(jobs);
    expect(failed).toMatchObject({ error: { status: 500, request: expect.stringMatching(request) } });
    expect(failed).not.toHaveProperty('error.response');
    expect(JSON.stringify([added, failed])).not.toMatch(/person-[1-9]|john/);
  }); // prettier-ignore
  it('and several jobs of one contact each keep what they said themselves', async () => {
    const traits = [{ firstName: 'Ann' }, { lastName: 'Lee', age: 'thirty' }, { groups: ['vip'] }];
    const jobs = traits.map((more, n) => identify({ email: 'ann@shop.test', ...more }, { userId: `u${n}` }));
    const destination = create({ tagsTrait: 'groups' });
    const results = await loadAll(jobs, destination);
    const put = (body: object) =>
      expect.stringMatching(
        `^PUT /3\\.0/lists/list1/members/\\w+ \\(one of 3 in this request\\)\\n.*"merge_fields":${JSON.stringify(body)}`,
      );
    expect(results).toMatchObject([
      { exchange: { status: 200, request: put({ FNAME: 'Ann', ...need }) } },
      // What Mailchimp refused of it was not sent in the end.
      { exchange: { status: 200, request: put({ LNAME: 'Lee', ...need }) } },
      { exchange: { status: 200, request: put(need) } },
    ]);
    expect(results[0]).toHaveProperty('exchange.response', expect.not.stringContaining('merge_fields'));
    fake.script({ status: 500, when: ({ path }) => path.endsWith('/tags') });
    const tagless = await loadAll(jobs, destination);
    expect(tagless.map((result) => 'error' in result && result.error.request?.split('\n')[1])).toEqual([
      '{"tags":[]}',
      '{"tags":[]}',
      '{"tags":[{"name":"vip","status":"active"}]}',
    ]);
  });
  it('a refusal of one, or its outage, does not keep the others from being written', async () => {
    fake.script({ status: 500 });
    const jobs = [...people(5), identify({ email: 'john@gmil.com' })];
    const results = await loadAll(jobs, create({ concurrency: 1 }));
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'failed',
      ...Array.from({ length: 4 }, () => 'succeeded'),
      'discarded',
    ]);
  });
  it('what a slow Mailchimp leaves no time for waits for the next call', async () => {
    const clock = fakeClock();
    fake.script({ status: 200, body: {}, times: 2, when: () => (void clock.advance(15_001), true) });
    const results = await loadAll(people(4), create({ concurrency: 1 }), { ...loadToolkit(), clock });
    expect(results.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'failed', 'failed']);
    expect(results[3]).toMatchObject({
      retryAfterMs: 1000,
      error: { code: 'FRAGMENT_DELIVERY_UNAVAILABLE' },
    });
    expect(results[3]).not.toHaveProperty('scope');
    expect(fake.requests).toHaveLength(2);
  });
});

describe('track', () => {
  it('becomes an event of the member', async () => {
    fake.addMember({ email: 'ann@shop.test', status: 'subscribed' });
    const context = { traits: { email: 'Ann@shop.test' } };
    const job = leasedJob({ type: 'track', event: 'Product Viewed', properties: { price: 5 }, context });
    expect(await load(job, create({ trackEvents: true }))).toMatchObject({ outcome: 'succeeded' });
    expect(fake.events).toMatchObject([{ name: 'Product_Viewed', properties: { price: '5' } }]);
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
