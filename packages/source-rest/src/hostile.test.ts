import { describe, expect, it } from '@jest/globals';
import { isFragmentError, type Extraction } from '@fragment/core';
import fc from 'fast-check';
import { keyless } from './keyless.js';
import { post, refusal } from './post.fixture.js';
import { routes } from './routes.js';
import { mayBeDeeper, scan } from './scan.js';

const codeOf = (act: () => unknown): string => refusal(act).code.replace('FRAGMENT_INGEST_', '');
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const message = (more: string): string => `{"type":"track","event":"E","userId":"u","properties":${more}}`;
const sized = (bytes: number): string => message(`{"p":"${'x'.repeat(bytes - message('{"p":""}').length)}"}`);

describe('limits', () => {
  it('one message: 32,768 bytes and 1,024 for what SDKs add', () => {
    expect(post({}, '/v1/track', sized(33_792)).userId).toBe('u');
    expect(codeOf(() => post({}, '/v1/track', sized(33_793)))).toBe('EVENT_TOO_LARGE');
    const limits = { eventBytes: 1_000 };
    const { subEvents, rejected } = post(
      { limits },
      '/v1/batch',
      `{"batch":[${sized(2_024)},${sized(2_025)}]}`,
    );
    expect(subEvents?.map(({ index }) => index)).toEqual([0]);
    expect(rejected).toMatchObject([
      {
        index: 1,
        code: 'FRAGMENT_INGEST_EVENT_TOO_LARGE',
        message: 'The message has 2025 bytes; 1000 are allowed.',
        type: 'track',
      },
    ]);
  });

  it('counts bytes, not characters', () => {
    const wide = message(JSON.stringify({ p: 'ü'.repeat(1_000) }));
    const { rejected } = post({ limits: { eventBytes: 1_000 } }, '/v1/batch', `{"batch":[${wide}]}`);
    expect(rejected?.[0]?.message).toBe(
      `The message has ${Buffer.byteLength(wide)} bytes; 1000 are allowed.`,
    );
  });

  it('one request, and what a batch says for all its items', () => {
    const batch = (more: string) => `{"batch":[${message('{}')}]${more}}`;
    const fits = 512_000 - batch('').length;
    expect(post({}, '/v1/batch', batch(' '.repeat(fits))).subEvents).toHaveLength(1);
    expect(codeOf(() => post({}, '/v1/batch', batch(' '.repeat(fits + 1))))).toBe('BODY_TOO_LARGE');
    expect(codeOf(() => post({}, '/v1/batch', batch(`,"context":{"a":"${'x'.repeat(40_000)}"}`)))).toBe(
      'EVENT_TOO_LARGE',
    );
  });

  it('2,500 messages in a batch', () => {
    const batch = (count: number) => `{"batch":[${Array<string>(count).fill(message('{}')).join(',')}]}`;
    expect(post({}, '/v1/batch', batch(2_500)).subEvents).toHaveLength(2_500);
    expect(codeOf(() => post({}, '/v1/batch', batch(2_501)))).toBe('BATCH_TOO_LONG');
  });

  it('64 levels in a message, alone or in a batch, where the deep one is refused alone', () => {
    expect(post({}, '/v1/track', message(`{"a":${nested(62)}}`)).userId).toBe('u');
    expect(codeOf(() => post({}, '/v1/track', message(`{"a":${nested(63)}}`)))).toBe('BODY_TOO_DEEP');
    const batch = `{"batch":[${message(`{"a":${nested(62)}}`)},${message(`{"a":${nested(63)}}`)},${message('{}')}]}`;
    const { subEvents, rejected } = post({}, '/v1/batch', batch);
    expect(subEvents?.map(({ index }) => index)).toEqual([0, 2]);
    expect(rejected).toMatchObject([{ index: 1, code: 'FRAGMENT_INGEST_BODY_TOO_DEEP' }]);
    expect(codeOf(() => post({}, '/v1/batch', `{"batch":[],"context":{"a":${nested(63)}}}`))).toBe(
      'BODY_TOO_DEEP',
    );
    expect(codeOf(() => post({}, '/v1/batch', String.raw`{"b\u0061tch":[{"a":${nested(65)}}]}`))).toBe(
      'BODY_TOO_DEEP',
    );
  });

  it.each([65, 1_000, 5_000, 200_000])(
    '%i brackets are refused, whatever the route and however they end',
    (levels) => {
      for (const path of ['/v1/track', '/v1/batch']) {
        for (const body of [
          nested(levels),
          '['.repeat(levels),
          '{"a":'.repeat(levels),
          `{"batch":${nested(levels)}`,
        ]) {
          expect(refusal(() => post({}, path, body)).status).toBe(400);
        }
      }
      const { rejected } = post(
        {},
        '/v1/batch',
        `{"batch":[{"type":"track","writeKey":"k","a":${nested(levels)}}]}`,
      );
      expect(rejected).toEqual([
        expect.objectContaining({ index: 0, code: 'FRAGMENT_INGEST_BODY_TOO_DEEP' }),
      ]);
      expect(rejected?.[0]).not.toHaveProperty('data');
    },
  );

  it.each(['', ' ', 'null', '3', '"text"', '[]', '{', '{"a":1}x', 'userId=u', '\u0000', "{'userId':'u'}"])(
    'a body that is no JSON object is refused: %j',
    (body) => {
      expect(codeOf(() => post({}, '/v1/identify', body))).toBe('BODY_NOT_JSON');
      expect(codeOf(() => post({}, '/v1/batch', body))).toBe('BODY_NOT_JSON');
      // The operator sees that it happened; nobody knows yet who sent it, so nothing of it is kept.
      expect(refusal(() => post({}, '/v1/i', body)).rejection).toEqual({ type: 'identify' });
      expect(refusal(() => post({}, '/v1/b', body)).rejection).toEqual({ type: 'batch' });
    },
  );
});

describe('odd values', () => {
  it('of prototypes stay members of their message', () => {
    const inner =
      '{"__proto__":{"polluted":1,"userId":"p","writeKey":"p"},"constructor":{"prototype":{"polluted":1}}}';
    const outer = `{"__proto__":{"userId":"p","polluted":1},"event":"E","anonymousId":"a","writeKey":"k","properties":${inner}}`;
    const single = post({}, '/v1/track', outer);
    expect(single.anonymousId).toBe('a');
    expect(single.data).toBe(`{"event":"E","anonymousId":"a","properties":${inner}}`);
    expect(single).not.toHaveProperty('userId');
    expect(refusal(() => post({}, '/v1/identify', '{"__proto__":{"userId":"p"}}')).validations).toHaveLength(
      1,
    );
    const batch = post(
      {},
      '/v1/batch',
      `{"__proto__":{"polluted":1},"context":${inner},"batch":[{"type":"track",${outer.slice(1)}]}`,
    );
    expect(batch.subEvents).toHaveLength(1);
    expect(Object.assign({}, batch.data)).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    '0000-01-01T00:00:00Z',
    '+275760-09-13T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    NaN,
    1e300,
    {},
  ])('of time never leave the calendar: %j', (timestamp) => {
    const extraction = post({}, '/v1/page', { userId: 'u', timestamp, sentAt: '0002-01-01T00:00:00Z' });
    expect(extraction.timestamp?.toISOString()).toMatch(/^\d{4}-/);
  });

  it('of numbers and bytes do no harm', () => {
    const body = '{"userId":1e400,"anonymousId":12345678901234567890,"traits":{"a":1e400,"b":-0}}';
    expect(post({}, '/v1/identify', body)).toMatchObject({ data: body, anonymousId: '12345678901234567000' });
    expect(post({}, '/v1/identify', body)).not.toHaveProperty('userId');
  });
});

const json = fc.json({ maxDepth: 5, noUnicodeString: false });

describe('scan', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

  it('finds what parsing finds', () => {
    fc.assert(
      fc.property(fc.array(json), json, fc.constantFrom('', ' ', '\n\t'), (items, other, space) => {
        const text = `{${space}"x":${other},"batch"${space}:${space}[${items.map((item) => space + item + space).join(',')}]${space}}`;
        const bytes = Buffer.from(text);
        const found = scan(bytes.toString('latin1'));
        const parsed = JSON.parse(text) as { batch: unknown[] };
        expect(found.items?.map(({ start, end }) => bytes.toString('utf8', start, end))).toEqual(
          items.map((item) => item.trim()),
        );
        expect(found.items?.map(({ depth }) => depth)).toEqual(parsed.batch.map(depthOf));
        expect(found.depth).toBe(depthOf(parsed));
        expect(found.outside).toBe(depthOf({ ...parsed, batch: [] }));
        expect(mayBeDeeper(text, found.depth - 1)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('keyless', () => {
  it('does not take a member of a member for the write key', () => {
    const text = String.raw`{"write\u004bey":"k","traits":{"writeKey":"k","a":1}}`;
    const { data } = keyless(JSON.parse(text) as Record<string, unknown>, text);
    expect(JSON.parse(data)).toEqual({ traits: { writeKey: 'k', a: 1 } });
  });

  it('takes out the write key and nothing else', () => {
    const key = fc.oneof(
      fc.constantFrom('writeKey', 'a', '__proto__', 'write"Key', '"writeKey"', '\\'),
      fc.string(),
    );
    const value = fc.oneof(
      fc.constantFrom('writeKey', '"writeKey"', ',', 1, null),
      fc.string(),
      fc.dictionary(key, fc.string()),
    );
    const pairs = fc.array(fc.tuple(key, value), { maxLength: 5 });
    fc.assert(
      fc.property(pairs, value, fc.nat(5), fc.constantFrom('', ' ', '\n '), (others, secret, at, space) => {
        const members = [...others];
        members.splice(at, 0, ['writeKey', secret]);
        const text = `{${members.map(([k, v]) => `${space}${JSON.stringify(k)}${space}:${space}${JSON.stringify(v)}${space}`).join(',')}}`;
        const fields = JSON.parse(text) as Record<string, unknown>;
        const { data, parsed } = keyless(fields, text);
        const expected = Object.entries(fields).filter(([k]) => k !== 'writeKey' && k !== '__proto__');
        expect(Object.entries(parsed)).toEqual(expected);
        expect(Object.entries(JSON.parse(data) as object).filter(([k]) => k !== '__proto__')).toEqual(
          expected,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('mutated bodies', () => {
  /** More by flag: FRAGMENT_FUZZ_RUNS=10000. */
  const runs = Number(process.env['FRAGMENT_FUZZ_RUNS'] ?? 500);
  const seeds = [
    message('{"revenue":22.5,"products":[{"id":"p1"},{"id":"p2"}],"text":"ü 😀 \\u0000 \\ud800"}'),
    '{"userId":"u","anonymousId":null,"groupId":1300,"previousId":"p","name":"n","event":"e","writeKey":"k","timestamp":"2026-11-23T10:42:05.574597+00:00","messageId":"m","context":{"a":{"b":[1]}},"integrations":{"All":false}}',
    `{"batch":[${message('{}')},{"type":"identify","userId":7},null],"sentAt":"2026-11-23T10:42:05.574Z","context":{"library":{}}}`,
  ];
  const scraps = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\\u',
    '\u0000',
    'null',
    '-',
    '1e999',
    '"batch":[',
    '"type":',
    '"__proto__":',
    ' ',
    '\ufeff',
  ];
  const splice = fc.record({
    at: fc.nat(400),
    cut: fc.nat(12),
    scrap: fc.constantFrom('', ...scraps),
    byte: fc.option(fc.nat(255)),
  });
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(splice, { minLength: 1, maxLength: 6 }))
    .map(([seed, splices]) => {
      let bytes = Buffer.from(seed);
      for (const { at, cut, scrap, byte } of splices) {
        const filler = byte === null ? Buffer.from(scrap) : Buffer.from([byte]);
        bytes = Buffer.concat([bytes.subarray(0, at), filler, bytes.subarray(at + cut)]);
      }
      return bytes;
    });

  const expectSound = ({
    data,
    messageId,
    timestamp,
    parsed,
  }: Omit<Extraction, 'subEvents' | 'rejected'>): void => {
    expect(JSON.parse(data as string)).toEqual(parsed);
    expect(parsed).not.toHaveProperty('writeKey');
    expect(messageId?.length).toBeLessThanOrEqual(100);
    expect(timestamp?.toISOString()).toMatch(/^\d{4}-/);
  };

  // The short paths read in the same way.
  it.each(routes.map(({ paths, reads }) => ({ path: paths[0] ?? '', reads })))(
    'to $path are stored soundly or refused with 4xx',
    ({ path, reads }) => {
      fc.assert(
        fc.property(mutated, (bytes) => {
          let extraction: Extraction;
          try {
            extraction = post({}, path, bytes);
          } catch (error) {
            if (!isFragmentError(error)) throw error;
            expect([400, 401]).toContain(error.status);
            return;
          }
          for (const event of reads === 'batch' ? (extraction.subEvents ?? []) : [extraction])
            expectSound(event);
          for (const { validations, message: why } of extraction.rejected ?? []) {
            expect(why).not.toBe('');
            expect(validations).not.toEqual([]);
          }
        }),
        { numRuns: runs, seed: 20261123 },
      );
    },
  );
});
