import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { createMasker } from './excerpt.js';
import {
  classify,
  deliveryError,
  encodeJson,
  resultFor,
  verdictFor,
  withoutExchange,
  type HttpAnswer,
  type HttpFailure,
  type Share,
} from './index.js';
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
    expect(resultFor('1.0', classify(reply(413)))).toMatchObject({
      outcome: 'discarded',
      error: { code: 'FRAGMENT_DELIVERY_TOO_LARGE', request: 'POST /', response: 'why' },
    });
  });
});

describe('what went over the wire', () => {
  const masker = createMasker(['k3y']);
  /** A request of three items, and its answer, which speaks of all of them. */
  const all = 'ann, bob and cat, k3y';
  const seen: string[] = [];
  const shared = (status: number): HttpAnswer => ({
    ...reply(status),
    route: () => 'POST /batch',
    ...masker,
    get request() {
      seen.push('request');
      return masker.excerpt(`POST /batch\n[${all}]`);
    },
    get response() {
      seen.push('response');
      return masker.excerpt(all);
    },
  });
  const share = (more: Partial<Share> = {}): Share => ({ of: 3, sent: () => '"ann", k3y', ...more });
  const request = 'POST /batch (one of 3 in this request)\n"ann", ***';

  const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('is a part of a success, and is not made before somebody looks', () => {
    seen.length = 0;
    const result = resultFor('1.0', classify(shared(200)));
    const alone = verdictFor(classify(shared(200)), shared(200), share({ of: 1 }));
    expect(seen).toEqual([]);
    const exchange = {
      status: 200,
      request: 'POST /batch\n[ann, bob and cat, ***]',
      response: 'ann, bob and cat, ***',
    };
    expect(result).toMatchObject({ exchange });
    expect(seen).toEqual(['request', 'response']);
    expect(asJson(result)).toEqual({ job: '1.0', outcome: 'succeeded', exchange });
    expect(asJson(alone)).toEqual({ outcome: 'succeeded', exchange });
    // The reply itself, which is not masked, is in nothing that somebody makes of the result.
    expect(inspect(result, { depth: 9, showHidden: true })).not.toContain('bob');
    expect(classify(shared(409), { 409: { outcome: 'succeeded' } })).toMatchObject({
      exchange: { status: 409 },
    });
  });

  it("is a job's own share where several had one request", () => {
    const own = (status: number, more?: Partial<Share>) =>
      verdictFor(classify(shared(status)), shared(status), share(more));
    expect(asJson(own(200))).toEqual({ outcome: 'succeeded', exchange: { status: 200, request } });
    expect(own(200)).not.toHaveProperty('exchange.response');
    expect(own(503)).toMatchObject({ outcome: 'failed', error: { status: 503, request } });
    expect(own(413)).toMatchObject({ outcome: 'discarded', error: { status: 413, request } });
    for (const status of [200, 400, 429, 503]) expect(JSON.stringify(own(status))).not.toMatch(/bob|cat|k3y/);
    expect(own(200, { answered: () => ({ name: 'ann', key: 'k3y' }) })).toMatchObject({
      exchange: { response: '{"name":"ann","key":"***"}' },
    });
    expect(own(400, { answered: () => 'ann: k3y' })).toMatchObject({ error: { response: 'ann: ***' } });
    expect(own(200, { own: 2, sent: () => 'ann, bob' })).toMatchObject({
      exchange: { request: 'POST /batch (2 of 3 in this request)\nann, bob' },
    });
    expect(own(500, { own: 3 })).toMatchObject({ error: { response: 'ann, bob and cat, ***' } });
  });

  it('is cut to 4 KB, and is there for a request without an answer too', () => {
    const long = { sent: () => 'x'.repeat(9_000), answered: () => 'y'.repeat(9_000) };
    const { error } = { error: undefined, ...verdictFor(classify(shared(500)), shared(500), share(long)) };
    expect([error?.request, error?.response].map((text) => Buffer.byteLength(text ?? ''))).toEqual([
      4_096, 4_096,
    ]);
    const lost: HttpFailure = {
      kind: 'failure',
      error: { code: 'FRAGMENT_DELIVERY_TIMEOUT', message: 'late', status: 200, request: `POST /\n${all}` },
      request: `POST /\n${all}`,
    };
    expect(verdictFor(classify(lost), lost, share())).toEqual({
      outcome: 'failed',
      error: {
        code: 'FRAGMENT_DELIVERY_TIMEOUT',
        message: 'late',
        status: 200,
        request: 'POST / (one of 3 in this request)\n"ann", k3y',
      },
    });
  });

  it('is nothing for a job that was not sent', () => {
    expect(withoutExchange(classify(shared(429)))).toEqual({
      outcome: 'failed',
      scope: 'lane',
      error: { code: 'FRAGMENT_DELIVERY_THROTTLED', message: expect.any(String), status: 429 },
    });
    expect(withoutExchange(classify(shared(200)))).toEqual({ outcome: 'succeeded' });
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
