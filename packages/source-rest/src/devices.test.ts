import { describe, expect, it } from '@jest/globals';
import type { Extraction, Flow, NoEvent, StoredEvent } from '@fragment/core';
import { FragmentError } from '@fragment/core';
import fc from 'fast-check';
import type { RestOptions } from './index.js';
import { get, lastMadeId, post, receivedAt, refusal, triggerAt } from './post.fixture.js';

const item = { type: 'page', userId: 'u' };
const own = (context: object) => ({ ...item, context });

describe('context.ip', () => {
  const ip = '203.0.113.9';
  const filled = { context: { ip } };

  it.each<[string, object, unknown]>([
    ['/v1/p', item, filled],
    ['/v1/page', item, undefined],
    ['/v1/page', own({ direct: true }), filled],
    ['/v1/page', own({ direct: 'true' }), undefined],
    ['/v1/p', own({ ip: '0.0.0.0' }), undefined],
    ['/v1/p', own({ ip: null }), undefined],
    ['/v1/page', own({ direct: true, ip: '192.0.2.1' }), undefined],
    ['/v1/p', { ...item, context: null }, filled],
  ])('%s %j: %j', (path, message, context) => {
    const extraction = post({}, path, message, { ip });
    expect(extraction.context).toEqual(context);
    expect(extraction.data).toBe(JSON.stringify(message));
    expect(post({ contextIp: false }, path, message, { ip }).context).toBeUndefined();
  });

  it('is the sender’s for a whole batch of a device, unless the batch says its own', () => {
    const library = { name: 'js' };
    const batch = (context?: object, path = '/v1/b') => post({}, path, { batch: [item], context }, { ip });
    expect(batch().context).toEqual(filled);
    expect(batch({ library }).context).toEqual({ context: { library, ip } });
    expect(batch({ ip: '0.0.0.0' }).context).toEqual({ context: { ip: '0.0.0.0' } });
    expect(batch({ library }, '/v1/batch').context).toEqual({ context: { library } });
    expect(batch({ direct: true }, '/v1/batch').context).toEqual({ context: { direct: true, ip } });
    // Said once for all, even where a message says it as well.
    const { subEvents } = post({}, '/v1/b', { batch: [item, own({ direct: true })] }, { ip });
    expect(subEvents?.map((event) => event.context)).toEqual([undefined, undefined]);
  });

  it('is the sender’s for single messages of a server’s batch that say so', () => {
    const shared = { context: { library: { name: 'go' } }, integrations: { All: false } };
    const messages = [item, own({ direct: true }), own({ direct: true, ip: '192.0.2.1' })];
    const { context, subEvents } = post({}, '/v1/batch', { ...shared, batch: messages }, { ip });
    expect(context).toEqual(shared);
    expect(subEvents?.map((event) => event.context)).toEqual([
      undefined,
      { context: { library: { name: 'go' }, ip }, integrations: { All: false } },
      undefined,
    ]);
  });

  it.each([
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:odd', undefined],
    ['unknown', undefined],
    ['203.0.113.9:4711', undefined],
    [undefined, undefined],
  ])('of %s is %s', (address, expected) => {
    const { context } = post({}, '/v1/p', item, address === undefined ? {} : { ip: address });
    expect(context).toEqual(expected === undefined ? undefined : { context: { ip: expected } });
  });
});

describe('the pixel', () => {
  const message = {
    userId: 'ü?>',
    event: 'E-Mail Opened',
    properties: { campaign: 'spring' },
    writeKey: 'k',
  };
  const kept = JSON.stringify({ ...message, writeKey: undefined });
  const data = (encoding: BufferEncoding) => Buffer.from(JSON.stringify(message)).toString(encoding);
  const reader = { ip: '203.0.113.9', headers: { 'user-agent': 'Mail/1' } };
  const see = (query: string, o: RestOptions = {}, path = '/v1/pixel/track') =>
    get(o, path, { ...reader, query }) as Extraction;

  it.each([
    ['base64', `data=${encodeURIComponent(data('base64'))}`],
    ['base64 with bare plus signs', `data=${data('base64')}`],
    ['base64url', `data=${data('base64url')}`],
  ])('carries a message as %s', (_, query) => {
    expect(see(query, { writeKeys: ['k'] })).toEqual({
      data: kept,
      parsed: JSON.parse(kept) as unknown,
      type: 'track',
      userId: 'ü?>',
      name: 'E-Mail Opened',
      messageId: lastMadeId(),
      timestamp: receivedAt,
      context: { context: { ip: reader.ip, userAgent: 'Mail/1' } },
    });
  });

  it('carries a message field by field, its key apart', () => {
    const query = 'userId=u&event=Opened&properties.n=1&properties.a.b=x+y&context.ip=0.0.0.0&writeKey=k';
    const { data: stored, context } = see(query, { writeKeys: ['k'] });
    expect(JSON.parse(stored as string)).toEqual({
      userId: 'u',
      event: 'Opened',
      properties: { n: '1', a: { b: 'x y' } },
      context: { ip: '0.0.0.0' },
    });
    // Both are kept: on reading the message's own wins.
    expect(context).toMatchObject({ context: { ip: reader.ip } });
    expect(see(query, { contextIp: false }).context).toEqual({ context: { userAgent: 'Mail/1' } });
    const error = refusal(() => see(query, { writeKeys: ['other'] }));
    expect([error.code, error.detail]).toEqual([
      'FRAGMENT_INGEST_KEY_UNKNOWN',
      'The key in the query is unknown.',
    ]);
  });

  it.each<[string, string, object]>([
    ['FRAGMENT_INGEST_BODY_NOT_JSON', 'data=', { type: 'track' }],
    ['FRAGMENT_INGEST_BODY_NOT_JSON', 'data=%25', { type: 'track' }],
    ['FRAGMENT_INGEST_BODY_TOO_DEEP', `u${'.a'.repeat(8_000)}=1`, { type: 'track' }],
    ['FRAGMENT_INGEST_INVALID', 'userId=u', { type: 'track', data: '{"userId":"u"}' }],
    ['FRAGMENT_INGEST_INVALID', '', { type: 'track', data: '{}' }],
  ])('keeps why it was refused: %s, %#', (code, query, rejection) => {
    const error = refusal(() => see(query));
    expect([error.code, error.rejection]).toEqual([code, rejection]);
  });

  it('refuses types that are none', () => {
    const error = refusal(() => see('userId=u', {}, '/v1/pixel/constructor'));
    expect(error.validations).toMatchObject([{ path: ['analytics', 'Event', 'Type'] }]);
    expect(error.rejection).toEqual({ type: 'pixel' });
  });

  it('is an image, whatever happens', () => {
    const { trigger } = triggerAt({}, '/v1/pixel/track');
    for (const code of ['FRAGMENT_INGEST_INVALID', 'FRAGMENT_STORE_UNAVAILABLE'] as const) {
      const { status, headers, body } = trigger.reply?.(new FragmentError(code)) ?? {};
      expect([status, headers]).toEqual([200, { 'content-type': 'image/gif', 'cache-control': 'no-store' }]);
      // Width and height, each in two bytes, follow the name of the format; a semicolon ends it.
      expect((body as Buffer).toString('latin1')).toMatch(/^GIF89a\x01\0\x01\0.*;$/s);
    }
    const looked = get({}, '/v1/pixel/track', { method: 'HEAD', query: 'userId=u&event=E' }) as NoEvent;
    expect([looked.noEvent, looked.reply?.status]).toEqual(['head of a pixel', 200]);
  });

  it('is planned by the flows of its type', () => {
    const flow = (name: string): Flow => ({ name, transform: () => ({ [name]: [{ action: 'a' }] }) });
    const planned = (o: RestOptions, type: string) => {
      const flows = triggerAt(o, '/v1/pixel/track').trigger.flows ?? [];
      const event = { type } as StoredEvent;
      return flows.flatMap((each) => Object.keys(each.transform(event, { destinations: [] })));
    };
    const [a, b, off] = [flow('a'), flow('b'), { ...flow('off'), enabled: false }];
    expect(planned({ flows: [a, b] }, 'page')).toEqual(['a', 'b']);
    const flows = { track: [a], page: [a, b], screen: [off] };
    expect(['track', 'page', 'alias'].map((type) => planned({ flows }, type))).toEqual([
      ['a'],
      ['a', 'b'],
      [],
    ]);
    expect(triggerAt({ flows }, '/v1/pixel/track').trigger.flows?.map(({ enabled }) => enabled)).toEqual([
      undefined,
      undefined,
      false,
    ]);
  });

  it('takes any query without coming to harm', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'a.b', 'a.b.c', '__proto__.x', 'constructor.prototype.x', '.', ''),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
        const query = new URLSearchParams([...pairs, ['anonymousId', 'a']]).toString();
        if (new URLSearchParams(query).has('data')) return;
        const extraction = see(query, {}, '/v1/pixel/page');
        expect(extraction.anonymousId).toBe('a');
        expect(JSON.parse(extraction.data as string)).toEqual(extraction.parsed);
      }),
    );
    expect({}).not.toHaveProperty('x');
  });
});

describe('the settings of browsers', () => {
  const ask = (o: RestOptions, key = 'wk', base?: string): Record<string, unknown> => {
    const found = get(o, `${o.prefix ?? ''}/v1/projects/${key}/settings`, base === undefined ? {} : { base });
    const { status, headers, body } = (found as NoEvent).reply ?? {};
    expect([status, headers]).toEqual([
      200,
      { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'private, max-age=60' },
    ]);
    return JSON.parse(body as string) as Record<string, unknown>;
  };
  const sendsTo = (o: RestOptions, base?: string) =>
    (ask(o, 'wk', base)['integrations'] as Record<string, unknown>)['Segment.io'];

  it('name the key, this place and nothing that would load more code', () => {
    expect(ask({ prefix: '/segment' }, 'wk', 'https://cdp.example.com:8443/mounted')).toEqual({
      integrations: {
        'Segment.io': { apiKey: 'wk', apiHost: 'cdp.example.com:8443/mounted/segment/v1', protocol: 'https' },
      },
      plan: { track: { __default: { enabled: true, integrations: {} } } },
      metrics: { sampleRate: 0 },
    });
  });

  it('name the public place where there is one', () => {
    const publicUrl = 'https://events.example.com/cdp/';
    const there = { apiKey: 'wk', apiHost: 'events.example.com/cdp/v1', protocol: 'https' };
    expect(sendsTo({ publicUrl }, 'http://127.0.0.1:9090')).toEqual(there);
    expect(sendsTo({}, 'http://127.0.0.1:9090')).toEqual({
      apiKey: 'wk',
      apiHost: '127.0.0.1:9090/v1',
      protocol: 'http',
    });
    expect([sendsTo({}), sendsTo({}, 'odd')]).toEqual([{ apiKey: 'wk' }, { apiKey: 'wk' }]);
  });

  it('are for known keys alone, where there are any', () => {
    const o = { writeKeys: ['wk', { name: 'old', key: 'wk-old', enabled: false }] };
    expect(ask(o)).toHaveProperty('integrations');
    for (const key of ['odd', 'wk-old']) {
      const error = refusal(() => ask(o, key));
      expect([error.code, error.rejection]).toEqual(['FRAGMENT_INGEST_PROJECT_UNKNOWN', {}]);
      expect(error.toBody()).toMatchObject({ statusCode: 404, message: 'Not Found' });
    }
  });
});

it('takes what SDKs report on themselves for nothing, whatever it is and whoever sends it', () => {
  const o = { writeKeys: ['wk'] };
  for (const body of ['{"series":[]}', '', '[', Buffer.alloc(600_000)]) {
    const answer = post(o, '/v1/m', body) as unknown as NoEvent;
    expect([answer.noEvent, answer.reply?.status]).toEqual(['sdk metrics', 200]);
  }
  const reply = triggerAt(o, '/v1/m').trigger.reply?.(new FragmentError('FRAGMENT_INGEST_BODY_TOO_LARGE'));
  expect(reply?.status).toBe(200);
  expect(JSON.parse(reply?.body as string)).toEqual({
    statusCode: 200,
    message: 'Successful',
    success: true,
  });
});
