import { describe, expect, it } from '@jest/globals';
import { createMasker } from './excerpt.js';
import { classify, deliveryError, encodeJson, resultFor, type HttpAnswer } from './index.js';
import { parseRateLimitReset, parseRetryAfter } from './retry-after.js';

const reply = (status: number, more: Partial<HttpAnswer> = {}): HttpAnswer => ({
  kind: 'answer',
  status,
  headers: {},
  text: '',
  json: undefined,
  request: 'POST /',
  response: 'why',
  durationMs: 1,
  ...more,
});

describe('classify', () => {
  it.each([
    ['succeeded', [200, 201, 202, 204, 299]],
    ['failed', [301, 302, 304, 307, 308, 408, 423, 425, 429, 500, 502, 503, 504, 507, 511, 520, 599]],
    ['discarded', [400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 415, 422, 431, 451, 460, 499, 501, 505]],
    ['split', [413]],
  ])('%s', (outcome, statuses) => {
    for (const status of statuses)
      expect([status, classify(reply(status)).outcome]).toEqual([status, outcome]);
  });

  it('says why, with status and excerpts', () => {
    expect(classify(reply(503, { retryAfterMs: 5_000 }))).toEqual({
      outcome: 'failed',
      retryAfterMs: 5_000,
      error: {
        code: 'FRAGMENT_DELIVERY_UNAVAILABLE',
        message: 'The destination could not take the event now. It answered 503.',
        status: 503,
        request: 'POST /',
        response: 'why',
      },
    });
  });

  it('never lets a throttled lane come back at once', () => {
    expect(classify(reply(429, { retryAfterMs: 0 }))).toMatchObject({ retryAfterMs: 1000, scope: 'lane' });
    expect(classify(reply(429))).not.toHaveProperty('retryAfterMs');
  });

  it("prefers the vendor's own table", () => {
    const table = {
      400: { outcome: 'split' },
      401: { outcome: 'failed', hold: 'credentials' },
      429: {
        outcome: 'failed',
        scope: 'user',
        retryAfterMs: 30_000,
        code: 'FRAGMENT_DELIVERY_USER_PAUSED',
        message: 'Wait.',
      },
    } as const;
    expect(classify(reply(400), table)).toMatchObject({
      outcome: 'split',
      error: { code: 'FRAGMENT_DELIVERY_TOO_LARGE' },
    });
    expect(classify(reply(401), table)).toMatchObject({
      hold: 'credentials',
      error: { code: 'FRAGMENT_DELIVERY_CREDENTIALS' },
    });
    const paused = { error: { code: 'FRAGMENT_DELIVERY_USER_PAUSED', message: 'Wait.' }, scope: 'user' };
    expect(classify(reply(429), table)).toMatchObject({ ...paused, retryAfterMs: 30_000 });
    expect(classify(reply(429, { retryAfterMs: 7_000 }), table)).toMatchObject({
      ...paused,
      retryAfterMs: 7_000,
    });
    expect(classify(reply(404), table)).toMatchObject({ outcome: 'discarded' });
  });

  it('becomes the result of a job', () => {
    const error = deliveryError(reply(400, { mask: (text) => text.replace('key', '***') }), {
      message: 'Bad key',
    });
    expect(error).toMatchObject({
      code: 'FRAGMENT_DELIVERY_REJECTED',
      message: 'Bad ***',
      status: 400,
      response: 'why',
    });
    expect(resultFor('1.0', { outcome: 'discarded', error })).toEqual({
      job: '1.0',
      outcome: 'discarded',
      error,
    });
    expect(resultFor('1.0', { outcome: 'succeeded' })).toEqual({ job: '1.0', outcome: 'succeeded' });
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  it.each([
    ['0', 0],
    [' 120 ', 120_000],
    ['1.5', 1_500],
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['Monday, 23-Nov-26 12:01:00 GMT', 60_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['Mon, 99 Nov', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%p is %p', (value, ms) => expect(parseRetryAfter(value, now)).toBe(ms));
});

describe('parseRateLimitReset', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  it.each([
    ['30', 30_000],
    ['1.5', 1_500],
    [String(now / 1000 + 90), 90_000],
    [String(now + 90_000), 90_000],
    [String(now / 1000 - 90), 0],
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['soon', undefined],
    [undefined, undefined],
  ])('%p is %p', (value, ms) => expect(parseRateLimitReset(value, now)).toBe(ms));
});

describe('the masker', () => {
  it.each([
    ['{"api_key":"abc\\"def","n":1}', '{"api_key":"***","n":1}'],
    ['{"writeKey" : "abc"}', '{"writeKey" : "***"}'],
    ['{"apikey":12345,"Password":"p"}', '{"apikey":"***,"Password":"***"}'],
    ['{"access_token":"abc', '{"access_token":"***'],
    ['api_key=abc&event=x', 'api_key=***&event=x'],
    ['GET /?token=abc', 'GET /?token=***'],
    ['{"keyboard":"abc","tokens":"abc"}', '{"keyboard":"abc","tokens":"abc"}'],
  ])('of %s shows %s', (text, shown) => expect(createMasker([]).mask(text)).toBe(shown));

  it('masks JSON within JSON', () => {
    const nested = JSON.stringify({ identification: JSON.stringify({ api_key: 'hidden' }) });
    expect(createMasker([]).mask(nested)).not.toContain('hidden');
  });

  const secret = 'k3y"with/odd=chars&m o\\r€\n😀\'<é+';
  const ascii = (text: string) =>
    text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const html = (text: string) =>
    text.replace(/[&<>"']/g, (one) => ({ '&': '&amp;', '<': '&lt;', '"': '&quot;' })[one] ?? '&#x27;');
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  it.each<[string, string]>([
    ['as it is', secret],
    ['in JSON', json(secret)],
    ['in ASCII JSON', ascii(json(secret))],
    ['in the JSON of PHP', json(secret).replaceAll('/', '\\/')],
    ['in JSON in JSON in JSON', json(json(json(secret)))],
    ['in a URL', encodeURIComponent(secret)],
    ['in a URL, in small letters', encodeURIComponent(secret).toLowerCase()],
    ['in a path', encodeURI(secret)],
    ['in a URL in a URL', encodeURIComponent(encodeURIComponent(secret))],
    ['in a form', new URLSearchParams({ a: secret }).toString().slice(2)],
    ['in HTML', html(secret)],
    ['in HTML in JSON', json(html(secret))],
    ['in JSON in HTML', html(json(secret))],
    ['in base64', btoa('ascii-secret')],
    ['in base64 in a URL', encodeURIComponent(btoa('ascii-secret'))],
  ])('recognises a secret %s', (_, written) => {
    expect(createMasker([secret, 'ascii-secret']).mask(`before ${written} after`)).toBe('before *** after');
  });

  it.each(['', 'a', 'ab', 'abc'])('recognises a secret within the base64 of more (%j)', (before) => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const written = Buffer.from(`${before}${secret}${before}`).toString(encoding);
      const { length } = createMasker([secret]).mask(written);
      // Some of the neighbours' characters stay.
      expect(length).toBeLessThan(3 + 12);
    }
  });

  it('masks the longer one of two secrets, and takes no time for a long one', () => {
    expect(createMasker(['abc', 'abcdef', '']).mask('abcdef abc')).toBe('*** ***');
    const { mask } = createMasker(['\\'.repeat(60) + 'x', `${'%'.repeat(12)}x`]);
    const hostile = '\\'.repeat(20_000) + '%25'.repeat(5_000);
    expect(mask(hostile)).toBe(hostile);
  });

  it('masks a secret wherever the cut falls', () => {
    const known = 'S3CRETS3CRETS3CRETS3CRET';
    const { excerpt } = createMasker([known]);
    for (const before of [4_080, 4_090, 16_370, 16_380]) {
      expect(excerpt(`${'x'.repeat(before)}${known}${'y'.repeat(20_000)}`)).not.toContain('S3');
    }
    expect(excerpt(known.repeat(10_000))).not.toContain('S3');
    // A secret as long as a certificate takes nothing of the excerpt away.
    const { excerpt: beside } = createMasker(['-'.repeat(800)]);
    expect(Buffer.byteLength(beside('x'.repeat(60_000)))).toBe(4_096);
  });

  it('cuts to 4 KB between characters, and leaves nothing a database would refuse', () => {
    const { excerpt } = createMasker([]);
    const cut = excerpt('€'.repeat(3_000));
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(4_096);
    expect(cut).toMatch(/^€+…$/);
    expect(excerpt('a\0b\ud800c')).toBe('a\ufffdb\ufffdc');
    expect(excerpt('x'.repeat(4_096))).toBe('x'.repeat(4_096));
  });
});

describe('encodeJson', () => {
  it('replaces what many parsers refuse, and nothing else', () => {
    expect(encodeJson({ a: 'x\0y', b: '\ud800', c: '\udfffz', d: '😀' })).toBe(
      '{"a":"x\ufffdy","b":"\ufffd","c":"\ufffdz","d":"😀"}',
    );
    const escaped = { text: 'a\\u0000 \\\\ud800 "\n' };
    expect(JSON.parse(encodeJson({ ...escaped, nul: '\0' }))).toEqual({ ...escaped, nul: '\ufffd' });
  });
});
