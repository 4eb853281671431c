import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Destination, JobResult, LeasedJob, LoadToolkit } from '@fragment/core';
import {
  leasedJob,
  loadCases,
  loadToolkit,
  startFakeWebhook,
  testDestination,
  type FakeWebhook,
} from '@fragment/testing';
import { Webhook } from 'standardwebhooks';
import { verifySignature, webhook, type ReceivedWebhook, type WebhookOptions } from './index.js';

const secret = `whsec_${Buffer.from('a secret of thirty two bytes, ok').toString('base64')}`;
const older = `whsec_${Buffer.from('another one, of twenty-four+').toString('base64')}`;
const here = { allow: ['127.0.0.1'], allowHttp: true } as const;

const suite = {
  name: 'webhook',
  create: (endpoint: string, options: Partial<WebhookOptions> & { readonly query?: string }) => {
    const { query = '', ...rest } = options;
    return webhook({
      url: `${endpoint}/hook${query}`,
      secret,
      headers: { 'x-door': 'canary' },
      ...here,
      ...rest,
    });
  },
  fake: () => startFakeWebhook({ secret }),
  cases: await loadCases(new URL('../cases/', import.meta.url)),
  secrets: [secret, secret.slice('whsec_'.length), 'canary'],
};
testDestination(suite, { describe, it, expect });
testDestination(
  {
    ...suite,
    name: 'webhook, of lists',
    create: (endpoint) => suite.create(endpoint, { batch: { maxJobs: 100 }, types: ['track'] }),
    cases: [],
  },
  { describe, it },
);

let fake: FakeWebhook;
const made: Destination[] = [];
beforeEach(async () => {
  fake = await startFakeWebhook({ secret });
});
afterEach(async () => {
  for (const one of made.splice(0)) await one.shutdown?.(loadToolkit());
  await fake.stop();
});

const load = (
  jobs: readonly LeasedJob[],
  o: Partial<WebhookOptions> = {},
  toolkit: LoadToolkit = loadToolkit(),
): Promise<readonly JobResult[]> => {
  const one = webhook({ url: `${fake.url}/hook`, secret, ...here, ...o });
  made.push(one);
  return one.actions[0]!.load(jobs, toolkit);
};
const identify = (n: number, more: object = {}) => leasedJob({ type: 'identify', userId: `u-${n}`, ...more });

describe('a signature', () => {
  it('is one that the reference library of Standard Webhooks believes', async () => {
    await load([identify(1, { traits: { name: 'Zoë €😀' } })]);
    const [request] = fake.requests;
    const headers = request!.headers as Record<string, string>;
    expect(new Webhook(secret).verify(request!.text, headers)).toMatchObject({ userId: 'u-1' });
    expect(() => new Webhook(older).verify(request!.text, headers)).toThrow('No matching signature');
  });

  it('is made with each of two secrets while they change', async () => {
    await load([identify(1)], { secret: [older, secret] });
    expect(fake.accepted).toHaveLength(1);
    const { text, headers } = fake.requests[0]!;
    for (const one of [older, secret]) {
      expect(verifySignature({ secret: one, headers, body: text })).toMatchObject({ valid: true });
    }
  });

  it('is of the time of the try, with the same id, and a repeat is known by it', async () => {
    const job = identify(1);
    const at = (ms: number): LoadToolkit => {
      const toolkit = loadToolkit();
      return { ...toolkit, clock: { ...toolkit.clock, now: () => Date.now() - ms } };
    };
    await load([job], {}, at(60_000));
    await load([job], {}, at(0));
    const [first, second] = fake.requests.map(({ headers }) => headers);
    expect(first!['webhook-id']).toBe(job.id.replace('.', '_'));
    expect(second!['webhook-id']).toBe(first!['webhook-id']);
    const times = [first!, second!].map((headers) => Number(headers['webhook-timestamp']));
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(60);
    expect(fake.accepted).toHaveLength(1);
    expect(fake.duplicates).toEqual([first!['webhook-id']]);
  });

  it('of a list has an id by its jobs', async () => {
    const jobs = [identify(1), identify(2)];
    const batch = { maxJobs: 2 };
    await load(jobs, { batch });
    await load(jobs, { batch });
    await load(jobs.slice(0, 1), { batch });
    const ids = fake.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(fake.accepted).toHaveLength(2);
  });

  it('is left out without a secret', async () => {
    const { secret: none, ...rest } = { secret, url: `${fake.url}/hook`, ...here };
    fake.script({ status: 200 });
    const one = webhook(rest);
    made.push(one);
    expect(none).toBe(secret);
    expect(await one.actions[0]!.load([identify(1)], loadToolkit())).toMatchObject([
      { outcome: 'succeeded' },
    ]);
    expect(fake.requests[0]?.headers).not.toHaveProperty('webhook-signature');
    expect(fake.requests[0]?.headers).toHaveProperty('webhook-id');
  });
});

describe('verifySignature', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const body = '{"type":"track"}';
  const signed = (o: { id?: string; at?: number; text?: string; key?: string } = {}): ReceivedWebhook => {
    const { id = 'msg_1', at = now, text = body, key = secret } = o;
    return {
      secret,
      body,
      now,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(at / 1000),
        'webhook-signature': new Webhook(key).sign(id, new Date(at), text),
      },
    };
  };
  const withHeader = (name: string, value: string | undefined): ReceivedWebhook => {
    const good = signed();
    return { ...good, headers: { ...good.headers, [name]: value } };
  };

  it('believes what is genuine, as text and as bytes, by any of its secrets', () => {
    const genuine = { valid: true, id: 'msg_1', sentAt: new Date(now) };
    expect(verifySignature(signed())).toEqual(genuine);
    expect(verifySignature({ ...signed(), body: Buffer.from(body) })).toEqual(genuine);
    expect(verifySignature({ ...signed(), secret: [older, secret] })).toEqual(genuine);
    const { 'webhook-signature': mine } = signed().headers;
    const several = `v1a,xyz v1,${'A'.repeat(43)}= ${String(mine)} v2,abc`;
    expect(verifySignature(withHeader('webhook-signature', several))).toEqual(genuine);
    expect(verifySignature(signed({ at: now - 300_000 }))).toMatchObject({ valid: true });
    expect(verifySignature(signed({ at: now + 300_000 }))).toMatchObject({ valid: true });
  });

  it.each<[string, string, ReceivedWebhook]>([
    ['another body', 'altered', signed({ text: `${body} ` })],
    ['another secret', 'altered', signed({ key: older })],
    ['another id', 'altered', withHeader('webhook-id', 'msg_2')],
    ['another time', 'altered', withHeader('webhook-timestamp', String(now / 1000 + 1))],
    ['a shorter signature', 'altered', withHeader('webhook-signature', 'v1,AAAA')],
    ['an empty signature', 'altered', withHeader('webhook-signature', 'v1,')],
    ['a signature of another version', 'altered', withHeader('webhook-signature', 'v2,AAAA')],
    ['no signature', 'unsigned', withHeader('webhook-signature', undefined)],
    ['no id', 'unsigned', withHeader('webhook-id', undefined)],
    ['no time', 'unsigned', withHeader('webhook-timestamp', undefined)],
    ['a time that is none', 'unsigned', withHeader('webhook-timestamp', '1e9')],
    ['a time of six minutes ago', 'too old', signed({ at: now - 360_000 })],
    ['a time in six minutes', 'too new', signed({ at: now + 360_000 })],
    ['a time out of its own tolerance', 'too old', { ...signed({ at: now - 2_000 }), toleranceMs: 1_000 }],
    ['an id that was handled', 'replayed', { ...signed(), seen: new Set(['msg_1']) }],
  ])('refuses %s as %s', (__, reason, received) => {
    expect(verifySignature(received)).toEqual({ valid: false, reason });
  });

  it.each(['', 'secret', 'whsec_', `whsec_${btoa('too short')}`, secret.slice(6), `${secret}!`])(
    'takes no %j for a secret',
    (one) => {
      const refused = expect.objectContaining({ code: 'FRAGMENT_CONFIG_INVALID' });
      expect(() => verifySignature({ ...signed(), secret: one })).toThrow(refused);
      expect(() => verifySignature({ ...signed(), secret: [secret, one] })).toThrow(refused);
      expect(() => webhook({ url: 'https://hook.test', secret: one })).toThrow(refused);
    },
  );
});

describe('what is sent', () => {
  it('never reaches a private address that is not allowed', async () => {
    const results = await load([identify(1)], { allow: ['10.0.0.0/8'] });
    expect(results).toMatchObject([
      { outcome: 'failed', error: { code: 'FRAGMENT_DELIVERY_ADDRESS_REFUSED' } },
    ]);
    expect(fake.requests).toEqual([]);
  });

  it('never follows a redirect to one', async () => {
    let reached = 0;
    const inner = createServer((__, response) => void response.end(String((reached += 1)))).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => inner.once('listening', resolve));
    const { port } = inner.address() as { port: number };
    fake.script({ status: 307, headers: { location: `http://127.0.0.1:${port}/` } });
    expect(await load([identify(1)])).toMatchObject([{ outcome: 'failed', error: { status: 307 } }]);
    await new Promise((resolve) => inner.close(resolve));
    expect(reached).toBe(0);
  });

  it('is what a flow froze, field by field, over the event', async () => {
    const job = leasedJob(
      { type: 'identify', userId: 'u-1', traits: { a: 1 } },
      { data: { traits: { b: 2 } } },
    );
    const list = leasedJob({ type: 'identify', userId: 'u-2' }, { data: ['no', 'fields'] });
    await load([job, list], { body: ['{{userId}}', '{{traits}}'] });
    expect(fake.accepted).toEqual(
      expect.arrayContaining([
        ['u-1', { b: 2 }],
        ['u-2', null],
      ]),
    );
  });

  it('is null when a template names nothing that the message has', async () => {
    await load([identify(1)], { body: '{{traits.email}}' });
    expect(fake.requests[0]?.text).toBe('null');
  });

  it('is nothing for data that is not JSON, and spoils no other', async () => {
    const broken = leasedJob({ type: 'identify' }, { event: { data: '{"half":' } });
    const good = identify(1);
    for (const o of [{}, { batch: { maxJobs: 2 } }]) {
      const results = await load([broken, good], o);
      expect(results).toHaveLength(2);
      expect(results).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ job: broken.id, outcome: 'discarded' }),
          expect.objectContaining({ job: good.id, outcome: 'succeeded' }),
        ]),
      );
    }
    expect(await load([broken], { batch: { maxJobs: 2 } })).toMatchObject([
      { error: { code: 'FRAGMENT_DELIVERY_INVALID' } },
    ]);
    expect(fake.requests).toHaveLength(2);
  });

  it('is shown, and what came back, without another job, the path and the query of the URL', async () => {
    const url = `${fake.url}/services/T0/p4th?token=qu3ry`;
    const jobs = [identify(1), identify(2)];
    const alone = {
      request: expect.stringMatching(/^POST \*\*\*\n.*"u-1"/),
      response: 'u-1, u-2, no *** and no ***',
    };
    const own = ['u-1', 'u-2'].map((user) =>
      expect.stringMatching(`^POST \\*\\*\\* \\(one of 2 in this request\\)\\n.*"${user}"`),
    );
    for (const [status, key] of [
      [200, 'exchange'],
      [500, 'error'],
    ] as const) {
      fake.script({ status, body: 'u-1, u-2, no qu3ry and no /services/T0/p4th?token=qu3ry', times: 2 });
      const single = await load(jobs.slice(0, 1), { url });
      expect(single).toMatchObject([{ [key]: { status, ...alone } }]);
      const shown = await load(jobs, { url, batch: { maxJobs: 2 } });
      expect(shown).toMatchObject(own.map((request) => ({ [key]: { status, request } })));
      for (const result of shown) expect(result).not.toHaveProperty(`${key}.response`);
      expect(JSON.stringify([single, shown])).not.toMatch(/p4th|qu3ry/);
      expect(JSON.stringify(shown[0])).not.toContain('"u-2"');
    }
  });
});

describe('the factory', () => {
  it('describes the destination without its secrets', () => {
    const one = webhook({
      name: 'crm',
      url: 'https://hook.test/p4th?key=qu3ry',
      secret,
      headers: { authorization: 'Bearer t0ken' },
      types: ['track', 'identify'],
      batch: { maxJobs: 100, maxBytes: 1_000_000, maxWaitMs: 1_000 },
      schedule: { maxRetries: 3 },
    });
    expect(one).toMatchObject({
      name: 'crm',
      accepts: 'segment',
      schedule: { maxRetries: 3 },
      options: { endpoint: 'https://hook.test', method: 'POST', signed: true, types: ['track', 'identify'] },
    });
    expect(one.actions.map(({ name, batch }) => [name, batch?.maxWaitMs])).toEqual([
      ['track', 1_000],
      ['identify', 1_000],
    ]);
    expect(JSON.stringify(one)).not.toMatch(/p4th|qu3ry|t0ken|whsec/);
    expect(webhook({ url: 'https://hook.test' }).actions).toHaveLength(6);
  });

  it('cannot tell whether the receiver would take it', async () => {
    const one = webhook({ url: `${fake.url}/hook`, ...here });
    expect(await one.check?.(loadToolkit())).toBe('unknown');
    expect(fake.requests).toEqual([]);
  });

  it('names all faults of its options at once', () => {
    expect.assertions(1);
    try {
      webhook({
        url: 'http://hook.test',
        name: ' ',
        method: 'GET' as 'POST',
        secret: [secret, 'plain'],
        headers: { 'x y': '1', 'X-Ok': 'ok', 'Webhook-Id': 'mine', 'x-split': 'a\r\nb: c' },
        body: { deep: ['{{a..b}}', '{{}}', 'x {{a', '{{a{b}}'] },
        types: ['batch' as 'track'],
        timeoutMs: 30_001,
        allow: ['10.0.0.0/8', '10.1'],
        batch: { maxJobs: 0, maxBytes: 0.5, maxWaitMs: -1 },
      });
    } catch (error) {
      const { validations } = error as { validations: { path: string[] }[] };
      expect(validations.map(({ path }) => path.join('.'))).toEqual([
        ...['body.deep.0', 'body.deep.1', 'body.deep.2', 'body.deep.3', 'url', 'name', 'method', 'secret'],
        ...['headers.x y', 'headers.Webhook-Id', 'headers.x-split', 'types', 'allow.1', 'timeoutMs'],
        ...['batch.maxJobs', 'batch.maxBytes', 'batch.maxWaitMs'],
      ]);
    }
  });

  it.each(['file:///etc/passwd', 'https://user:pass@hook.test', 'https://hook.test/#top', 'hook.test'])(
    'refuses %s',
    (url) => {
      expect(() => webhook({ url, allowHttp: true })).toThrow(
        expect.objectContaining({ validations: [expect.objectContaining({ path: ['url'] })] }),
      );
    },
  );
});
