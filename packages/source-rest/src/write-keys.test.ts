import { describe, expect, it } from '@jest/globals';
import { parseWriteKeys, type RestOptions, type WriteKey } from './index.js';
import { post, refusal, type Sent } from './post.fixture.js';

describe('write keys', () => {
  const options: RestOptions = {
    writeKeys: [{ name: 'web', key: 'key-web' }, 'key:2', { name: 'old', key: 'key-old', enabled: false }],
  };
  const basic = (credentials: string) => ({
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
  });
  const message = { userId: 'u' };
  const item = { type: 'page', userId: 'u' };

  it.each<[string, string, unknown, Sent]>([
    ['Basic', '/v1/page', message, { headers: basic('key-web:') }],
    ['Basic without colon', '/v1/page', message, { headers: basic('key-web') }],
    ['Basic with a password', '/v1/page', message, { headers: basic('key-web:secret:x') }],
    ['the body', '/v1/page', { ...message, writeKey: 'key-web' }, {}],
    [
      'the body, beside credentials of a proxy',
      '/v1/page',
      { ...message, writeKey: 'key-web' },
      { headers: basic('proxy:p') },
    ],
    [
      'the body, beside a bearer token',
      '/v1/page',
      { ...message, writeKey: 'key:2' },
      { headers: { authorization: 'Bearer x' } },
    ],
    ['the envelope', '/v1/batch', { batch: [item], writeKey: 'key-web' }, {}],
    ['the first item', '/v1/batch', { batch: [{ ...item, writeKey: 'key-web' }] }, {}],
    ['the query', '/v1/page', message, { query: 'writeKey=key-web' }],
  ])('are taken from %s, and not stored', (_, path, body, sent) => {
    const extraction = post(options, path, body, sent);
    const stored = [extraction, ...(extraction.subEvents ?? [])];
    expect(stored.map(({ data }) => JSON.stringify(data)).join()).not.toContain('key');
    expect(stored.map(({ parsed }) => JSON.stringify(parsed)).join()).not.toContain('key');
    expect(extraction.userId ?? extraction.subEvents?.[0]?.userId).toBe('u');
  });

  it.each<[string, unknown, Sent]>([
    ['FRAGMENT_INGEST_KEY_MISSING', message, {}],
    ['FRAGMENT_INGEST_KEY_MISSING', { ...message, writeKey: '' }, { headers: basic(':') }],
    [
      'FRAGMENT_INGEST_KEY_MISSING',
      { ...message, writeKey: ['key-web'] },
      { headers: { authorization: 'Basic' } },
    ],
    ['FRAGMENT_INGEST_KEY_UNKNOWN', message, { headers: basic('key-we:') }],
    ['FRAGMENT_INGEST_KEY_UNKNOWN', message, { headers: basic('key-old:') }],
    ['FRAGMENT_INGEST_KEY_UNKNOWN', { ...message, writeKey: 'KEY-WEB' }, {}],
    [
      'FRAGMENT_INGEST_KEY_UNKNOWN',
      { ...message, writeKey: '\u{1F511}'.repeat(5_000) },
      { query: 'writeKey=%00' },
    ],
  ])('%s: %#', (code, body, sent) => {
    const error = refusal(() => post(options, '/v1/page', body, sent));
    // Nothing of a stranger's message is kept, and no key is told.
    expect([error.status, error.code, error.rejection]).toEqual([401, code, { type: 'page' }]);
    expect(JSON.stringify(error.toBody())).not.toMatch(/key-we|KEY-WEB|key-old/);
  });

  it('tell in which places they were refused, and which is disabled', () => {
    const error = refusal(() =>
      post(options, '/v1/page', { ...message, writeKey: 'odd' }, { headers: basic('key-old:') }),
    );
    expect(error.toBody().validations).toEqual([
      {
        message: 'The key in Basic authentication, old, is disabled. The key in the body is unknown.',
        path: [],
      },
    ]);
  });

  it('of a batch whose messages carry several: the first speaks for all', () => {
    const carrying = (...keys: string[]) => ({ batch: keys.map((writeKey) => ({ ...item, writeKey })) });
    expect(post(options, '/v1/batch', carrying('key-web', 'odd', 'key:2')).subEvents).toHaveLength(3);
    expect(refusal(() => post(options, '/v1/batch', carrying('odd', 'key-web'))).status).toBe(401);
    const both = post(options, '/v1/batch', carrying('odd', 'odd'), { headers: basic('key-web:') });
    expect(both.subEvents?.map(({ data }) => data)).toEqual(Array(2).fill(JSON.stringify(item)));
  });

  it('are exchanged one by one: two are good at a time, and then one', () => {
    const old = { name: 'old', key: 'a' };
    const next = { name: 'new', key: 'b' };
    const send = (writeKeys: WriteKey[], writeKey: string) => () =>
      post({ writeKeys }, '/v1/page', { ...message, writeKey });
    for (const { key } of [old, next]) expect(send([old, next], key)().userId).toBe('u');
    expect(send([{ ...old, enabled: false }, next], 'b')().userId).toBe('u');
    expect(refusal(send([{ ...old, enabled: false }, next], 'a')).status).toBe(401);
  });

  it('are asked before anything is told of the message', () => {
    expect(refusal(() => post(options, '/v1/track', {})).status).toBe(401);
    expect(refusal(() => post(options, '/v1/batch', {})).status).toBe(401);
  });

  it('are needed only where there are any', () => {
    expect(post({ writeKeys: 'any' }, '/v1/page', message).userId).toBe('u');
    expect(post({ writeKeys: undefined }, '/v1/page', { ...message, writeKey: 'x' }).data).toBe(
      '{"userId":"u"}',
    );
  });

  it('can be read from one text', () => {
    expect(parseWriteKeys(' web:k1 , server : k:2,k3,')).toEqual([
      { name: 'web', key: 'k1' },
      { name: 'server', key: 'k:2' },
      'k3',
    ]);
    expect(parseWriteKeys('any')).toBe('any');
    expect([parseWriteKeys(undefined), parseWriteKeys(' , ')]).toEqual([undefined, undefined]);
  });
});
