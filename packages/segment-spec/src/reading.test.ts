import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  allows,
  integrationOptions,
  integrationsOf,
  materialise,
  mergeEnvelope,
  type MessageRow,
} from './index.js';

const row = (data: unknown, more: Partial<MessageRow> = {}): MessageRow => ({
  id: '0190-event',
  type: 'track',
  timestamp: new Date('2024-05-01T10:00:00.250Z'),
  receivedAt: new Date('2024-05-01T10:10:00.250Z'),
  data: typeof data === 'string' ? data : JSON.stringify(data),
  ...more,
});

describe('allows', () => {
  it.each([
    [undefined, true],
    [{}, true],
    ['odd', true],
    [{ All: false }, false],
    [{ all: false }, false],
    [{ All: true, all: false }, true],
    [{ All: false, Mixpanel: true }, false],
    [{ All: false, Amplitude: true }, true],
    [{ All: false, Amplitude: { session_id: 1 } }, true],
    [{ All: true, Amplitude: false }, false],
    [{ amplitude: false }, false],
    [{ amplitude: false, Amplitude: true }, true],
    [{ All: false, Amplitude: null }, false],
    [{ Amplitude: null }, true],
    [{ 'Segment.io': false }, true],
    [{ 'Segment.io': true, All: false }, false],
  ])('%j lets Amplitude have it: %j', (integrations, expected) => {
    expect(allows(integrations, 'Amplitude')).toBe(expected);
  });

  it('does not take the gateway’s own switch for the Segment destination’s', () => {
    expect(allows({ All: false, 'Segment.io': true }, 'Segment')).toBe(false);
    expect(allows({ 'Segment.io': false }, 'Segment')).toBe(true);
  });

  it('knows other names, the exact ones first', () => {
    expect(allows({ 'My Amplitude': false }, 'Amplitude', ['my amplitude'])).toBe(false);
    expect(allows({ amplitude: true, second: false }, 'Amplitude', ['second'])).toBe(false);
    expect(allows({ constructor: false }, 'Amplitude', ['toString'])).toBe(true);
    expect(allows({ All: false }, 'constructor')).toBe(false);
  });

  it('gives the options of an entry that is an object', () => {
    expect(integrationOptions({ amplitude: { session_id: 1 } }, 'Amplitude')).toEqual({ session_id: 1 });
    expect(integrationOptions({ Amplitude: true }, 'Amplitude')).toBeUndefined();
    expect(integrationOptions(undefined, 'Amplitude')).toBeUndefined();
  });
});

describe('mergeEnvelope', () => {
  it('merges member by member, and the item wins', () => {
    const item = {
      context: { ip: '1.1.1.1', app: { name: 'a' }, list: [1] },
      integrations: { amplitude: false },
    };
    const envelope = {
      context: { ip: '2.2.2.2', app: { name: 'b', version: '2' }, list: [2, 3], library: { name: 'go' } },
      integrations: { Amplitude: true, All: false },
    };
    const before = JSON.stringify([item, envelope]);
    expect(mergeEnvelope(item, envelope)).toEqual({
      context: { ip: '1.1.1.1', app: { name: 'a', version: '2' }, list: [1], library: { name: 'go' } },
      integrations: { All: false, amplitude: false },
    });
    expect(JSON.stringify([item, envelope])).toBe(before);
  });

  it('takes null and what is no object for absent', () => {
    expect(mergeEnvelope({ context: null, integrations: 3 }, { context: { ip: 'x' } })).toEqual({
      context: { ip: 'x' },
    });
    expect(mergeEnvelope({ context: { ip: 'x' } }, { context: [] })).toEqual({ context: { ip: 'x' } });
    expect(mergeEnvelope({}, undefined)).toEqual({});
  });

  const json = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'),
    fc.jsonValue({ maxDepth: 3 }),
    {
      maxKeys: 5,
    },
  );
  const copy = (value: object): Record<string, unknown> =>
    JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
  // What the first merge took over whole, the second one merges.
  const withoutProto = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (key, member: unknown) => (key === '__proto__' ? undefined : member));

  it('keeps every leaf of the item, adds what the item lacks, and touches no prototype', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const [over, under] = [copy(a), copy(b)];
        const merged = mergeEnvelope({ context: over }, { context: under }).context ?? {};
        expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
        for (const key of Object.keys(under).filter((k) => k !== '__proto__' && !Object.hasOwn(over, k))) {
          expect(merged[key]).toEqual(under[key]);
        }
        for (const key of Object.keys(over).filter((k) => k !== '__proto__')) {
          if (typeof over[key] !== 'object' || over[key] === null || Array.isArray(over[key])) {
            expect(merged[key]).toEqual(over[key]);
          }
        }
        const again = mergeEnvelope({ context: merged }, { context: under }).context;
        expect(withoutProto(again)).toEqual(withoutProto(merged));
      }),
      { examples: [[{}, { a: JSON.parse('{"__proto__":0}') as object }]] as [never, never][] },
    );
  });

  it('gives the same whichever two of three are merged first', () => {
    const inner = fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.integer());
    const context = fc.dictionary(fc.constantFrom('app', 'page', 'device'), inner);
    const merge = (over: object, under: object) =>
      mergeEnvelope({ context: over }, { context: under }).context ?? {};
    fc.assert(
      fc.property(context, context, context, (top, middle, bottom) => {
        expect(merge(merge(top, middle), bottom)).toEqual(merge(top, merge(middle, bottom)));
      }),
    );
  });

  it('leaves one switch for each name in any case, the item’s where it has one', () => {
    const name = fc.constantFrom('Amplitude', 'amplitude', 'AMPLITUDE', 'All', 'all', 'Mailchimp');
    const switches = fc.dictionary(name, fc.boolean());
    fc.assert(
      fc.property(switches, switches, (item, envelope) => {
        const merged = mergeEnvelope({ integrations: item }, { integrations: envelope }).integrations ?? {};
        expect(merged).toMatchObject(item);
        const spoken = new Set(Object.keys(item).map((key) => key.toLowerCase()));
        const added = Object.keys(merged).filter((key) => !Object.hasOwn(item, key));
        expect(added.filter((key) => spoken.has(key.toLowerCase()))).toEqual([]);
        const left = Object.keys(envelope).filter((key) => !spoken.has(key.toLowerCase()));
        expect(added.sort()).toEqual(left.sort());
      }),
    );
  });
});

describe('materialise', () => {
  it('lets columns win over the text, and drops what is not the message', () => {
    const data = {
      type: 'page',
      messageId: 7,
      userId: 9,
      anonymousId: 'said',
      event: 'Said',
      timestamp: 'odd',
      sentAt: 'odd',
      receivedAt: 'x',
      originalTimestamp: 'odd',
      writeKey: 'k',
      _metadata: { v: 1 },
      properties: { revenue: 5, gone: null },
      category: null,
      email: 'e',
    };
    const parsed: unknown = JSON.parse(JSON.stringify(data));
    const message = materialise(
      row(data, {
        messageId: 'm',
        userId: 'u',
        name: 'Read',
        sentAt: new Date('2024-05-01T10:10:00Z'),
        parsed,
      }),
    );
    expect(message).toEqual({
      type: 'track',
      messageId: 'm',
      userId: 'u',
      anonymousId: 'said',
      event: 'Read',
      email: 'e',
      properties: { revenue: 5, gone: null },
      timestamp: '2024-05-01T10:00:00.250Z',
      originalTimestamp: '2024-05-01T10:00:00.250Z',
      sentAt: '2024-05-01T10:10:00.000Z',
      receivedAt: '2024-05-01T10:10:00.250Z',
    });
    expect(parsed).toEqual(data);
  });

  it('writes numeric ids as text and a missing message id as the event’s', () => {
    const message = materialise(row({ groupId: 1300, userId: 12, name: 'x' }, { type: 'group' }));
    expect(message).toMatchObject({ groupId: '1300', userId: '12', messageId: '0190-event', name: 'x' });
  });

  it('merges the envelope', () => {
    const envelope = JSON.stringify({
      context: { library: { name: 'analytics-go' } },
      integrations: { All: false },
    });
    const message = materialise(row({ event: 'E', context: { ip: 'x' } }, { envelope }));
    expect(message.context).toEqual({ library: { name: 'analytics-go' }, ip: 'x' });
    expect(message.integrations).toEqual({ All: false });
  });

  it('replaces NUL and lone surrogates everywhere, and nothing else', () => {
    const data = String.raw`{"event":"a\u0000b","userId":"\ud800","properties":{"\udc00":["\ud83d\ude00 \ud83d"],"plain":"\u00e9"}}`;
    expect(materialise(row(data))).toMatchObject({
      event: 'a\uFFFDb',
      userId: '\uFFFD',
      properties: { '\uFFFD': ['😀 \uFFFD'], plain: 'é' },
    });
  });

  it('gives values that no way of copying turns against their prototype', () => {
    const forms = [
      '{"__proto__":{"polluted":1}}',
      '{"traits":{"__proto__":{"polluted":1}}}',
      String.raw`{"traits":{"__\u0070roto__":{"polluted":1}}}`,
      '{"context":{"constructor":{"prototype":{"polluted":1}}}}',
      '{"context":{"a":[{"__proto__":{"polluted":1}}]}}',
      '{"integrations":{"__proto__":{"polluted":1}}}',
    ];
    for (const form of forms) {
      for (const message of [
        materialise(row(form)),
        materialise(row('{"context":{"a":1}}', { envelope: form })),
      ]) {
        const fields = message as unknown as Record<string, object>;
        expect(JSON.stringify(message)).not.toContain('polluted');
        for (const field of ['traits', 'context', 'integrations']) {
          expect(Object.assign({}, fields[field])).not.toHaveProperty('polluted');
        }
      }
    }
    expect({}).not.toHaveProperty('polluted');
    expect(materialise(row('{"traits":{"constructor":"Ada Ltd","prototype":1}}'))).toMatchObject({
      traits: { constructor: 'Ada Ltd', prototype: 1 },
    });
  });

  it('reads whatever a source stored, object or not', () => {
    for (const data of ['3', '[]', 'null', '"text"']) {
      expect(materialise(row(data)).type).toBe('track');
    }
  });
});

describe('integrationsOf', () => {
  it('merges what the batch says', () => {
    const envelope = JSON.stringify({ integrations: { All: false, Amplitude: true } });
    expect(integrationsOf(row({ integrations: { amplitude: false } }, { envelope }))).toEqual({
      All: false,
      amplitude: false,
    });
    expect(integrationsOf(row({}, { envelope }))).toEqual({ All: false, Amplitude: true });
  });

  it('reads the text only where it must', () => {
    expect(integrationsOf(row('not even JSON'))).toBeUndefined();
    expect(integrationsOf(row('unread', { parsed: { integrations: { All: false } } }))).toEqual({
      All: false,
    });
    expect(integrationsOf(row({ integrations: null }))).toBeUndefined();
    expect(integrationsOf(row(String.raw`{"integrat\u0069ons":{"All":false}}`))).toEqual({ All: false });
  });
});
