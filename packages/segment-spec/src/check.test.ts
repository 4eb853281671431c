import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkEnvelope, checkMessage, messageSchemas, MESSAGE_TYPES, validatorOf } from './index.js';

const missing = (kind: string, name: string, field: string) => ({
  message: `${name} must be set`,
  path: ['analytics', kind, name],
  field,
});

describe('what analytics-go checks', () => {
  it.each([
    ['identify', {}, missing('Identify', 'UserId', 'userId')],
    ['track', {}, missing('Track', 'Event', 'event')],
    ['track', { event: 'Signed Up' }, missing('Track', 'UserId', 'userId')],
    ['page', { name: 'Home' }, missing('Page', 'UserId', 'userId')],
    ['screen', {}, missing('Screen', 'UserId', 'userId')],
    ['group', {}, missing('Group', 'GroupId', 'groupId')],
    ['group', { groupId: 'g' }, missing('Group', 'UserId', 'userId')],
    ['alias', {}, missing('Alias', 'UserId', 'userId')],
    ['alias', { anonymousId: 'a', previousId: 'p' }, missing('Alias', 'UserId', 'userId')],
    ['alias', { userId: 'u' }, missing('Alias', 'PreviousId', 'previousId')],
  ])('%s %j: tells the first missing field alone', (type, message, problem) => {
    expect(checkMessage(type, message)).toEqual([problem]);
  });

  it.each([
    [undefined, 'Type must be set'],
    [null, 'Type must be set'],
    ['', 'Type must be set'],
    ['Track', 'Type must be one of identify, track, page, screen, group, alias'],
    ['batch', 'Type must be one of identify, track, page, screen, group, alias'],
    [3, 'Type must be one of identify, track, page, screen, group, alias'],
  ])('type %j is the first problem', (type, message) => {
    expect(checkMessage(type, {})).toEqual([
      { message, path: ['analytics', 'Event', 'Type'], field: 'type' },
    ]);
  });

  it.each([
    ['identify', { anonymousId: 'a' }],
    ['identify', { userId: 7 }],
    ['identify', { userId: null, anonymousId: 'a', traits: null, context: null }],
    ['identify', { userId: ' ' }],
    ['track', { event: 'E', userId: { odd: 1 }, anonymousId: 'a' }],
    ['page', { userId: 'u' }],
    ['screen', { userId: 'u', category: null }],
    ['group', { groupId: 1300, userId: 'u' }],
    ['alias', { userId: 'same', previousId: 'same' }],
    ['track', { event: 'E', userId: 'u', timestamp: 'yesterday', email: 'extra@example.com' }],
  ])('%s %j is acceptable', (type, message) => {
    expect(checkMessage(type, message)).toEqual([]);
  });

  it.each([{ userId: null }, { userId: '' }, { userId: undefined, anonymousId: null }])(
    '%j is nobody',
    (message) => {
      expect(checkMessage('identify', message)).toEqual([missing('Identify', 'UserId', 'userId')]);
    },
  );

  const wanted = (field: string, what: string) => ({
    message: `${field} must be ${what}`,
    path: [field],
    field,
  });

  it.each([{ userId: Infinity }, { userId: false }, { userId: [] }])('%j is nobody, and no id', (message) => {
    expect(checkMessage('identify', message)).toEqual([
      missing('Identify', 'UserId', 'userId'),
      wanted('userId', 'a string or a number'),
    ]);
  });

  it('says of what is there and of the wrong type what it must be', () => {
    expect(checkMessage('track', { event: 5, userId: 'u' })).toEqual([
      missing('Track', 'Event', 'event'),
      wanted('event', 'a string'),
    ]);
    expect(checkMessage('page', { userId: {}, anonymousId: true })).toEqual([
      missing('Page', 'UserId', 'userId'),
      wanted('userId', 'a string or a number'),
      wanted('anonymousId', 'a string or a number'),
    ]);
  });
});

describe('what would break reading', () => {
  it('names every field that must be an object, beside the first missing one', () => {
    const problems = checkMessage('track', { userId: 'u', properties: [], context: 'c', integrations: 3 });
    expect(problems.map(({ field }) => field)).toEqual(['event', 'context', 'integrations', 'properties']);
    expect(problems[1]).toEqual({
      message: 'context must be a JSON object, or be left out',
      path: ['context'],
      field: 'context',
    });
  });

  it('takes a messageId of 100 characters and refuses 101', () => {
    const withId = (messageId: unknown) => checkMessage('identify', { userId: 'u', messageId });
    expect(withId('x'.repeat(100))).toEqual([]);
    expect(withId(12)).toEqual([]);
    expect(withId('x'.repeat(101))).toEqual([
      {
        message: 'messageId must be text of at most 100 characters; leave it out to have one made',
        path: ['messageId'],
        field: 'messageId',
      },
    ]);
    expect(withId({})).toHaveLength(1);
  });

  it('refuses what is no object, and a type that contradicts the route', () => {
    for (const value of [[], 'text', 3, true, null]) {
      expect(checkMessage('track', value)).toEqual([
        { message: 'A message must be a JSON object', path: [], field: '' },
      ]);
    }
    expect(checkMessage('track', { type: 'page', event: 'E', userId: 'u' })).toEqual([
      expect.objectContaining({ path: ['analytics', 'Event', 'Type'], field: 'type' }),
    ]);
  });

  it('checks a batch as a whole', () => {
    expect(checkEnvelope({ batch: [] })).toEqual([]);
    expect(checkEnvelope({ batch: [], context: null, sentAt: 5, extra: 1 })).toEqual([]);
    expect(checkEnvelope({})).toEqual([
      { message: 'batch must be an array of messages', path: ['batch'], field: 'batch' },
    ]);
    expect(checkEnvelope({ batch: {}, context: [] }).map(({ field }) => field)).toEqual(['batch', 'context']);
    expect(checkEnvelope([]).map(({ field }) => field)).toEqual(['']);
    expect(checkEnvelope({ batch: [], extra: 1 }, { strict: true }).map(({ field }) => field)).toEqual([
      'extra',
    ]);
  });
});

it('is strict when asked, about fields alone', () => {
  const message = {
    userId: 'u',
    _metadata: {},
    writeKey: 'k',
    channel: 'server',
    options: {},
    constructor: 1,
    email: 'e',
  };
  expect(checkMessage('identify', message)).toEqual([]);
  expect(checkMessage('identify', message, { strict: true })).toEqual([
    {
      message: 'constructor is not a field of identify messages: remove it',
      path: ['constructor'],
      field: 'constructor',
    },
    { message: 'email is not a field of identify messages: remove it', path: ['email'], field: 'email' },
  ]);
});

it('explains exactly the messages that the schemas refuse', () => {
  const scalar = fc.oneof(
    fc.constantFrom('', 'x', 'y'.repeat(101), null, 0, 1, true, undefined),
    fc.constant({}),
    fc.constant([]),
  );
  const fields = Object.keys(
    Object.assign(
      {},
      ...(Object.values(messageSchemas).map(({ properties }) => properties) as object[]),
    ) as object,
  );
  const message = fc.dictionary(fc.constantFrom(...fields), scalar, { maxKeys: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...MESSAGE_TYPES), message, (type, sent) => {
      const problems = checkMessage(type, sent);
      expect(problems.length === 0).toBe(validatorOf(type)(sent));
      expect(
        problems.filter(({ path }) => path[0] === 'analytics' && path[1] !== 'Event').length,
      ).toBeLessThanOrEqual(1);
    }),
    { numRuns: 2_000 },
  );
});
