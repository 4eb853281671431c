import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { startFakeAmplitude, type FakeAmplitude } from './fake-amplitude.js';

const apiKey = 'amplitude-key';
const jsonType = { 'content-type': 'application/json' };
let fake: FakeAmplitude;
beforeAll(async () => void (fake = await startFakeAmplitude({ apiKey })));
afterAll(() => fake.stop());

interface Answer {
  status: number;
  text: string;
  body: Record<string, unknown>;
}

async function post(
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = jsonType,
): Promise<Answer> {
  const answer = await fetch(fake.url + path, { method: 'POST', body, headers });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}
const upload = (events: unknown, more: object = {}, path = '/2/httpapi'): Promise<Answer> =>
  post(path, JSON.stringify({ api_key: apiKey, events, ...more }));
const good = { event_type: 'Signed Up', user_id: 'user-1', time: 1714557600000 };
const keys = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

describe('what a whole request is refused for', () => {
  const json = (value: unknown): string => JSON.stringify(value);
  it.each([
    ['1.1 the JSON content type is missing', json({ api_key: apiKey, events: [good] }), { 'content-type': 'text/plain' }, 400, { error: 'Invalid JSON request body' }],
    ['1.4 not JSON', '{', jsonType, 400, { error: 'Invalid JSON request body' }],
    ['1.4 no key', json({ events: [good] }), jsonType, 400, { missing_field: 'api_key' }],
    ['1.4 a wrong key, echoed', json({ api_key: 'other', events: [good] }), jsonType, 400, { error: 'Invalid API key: other' }],
    ['1.4 no events', json({ api_key: apiKey, events: [] }), jsonType, 400, { missing_field: 'events' }],
    ['1.2 2,001 events', json({ api_key: apiKey, events: Array(2001).fill(good) }), jsonType, 413, { error: 'Payload too large' }],
    ['1.2 more than 1 MB', json({ api_key: apiKey, events: [{ ...good, event_properties: { text: 'x'.repeat(1024 * 1024) } }] }), jsonType, 413, {}],
    ['1.2 an object 41 levels deep', json({ api_key: apiKey, events: [{ ...good, event_properties: deep(40) }] }), jsonType, 400, { error: 'Invalid event JSON' }],
    ['1.4 an event that is no object', json({ api_key: apiKey, events: [good, 'x'] }), jsonType, 400, { error: 'Invalid event JSON' }],
  ])('%s', async (_rule, body, headers, status, part) => {
    const before = fake.accepted.length;
    expect(await post('/2/httpapi', body, headers)).toMatchObject({ status, body: part });
    expect(fake.accepted.length).toBe(before);
  }); // prettier-ignore

  it('1.2 counts the size after decompression', async () => {
    const body = JSON.stringify({
      api_key: apiKey,
      events: [{ ...good, event_properties: { text: 'x'.repeat(1024 * 1024) } }],
    });
    const gzip = { ...jsonType, 'content-encoding': 'gzip' };
    expect((await post('/2/httpapi', new Uint8Array(gzipSync(body)), gzip)).status).toBe(413);
    expect((await post('/batch', new Uint8Array(gzipSync(body)), gzip)).status).toBe(200);
  });
  it('1.2 takes 1 MB and more on Batch, up to 20 MB', async () => {
    const big = (size: number): Promise<Answer> =>
      upload([{ ...good, event_properties: { text: 'x'.repeat(size) } }], {}, '/batch');
    expect((await big(2e6)).status).toBe(200);
    expect((await big(21e6)).status).toBe(413);
  });
  it('1.4 answers 404 and 405 for a wrong URL and method', async () => {
    expect((await post('/3/httpapi', '{}')).status).toBe(404);
    expect((await fetch(`${fake.url}/2/httpapi`)).status).toBe(405);
  });
});

describe('what an event is refused for', () => {
  const missing = 'events_with_missing_fields';
  const invalid = 'events_with_invalid_fields';
  const untyped = { ...good, event_type: undefined };
  const anonymous = { ...good, user_id: undefined };
  it.each<[string, object, string, string]>([
    ['1.3 no event_type', untyped, missing, 'event_type'],
    ['1.3 neither id', anonymous, missing, 'user_id'],
    ['1.2 a number as id', { ...good, user_id: 123456 }, invalid, 'user_id'],
    ['1.2 a short id', { ...good, device_id: 'abcd' }, 'events_with_invalid_id_lengths', 'device_id'],
    ['1.2 a refused word', { ...good, user_id: 'Undefined' }, invalid, 'user_id'],
    [
      '1.2 the all-zero UUID',
      { ...good, device_id: '00000000-0000-0000-0000-000000000000' },
      invalid,
      'device_id',
    ],
    ['1.2 an all-zero advertising id', { ...good, device_id: '0000-0000' }, invalid, 'device_id'],
    ['1.2 a reserved event type', { ...good, event_type: '[Amplitude] Revenue' }, invalid, 'event_type'],
    ['1.3 ISO time', { ...good, time: '2024-05-01T10:00:00Z' }, invalid, 'time'],
    ['1.3 time with a fraction', { ...good, time: 1.5 }, invalid, 'time'],
    ['1.3 text as session', { ...good, session_id: '1714557600000' }, invalid, 'session_id'],
    ['1.3 text as event_id', { ...good, event_id: '1' }, invalid, 'event_id'],
    ['1.3 a fraction as quantity', { ...good, quantity: 1.5 }, invalid, 'quantity'],
    ['1.3 text as revenue', { ...good, revenue: '32' }, invalid, 'revenue'],
    ['1.3 text as price', { ...good, price: '32' }, invalid, 'price'],
    ['1.3 text as latitude', { ...good, location_lat: '52.5' }, invalid, 'location_lat'],
    ['1.3 a number as ip', { ...good, ip: 5 }, invalid, 'ip'],
    ['1.3 a number as insert_id', { ...good, insert_id: 5 }, invalid, 'insert_id'],
    ['1.6 an object as language', { ...good, language: { language: 'en' } }, invalid, 'language'],
    ['1.3 a list as event_properties', { ...good, event_properties: [] }, invalid, 'event_properties'],
    [
      '1.3 mixed operations',
      { ...good, user_properties: { $set: { a: 1 }, b: 2 } },
      invalid,
      'user_properties',
    ],
    [
      '1.3 an unknown operation',
      { ...good, user_properties: { $increment: { a: 1 } } },
      invalid,
      'user_properties',
    ],
    [
      '1.3 a user operation on a group',
      { ...good, group_properties: { $remove: { a: 1 } } },
      invalid,
      'group_properties',
    ],
    ['1.3 nested arrays', { ...good, event_properties: { a: { b: [[1]] } } }, invalid, 'event_properties'],
    ['1.6 an object as group value', { ...good, groups: { team: { id: 1 } } }, invalid, 'groups'],
    [
      '1.2 more than 1,000 keys',
      { ...good, event_properties: { a: keys(1001) } },
      invalid,
      'event_properties',
    ],
    [
      '1.3 an unset value that is not "-"',
      { ...good, user_properties: { $unset: { a: '' } } },
      invalid,
      'user_properties',
    ],
    ['1.3 an empty string, which blanks', { ...good, os_name: '' }, invalid, 'os_name'],
    [
      '1.3 text as switch',
      { ...good, $skip_user_properties_sync: 'true' },
      invalid,
      '$skip_user_properties_sync',
    ],
    ['1.6 the address of the sender', { ...good, ip: '$remote' }, invalid, 'ip'],
    ['1.6 what is not a field', { ...good, app_name: 'Shop' }, invalid, 'app_name'],
    ['1.6 a group identify without group', { ...good, event_type: '$groupidentify' }, missing, 'groups'],
  ])('%s; its neighbours are not ingested either', async (_rule, event, list, field) => {
    const before = fake.accepted.length;
    const answer = await upload([good, event]);
    expect(answer.status).toBe(400);
    expect(answer.body[list]).toEqual({ [field]: [1] });
    expect(fake.accepted.length).toBe(before);
  });

  it('1.2 takes short ids when min_id_length says so', async () => {
    expect((await upload([{ ...good, user_id: 'a' }], { options: { min_id_length: 1 } })).status).toBe(200);
  });
});

describe('what is taken', () => {
  it('1.5 ingests an insert_id once per device', async () => {
    const event = { ...good, insert_id: 'once', device_id: 'device-1' };
    const before = fake.accepted.length;
    await upload([event]);
    const again = await upload([event, { ...event, device_id: 'device-2' }]);
    expect(again).toMatchObject({ status: 200, body: { code: 200, events_ingested: 2 } });
    expect(fake.accepted.length - before).toBe(2);
    expect(fake.duplicates).toContainEqual(event);
  });
  it('1.3 $identify and $groupidentify with operations', async () => {
    const identify = {
      event_type: '$identify',
      user_id: 'user-1',
      user_properties: { $set: { plan: 'pro' }, $unset: { old: '-' } },
    };
    const group = {
      event_type: '$groupidentify',
      user_id: 'user-1',
      groups: { team: 'a' },
      group_properties: { $set: { size: 3 } },
    };
    expect((await upload([identify, group])).status).toBe(200);
    expect(fake.accepted.slice(-2)).toEqual([identify, group]);
  });
});

describe('whom it takes no events of', () => {
  const by = (user: string) => ({ ...good, user_id: user, device_id: `device-${user}` });
  afterEach(() => fake.recover());
  it('1.4 throttled users and devices, and those over their quota: 429, and nothing is ingested', async () => {
    const before = fake.accepted.length;
    fake.throttle({ users: ['user-1'], devices: ['device-user-2'] });
    fake.exhaust({ users: ['user-3'], devices: ['device-user-4'] });
    const events = ['user-1', 'user-2', 'user-3', 'user-4', 'user-5', 'user-1'].map(by);
    expect(await upload(events)).toMatchObject({
      status: 429,
      body: {
        eps_threshold: 30,
        throttled_users: { 'user-1': 31 },
        throttled_devices: { 'device-user-2': 31 },
        throttled_events: [0, 1, 2, 3, 5],
        exceeded_daily_quota_users: { 'user-3': 500_001 },
        exceeded_daily_quota_devices: { 'device-user-4': 500_001 },
      },
    });
    expect((await upload([by('user-5')])).status).toBe(200);
    expect(fake.accepted.length - before).toBe(1);
    fake.recover();
    expect((await upload(events)).status).toBe(200);
  });
  it('1.4 silenced devices: 400, with the throttled events beside them', async () => {
    fake.silence(['device-user-1']);
    fake.throttle({ users: ['user-2'] });
    expect(await upload([by('user-1'), by('user-2'), by('user-3')])).toMatchObject({
      status: 400,
      body: { silenced_events: [0], silenced_devices: ['device-user-1'], throttled_events: [1] },
    });
  });
});

describe('user search', () => {
  const search = async (key: string, secret: string, query = '?user=nobody') => {
    const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
    return (await fetch(`${fake.url}/api/2/usersearch${query}`, { headers: { authorization } })).status;
  };
  it('wants both keys', async () => {
    expect(await search(apiKey, 'secret')).toBe(200);
    expect(await search(apiKey, 'secret', '')).toBe(400);
    expect(await search(apiKey, 'other')).toBe(403);
    expect(await search('other', 'secret')).toBe(403);
    expect((await post('/api/2/usersearch', '{}')).status).toBe(405);
  });
});

describe('usermap', () => {
  const form = (fields: Record<string, string>): Promise<Answer> =>
    post('/usermap', new URLSearchParams(fields).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    });
  it.each([
    ['1.1 JSON instead of a form', () => post('/usermap', JSON.stringify({ api_key: apiKey, mapping: '[]' })), 'missing_event'],
    ['1.4 a wrong key', () => form({ api_key: 'other', mapping: '[{"user_id":"a","global_user_id":"b"}]' }), 'invalid_api_key'],
    ['1.6 a mapping without global id', () => form({ api_key: apiKey, mapping: '[{"user_id":"a"}]' }), 'missing_event'],
    ['1.6 unmap with a global id', () => form({ api_key: apiKey, mapping: '[{"user_id":"a","global_user_id":"b","unmap":true}]' }), 'missing_event'],
  ])('%s', async (_rule, send, text) => {
    expect(await send()).toMatchObject({ status: 400, text });
    expect(fake.mappings).toEqual([]);
  }); // prettier-ignore
  it('takes both kinds of mapping', async () => {
    const mapping = [{ user_id: 'a', global_user_id: 'b' }, { user_id: 'c', unmap: true }]; // prettier-ignore
    expect(await form({ api_key: apiKey, mapping: JSON.stringify(mapping) })).toMatchObject({
      status: 200,
      text: 'success',
    });
    expect(fake.mappings).toEqual(mapping);
  });
});

it('a key that changes: the old one is refused', async () => {
  fake.setKey('next-key');
  expect((await upload([good])).status).toBe(400);
  fake.setKey(apiKey);
  expect((await upload([good])).status).toBe(200);
});
