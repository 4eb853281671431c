import { describe, expect, it } from '@jest/globals';
import type { HttpTrigger } from '@fragment/core';
import { rest, type RestOptions, type WriteKey } from './index.js';
import { lastMadeId, post, receivedAt, refusal } from './post.fixture.js';

describe('routes', () => {
  it('stand under the prefix and carry the options', () => {
    const source = rest({ name: 'web', prefix: '/segment', showMeta: true });
    const shown = { showMeta: true, showData: false };
    const single = (type: string) => ({
      methods: ['POST'],
      path: [`/segment/v1/${type}`, `/segment/v1/${type.charAt(0)}`],
      ...shown,
    });
    expect(source.name).toBe('web');
    expect(source.triggers.map((trigger) => [trigger.name, (trigger as HttpTrigger).route])).toEqual([
      ...['identify', 'track', 'page', 'screen', 'group', 'alias'].map((type) => [type, single(type)]),
      [
        'batch',
        {
          methods: ['POST'],
          path: ['batch', 'b', 'import', 'import/'].map((p) => `/segment/v1/${p}`),
          ...shown,
        },
      ],
      ['pixel', { methods: ['GET'], path: '/segment/v1/pixel/:type' }],
      ['settings', { methods: ['GET'], path: '/segment/v1/projects/:writeKey/settings' }],
      ['metrics', { methods: ['POST'], path: '/segment/v1/m' }],
    ]);
  });

  it('plan by the flows of their type', () => {
    const flow = (name: string) => ({ name, transform: () => ({}) });
    const flowsOf = (options: RestOptions) =>
      Object.fromEntries(rest(options).triggers.map(({ name, flows }) => [name, flows?.map((f) => f.name)]));
    expect(flowsOf({ flows: [flow('all')] })).toMatchObject({
      track: ['all'],
      alias: ['all'],
      batch: undefined,
    });
    expect(flowsOf({ flows: { track: [flow('only')] } })).toMatchObject({
      track: ['only'],
      page: [],
    });
  });

  it('show their options without a key', () => {
    const source = rest({ writeKeys: ['secret-1', { name: 'web', key: 'secret-2', enabled: false }] });
    expect(source.options).toMatchObject({
      writeKeys: [
        { name: 'key-1', enabled: true },
        { name: 'web', enabled: false },
      ],
      limits: { eventBytes: 32_768, requestBytes: 512_000, batchItems: 2_500, depth: 64 },
    });
    expect(JSON.stringify(source)).not.toContain('secret');
  });

  it('refuse bad options all at once', () => {
    const error = refusal(() =>
      rest({
        name: '',
        prefix: 'segment/',
        limits: { depth: 5_000, batchItems: 0 },
        writeKeys: ['secret', { name: '', key: 'secret' }, ''],
        flows: { tracks: [] } as NonNullable<RestOptions['flows']>,
        publicUrl: 'cdp.example.com',
      }),
    );
    expect(error.code).toBe('FRAGMENT_CONFIG_INVALID');
    expect(error.validations.map(({ path }) => path.join('.'))).toEqual([
      'rest.name',
      'rest.prefix',
      'rest.publicUrl',
      'rest.limits.batchItems',
      'rest.limits.depth',
      'rest.writeKeys.1',
      'rest.writeKeys.1',
      'rest.writeKeys.2',
      'rest.flows.tracks',
    ]);
    expect(JSON.stringify(error.validations)).not.toContain('secret');
    expect(refusal(() => rest({ writeKeys: [] })).validations).toHaveLength(1);
    const untyped = [{ name: 'n', enabled: 'false' }, { key: 7 }, null] as unknown as WriteKey[];
    expect(refusal(() => rest({ writeKeys: untyped })).validations.map(({ message }) => message)).toEqual([
      'writeKeys[0] needs a key',
      'writeKeys[0] has `enabled` neither true nor false',
      'writeKeys[1] needs a name',
      'writeKeys[1] needs a key',
      'writeKeys[2] needs a name',
      'writeKeys[2] needs a key',
      'writeKeys[2] has the name of another key',
      'writeKeys[2] is the same key as another',
    ]);
  });
});

describe('a single message', () => {
  it('is kept as it came, with its columns beside', () => {
    const body =
      '{ "userId": 7, "anonymousId": null, "event": "Order Completed",\n "timestamp": "2024-05-01T12:00:00Z", "sentAt": "2024-05-01T12:10:00Z", "messageId": "m-1", "big": 12345678901234567890 }';
    expect(post({}, '/v1/track', body)).toEqual({
      data: body,
      parsed: JSON.parse(body) as unknown,
      type: 'track',
      messageId: 'm-1',
      userId: '7',
      name: 'Order Completed',
      timestamp: new Date('2024-05-01T10:00:00.250Z'),
      originalTimestamp: new Date('2024-05-01T12:00:00Z'),
      sentAt: new Date('2024-05-01T12:10:00Z'),
    });
  });

  it('gets an id and the time of receipt when it has none', () => {
    for (const messageId of [undefined, null, '']) {
      const extraction = post({}, '/v1/page', { anonymousId: 'a', timestamp: 'odd', messageId });
      expect(extraction).toMatchObject({ type: 'page', anonymousId: 'a', timestamp: receivedAt });
      expect(extraction.messageId).toBe(lastMadeId());
      expect(extraction).not.toHaveProperty('userId');
      expect(extraction).not.toHaveProperty('name');
    }
  });

  it.each(['/v1/screen', '/v1/s'])('has the type that %s says', (path) => {
    expect(post({}, path, { userId: 'u', name: 'Welcome' })).toMatchObject({
      type: 'screen',
      name: 'Welcome',
    });
    expect(post({}, path, { userId: 'u', type: null }).type).toBe('screen');
    expect(refusal(() => post({}, path, { userId: 'u', type: 'page' })).validations).toMatchObject([
      { field: 'type' },
    ]);
  });

  it('is refused in the words of the tutorial, and kept as a rejection', () => {
    const error = refusal(() =>
      post({}, '/v1/identify', { traits: { a: 1 }, messageId: 'm', writeKey: 'secret' }),
    );
    expect(error.toBody()).toEqual({
      statusCode: 400,
      code: 'FRAGMENT_INGEST_INVALID',
      message: 'Bad Request',
      validations: [
        { message: 'UserId must be set', path: ['analytics', 'Identify', 'UserId'], field: 'userId' },
      ],
    });
    expect(error.rejection).toEqual({
      type: 'identify',
      messageId: 'm',
      data: '{"traits":{"a":1},"messageId":"m"}',
    });
  });

  it('has clean columns, and its text as it came', () => {
    const body = String.raw`{"event":"a\u0000b","userId":"\ud800x","messageId":"\udfff"}`;
    expect(post({}, '/v1/track', body)).toMatchObject({
      data: body,
      name: 'a\uFFFDb',
      userId: '\uFFFDx',
      messageId: '\uFFFD',
    });
  });

  it('may have unknown fields unless the source is strict', () => {
    const body = { userId: 'u', email: 'x', _metadata: {}, writeKey: 'k' };
    expect(post({}, '/v1/identify', body).userId).toBe('u');
    expect(refusal(() => post({ strict: true }, '/v1/identify', body)).validations).toMatchObject([
      { field: 'email' },
    ]);
  });
});

describe('a batch', () => {
  const good = { type: 'track', event: 'E', userId: 'u' };

  it('keeps the good items, names the bad ones and what the envelope says', () => {
    const body = {
      messageId: 'envelope',
      timestamp: '2020-01-01T00:00:00Z',
      sentAt: '2024-05-01T12:10:00Z',
      writeKey: 'secret',
      context: { library: { name: 'go' } },
      integrations: { All: false },
      batch: [
        { ...good, messageId: 'first', timestamp: '2024-05-01T12:00:00Z' },
        { type: 'track', event: 'E', messageId: 'second', writeKey: 'secret' },
        { ...good, type: 'group', groupId: 1300, sentAt: 'odd' },
        { type: 'batch', batch: [] },
        'text',
        { ...good, context: [] },
        { ...good, messageId: 'x'.repeat(101) },
      ],
    };
    const { subEvents = [], rejected = [], ...parent } = post({}, '/v1/batch', body);
    expect(parent).toEqual({
      type: 'batch',
      sentAt: new Date('2024-05-01T12:10:00Z'),
      data: {
        messageId: 'envelope',
        timestamp: body.timestamp,
        sentAt: body.sentAt,
        received: 7,
        rejected: 5,
      },
      context: { context: body.context, integrations: body.integrations },
    });
    expect(subEvents).toMatchObject([
      {
        index: 0,
        trigger: 'track',
        messageId: 'first',
        timestamp: new Date('2024-05-01T10:00:00.250Z'),
        sentAt: parent.sentAt,
        data: JSON.stringify(body.batch[0]),
      },
      { index: 2, trigger: 'group', messageId: lastMadeId(), sentAt: parent.sentAt, timestamp: receivedAt },
    ]);
    expect(
      rejected.map(({ index, code, message, validations }) => [index, code, message, validations?.[0]]),
    ).toEqual([
      [
        1,
        'FRAGMENT_INGEST_INVALID',
        'UserId must be set',
        { message: 'UserId must be set', path: ['analytics', 'Track', 'UserId'], field: 'batch[1].userId' },
      ],
      [
        3,
        'FRAGMENT_INGEST_INVALID',
        expect.stringContaining('Type must be one of'),
        expect.objectContaining({ field: 'batch[3].type' }),
      ],
      [
        4,
        'FRAGMENT_INGEST_INVALID',
        'A message must be a JSON object',
        { message: 'A message must be a JSON object', path: [], field: 'batch[4]' },
      ],
      [
        5,
        'FRAGMENT_INGEST_INVALID',
        expect.stringContaining('context'),
        expect.objectContaining({ field: 'batch[5].context', path: ['context'] }),
      ],
      [
        6,
        'FRAGMENT_INGEST_INVALID',
        expect.stringContaining('100'),
        expect.objectContaining({ field: 'batch[6].messageId' }),
      ],
    ]);
    expect(rejected[0]).toMatchObject({
      messageId: 'second',
      type: 'track',
      data: '{"type":"track","event":"E","messageId":"second"}',
    });
    expect(rejected[4]).not.toHaveProperty('messageId');
  });

  it('cuts its items out of the body, whatever stands around them', () => {
    const items = [
      '{"type" : "track","event":"[{\\"ü😀\\\\","userId":"u"}',
      '{"type":"page","userId":"ü","n":[1,[2,{"a":"]"}]]}',
    ];
    const bodies = [
      `{"batch":[${items.join(',')}]}`,
      `{"x":{"batch":[1,2]},"batch" : [ \n\t${items.join(' ,\r\n ')} ] ,"y":["batch",[{}]]}`,
      `{"batch":[1,2,3],"batch":[${items.join(',')}]}`,
    ];
    for (const body of bodies) {
      expect(post({}, '/v1/batch', body).subEvents?.map(({ data }) => data)).toEqual(items);
      expect(post({}, '/v1/b', body).subEvents).toHaveLength(2);
    }
  });

  it('writes its items anew when their place is in doubt', () => {
    const body = String.raw`{"batch":[{"type":"track","event":"old"}],"b\u0061tch":[{"type":"track", "event":"new", "userId":"u"}]}`;
    expect(post({}, '/v1/batch', body).subEvents?.map(({ data }) => data)).toEqual([
      '{"type":"track","event":"new","userId":"u"}',
    ]);
  });

  it('may be empty, and must be one', () => {
    expect(post({}, '/v1/batch', { batch: [] })).toEqual({
      type: 'batch',
      data: { received: 0, rejected: 0 },
      subEvents: [],
      rejected: [],
    });
    expect(refusal(() => post({}, '/v1/batch', {})).validations).toMatchObject([
      { field: 'batch', path: ['batch'] },
    ]);
    expect(refusal(() => post({}, '/v1/batch', { batch: { ...good } })).validations).toHaveLength(1);
    expect(refusal(() => post({}, '/v1/batch', [good])).code).toBe('FRAGMENT_INGEST_BODY_NOT_JSON');
  });
});
