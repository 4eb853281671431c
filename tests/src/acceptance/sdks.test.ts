import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventRecord } from '@fragment/core';
import { requiring, testPostgres, testRedis, type TestPostgres, type TestRedis } from '@fragment/testing';
import { analyticsNode3, analyticsNode6, type Sdk, type SdkKind } from '../wire/sdks.js';
import { audienceId, startVendors, type Vendors } from './vendors.js';
import { Opened, openWorld, type World } from './world.js';

const describeWithRedis = await requiring('redis', describe);

let database: TestPostgres;
let redis: TestRedis | undefined;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(async () => {
  await redis?.stop();
  await database.stop();
});

const email = 'ada@engines.test';
const userId = 'user-ada';

/** One message of each type, as an application sends them. */
function sendAllSix(sdk: Sdk): void {
  sdk.call('identify', { userId, traits: { email, firstName: 'Ada', plan: 'premium' } });
  sdk.call('track', { userId, event: 'Order Completed', properties: { revenue: 39.95, currency: 'USD' } });
  sdk.call('page', { userId, name: 'Home', properties: { url: 'https://engines.test/' } });
  sdk.call('screen', { anonymousId: 'anonymous-ada', name: 'Welcome', properties: { variation: 'blue' } });
  sdk.call('group', { userId, groupId: 'group-engines', traits: { name: 'Engines', employees: 7 } });
  sdk.call('alias', { userId, previousId: 'anonymous-ada' });
}

const types = ['alias', 'group', 'identify', 'page', 'screen', 'track'];
/** Amplitude and Segment take all six, Mailchimp takes identify. */
const jobsPerSdk = 2 * types.length + 1;

async function deliversAllSix({ library, create }: SdkKind, redisUrl?: string): Promise<void> {
  const vendors = opened.add(await startVendors());
  const world = opened.add(
    await openWorld({
      database,
      redis: redisUrl,
      destinations: vendors.destinations({ amplitude: { alias: true } }),
    }),
  );
  const sdk = create({ base: world.gateway, writeKey: 'a-write-key' });
  sendAllSix(sdk);
  await sdk.flush();
  const jobs = await world.ended(jobsPerSdk);

  expect(jobs.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  expect(jobs.filter(({ attempt }) => attempt !== 1)).toEqual([]);
  expect(jobs.filter(({ destination }) => destination === 'mailchimp').map(({ action }) => action)).toEqual([
    'identify',
  ]);
  const messages = await storedMessages(world);
  expect([...messages.keys()].sort()).toEqual(types);
  amplitudeTookEachOnce(vendors, messages);
  mailchimpTookTheContact(vendors);
  segmentTookEachWhole(vendors, messages, library);
}

async function storedMessages(world: World): Promise<ReadonlyMap<string, EventRecord>> {
  const { items } = await world.ops.findEvents({ events: { typesIn: types } });
  expect(items).toHaveLength(types.length);
  return new Map(items.map((event) => [event.type ?? '', event]));
}

function amplitudeTookEachOnce({ amplitude }: Vendors, messages: ReadonlyMap<string, EventRecord>): void {
  const [identify, track, page, screen, group] = ['identify', 'track', 'page', 'screen', 'group'].map(
    (type) => messages.get(type)?.messageId,
  );
  const taken = amplitude.accepted.map((event) => [event['event_type'], event['insert_id']]);
  // A group takes two events: one puts the user into it, one describes it.
  expect(new Map(taken.map(([name, id]) => [id, name]))).toEqual(
    new Map([
      [identify, '$identify'],
      [track, 'Order Completed'],
      [page, 'Viewed Home Page'],
      [screen, 'Viewed Welcome Screen'],
      [group, '$identify'],
      [`${group}-1`, '$groupidentify'],
    ]),
  );
  expect(taken).toHaveLength(6);
  expect(amplitude.duplicates).toEqual([]);
  expect(amplitude.mappings).toEqual([{ user_id: 'anonymous-ada', global_user_id: userId }]);
  expect(amplitude.accepted.find((event) => event['insert_id'] === track)).toMatchObject({
    user_id: userId,
    time: messages.get('track')?.timestamp.getTime(),
    event_properties: { revenue: 39.95, currency: 'USD' },
  });
}

function mailchimpTookTheContact({ mailchimp }: Vendors): void {
  const hash = createHash('md5').update(email).digest('hex');
  expect(mailchimp.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `PUT /3.0/lists/${audienceId}/members/${hash}`,
  ]);
  expect(mailchimp.accepted).toMatchObject([{ email_address: email, status_if_new: 'pending' }]);
  expect(mailchimp.member(email)).toMatchObject({ status: 'pending', mergeFields: { FNAME: 'Ada' } });
}

function segmentTookEachWhole(
  { segment }: Vendors,
  messages: ReadonlyMap<string, EventRecord>,
  library: SdkKind['library'],
): void {
  expect(segment.dropped).toEqual([]);
  expect(segment.duplicates).toEqual([]);
  expect(segment.accepted.map(({ type }) => type).sort()).toEqual(types);
  for (const message of segment.accepted) {
    expect(message).toMatchObject({
      messageId: messages.get(String(message['type']))?.messageId,
      context: { library },
    });
  }
  const ofType = (type: string) => segment.accepted.find((message) => message['type'] === type);
  expect(ofType('identify')).toMatchObject({ userId, traits: { email, firstName: 'Ada', plan: 'premium' } });
  expect(ofType('track')).toMatchObject({
    event: 'Order Completed',
    properties: { revenue: 39.95, currency: 'USD' },
  });
  expect(ofType('screen')).toMatchObject({ anonymousId: 'anonymous-ada', name: 'Welcome' });
  expect(ofType('group')).toMatchObject({ groupId: 'group-engines', traits: { employees: 7 } });
  expect(ofType('alias')).toMatchObject({ userId, previousId: 'anonymous-ada' });
}

const sdks = [analyticsNode6, analyticsNode3];

describe('Segment’s own libraries, with queues on Postgres', () => {
  it.each(sdks)('$name: all six types reach the three vendors, each once', async (kind) => {
    await deliversAllSix(kind);
  });
});

describeWithRedis('Segment’s own libraries, with queues on Redis', () => {
  beforeAll(async () => {
    redis = await testRedis();
  });
  it.each(sdks)('$name: all six types reach the three vendors, each once', async (kind) => {
    await deliversAllSix(kind, redis?.url);
  });
});
