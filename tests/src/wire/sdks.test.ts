import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventRecord } from '@fragment/core';
import { testPostgres, type TestPostgres } from '@fragment/testing';
import { Opened } from '../acceptance/world.js';
import { Answers } from './answers.js';
import type { Fields } from './captures.js';
import { deliveredById, storedMessages, wholeStore } from './expected.js';
import { mountings } from './mountings.js';
import { rudderNode3, sdkKinds, type Call, type SdkKind } from './sdks.js';

let database: TestPostgres;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

const writeKey = 'the-write-key-of-the-test';
const userId = 'user-ada';
const anonymousId = 'anonymous-ada';
const longAgo = new Date('2021-03-04T05:06:07.089Z');

/** Every call there is, and in it what applications really send. Made anew, since some SDKs write into what they are given. */
const makeCalls = (): readonly Call[] => [
  ['identify', { userId, messageId: 'message-1', traits: { email: 'ada@engines.test', age: 36 } }],
  ['identify', { anonymousId, traits: { plan: 'premium' } }],
  ['track', { userId, event: 'Order Completed', properties: { revenue: 39.95, products: [{ sku: 'a-1' }] } }],
  ['track', { userId, event: 'Imported', timestamp: longAgo }],
  ['track', { userId, event: 'Prénom 😀 \u2028', properties: { note: '"quoted" <b>&amp;</b> a+b=c' } }],
  ['track', { userId, event: 'Restricted', integrations: { All: false, Amplitude: { session_id: 7 } } }],
  ['track', { userId, event: 'In Context', context: { ip: '24.5.68.47', campaign: { name: 'spring' } } }],
  ['page', { userId, name: 'Home', category: 'Docs', properties: { url: 'https://engines.test/' } }],
  ['page', { anonymousId }],
  ['screen', { anonymousId, name: 'Welcome', properties: { variation: 'blue' } }],
  ['group', { userId, groupId: 'group-engines', traits: { name: 'Engines', employees: 7 } }],
  ['group', { userId, groupId: 1300 }],
  ['alias', { userId, previousId: anonymousId }],
];

/** What a call must have become, but for its times. */
function expectedOf([type, message]: Call, library: object): Fields {
  const { groupId, context, ...said } = message as { groupId?: string | number; context?: object };
  return {
    ...Object.fromEntries(Object.entries(said).filter(([key]) => key !== 'timestamp')),
    type,
    ...(groupId === undefined ? {} : { groupId: String(groupId) }),
    context: { ...context, library },
  };
}

/**
 * Times follow the formula of the specification. RudderStack's library sends a time it was given beside the time of the
 * call, and means it as it is.
 */
function expectTimes(event: EventRecord, sdk: SdkKind): void {
  const { originalTimestamp, sentAt, timestamp, receivedAt } = event;
  const given = event.name === 'Imported';
  if (given) expect(sdk === rudderNode3 ? timestamp : originalTimestamp).toEqual(longAgo);
  if (given && sdk === rudderNode3) return;
  expect(receivedAt.getTime() - timestamp.getTime()).toBe(sentAt!.getTime() - originalTimestamp!.getTime());
}

describe.each(mountings)('real SDKs, with a gateway $place', ({ open }) => {
  it.each(sdkKinds)('$name: every call is stored once, with the right fields', async (kind) => {
    const world = opened.add(
      await open({
        database,
        destinations: [],
        services: { gateway: true, scheduler: false },
        rest: { writeKeys: [writeKey] },
      }),
    );
    const answers = opened.add(new Answers(world.gateway));
    const sdk = kind.create({ base: world.gateway, writeKey });
    for (const call of makeCalls()) sdk.call(...call);
    await sdk.flush();

    expect(sdk.outcomes.flatMap(({ error }) => error?.message ?? [])).toEqual([]);
    expect(new Set(answers.statuses)).toEqual(new Set([200]));
    const delivered = [...(await deliveredById(world)).values()];
    const calls = makeCalls();
    expect(delivered).toHaveLength(calls.length);
    for (const call of calls) {
      const alike = delivered.filter((message) => isAlike(message, call));
      expect(alike).toMatchObject([expectedOf(call, kind.library)]);
    }
    for (const event of await storedMessages(world)) expectTimes(event, kind);
    expect(await wholeStore(database.url, world.schema)).not.toContain(writeKey);
  });
});

/** Whether a stored message is what became of a call, by what tells the calls apart. */
function isAlike(message: Fields, [type, call]: Call): boolean {
  const { event, groupId, name, traits } = call as Record<string, string | undefined>;
  if (message['type'] !== type) return false;
  if (type === 'track') return message['event'] === event;
  if (type === 'group') return message['groupId'] === String(groupId);
  if (type === 'identify') return JSON.stringify(message['traits']) === JSON.stringify(traits);
  return message['name'] === name;
}
