import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFakeMailchimp, type FakeMailchimp } from './fake-mailchimp.js';
import { waitFor } from '../wait/wait-for.js';

const apiKey = 'secret-us20';
let fake: FakeMailchimp;
beforeAll(async () => {
  fake = await startFakeMailchimp({
    apiKey,
    audienceId: 'list1',
    mergeFields: { FNAME: { type: 'text' }, AGE: { type: 'number' }, BIRTHDAY: { type: 'birthday' }, ADDRESS: { type: 'address' }, SINCE: { type: 'date' }, SITE: { type: 'url' } },
    inCompliance: ['left@shop.test', 'bounced@shop.test'],
    forgotten: ['gone@shop.test'],
    busy: ['busy@shop.test'],
  }); // prettier-ignore
});
afterAll(() => fake.stop());

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const authorization = `Basic ${Buffer.from(`any:${apiKey}`).toString('base64')}`;

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization },
) {
  const answer = await fetch(`${fake.url}/3.0${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const type = answer.headers.get('content-type') ?? '';
  return {
    status: answer.status,
    type,
    body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
  };
}
const upsert = (address: string, more: object = {}, hash = md5(address.toLowerCase())) =>
  call('PUT', `/lists/list1/members/${hash}`, {
    email_address: address,
    status_if_new: 'subscribed',
    ...more,
  });

describe('access', () => {
  it.each([
    ['2.3 no key', {}, 'API Key Missing'],
    [
      '2.3 a wrong key',
      { authorization: `Basic ${Buffer.from('any:wrong').toString('base64')}` },
      'API Key Invalid',
    ],
    ['2.1 a bearer token', { authorization: `Bearer ${apiKey}` }, 'API Key Missing'],
  ])('%s', async (_rule, headers, title) => {
    const answer = await call('GET', '/lists/list1', undefined, headers);
    expect(answer).toMatchObject({
      status: 401,
      type: expect.stringContaining('problem+json'),
      body: { title, status: 401 },
    });
  });
  it('2.3 another audience is not found', async () => {
    expect(await call('GET', '/lists/other')).toMatchObject({
      status: 404,
      body: { title: 'Resource Not Found' },
    });
    expect(await call('GET', '/lists/list1')).toMatchObject({
      status: 200,
      body: { id: 'list1', double_optin: false },
    });
  });
  it('2.1 a ping', async () => {
    expect((await call('GET', '/ping')).status).toBe(200);
    expect((await call('GET', '/ping', undefined, {})).status).toBe(401);
  });
  it('2.3 a method that is not allowed', async () => {
    expect((await call('POST', `/lists/list1/members/${md5('a')}`, {})).status).toBe(405);
  });
  it('2.2 the 11th simultaneous connection', async () => {
    const before = fake.requests.length;
    fake.hang();
    const calls = Array.from({ length: 11 }, () => call('GET', '/lists/list1'));
    await waitFor(() => fake.requests.length === before + 11);
    fake.recover();
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });
});

describe('what an upsert is refused for', () => {
  it.each<[string, () => ReturnType<typeof call>, string, string]>([
    ['2.3 JSON', () => call('PUT', `/lists/list1/members/${md5('a')}`, '{'), 'JSON Parse Error', ''],
    ['2.3 no address', () => upsert('a@shop.test', { email_address: null }), 'Invalid Resource', 'could not be validated'],
    ['2.3 an address without domain', () => upsert('nobody'), 'Invalid Resource', 'Please provide a valid email address.'],
    ['2.3 a fake domain', () => upsert('john@example.com'), 'Invalid Resource', 'looks fake or invalid'],
    ['2.3 a misspelled domain', () => upsert('john@gmil.com'), 'Invalid Resource', 'looks fake or invalid'],
    ['2.3 a busy address', () => upsert('busy@shop.test'), 'Invalid Resource', 'a lot of lists very recently'],
    ['2.3 a forgotten address', () => upsert('gone@shop.test'), 'Forgotten Email Not Subscribed', ''],
    ['2.3 compliance', () => upsert('left@shop.test'), 'Member In Compliance State', ''],
    ['2.1 no status_if_new', () => upsert('new@shop.test', { status_if_new: undefined }), 'Invalid Resource', 'could not be validated'],
    ['2.1 an unknown status', () => upsert('new@shop.test', { status_if_new: 'active' }), 'Invalid Resource', 'could not be validated'],
    ['2.1 a boolean merge field', () => upsert('new@shop.test', { merge_fields: { X: true } }), 'Invalid Resource', 'could not be validated'],
    ['2.1 a null merge field', () => upsert('new@shop.test', { merge_fields: { X: null } }), 'Invalid Resource', 'could not be validated'],
    ['2.1 a list as merge field', () => upsert('new@shop.test', { merge_fields: { X: ['a'] } }), 'Invalid Resource', 'could not be validated'],
    ['2.1 merge fields that are no object', () => upsert('new@shop.test', { merge_fields: 'X' }), 'Invalid Resource', 'could not be validated'],
    ['an address of the sign-up that is none', () => upsert('new@shop.test', { ip_signup: 'unknown' }), 'Invalid Resource', 'could not be validated'],
    ['a language that is none', () => upsert('new@shop.test', { language: 'english' }), 'Invalid Resource', 'could not be validated'],
    ['2.1 the hash of another address', () => upsert('new@shop.test', {}, md5('New@shop.test')), 'Invalid Resource', 'hash'],
  ])('%s', async (_rule, send, title, detail) => {
    const before = fake.accepted.length;
    const answer = await send();
    expect(answer).toMatchObject({ status: 400, body: { title, detail: expect.stringContaining(detail) } });
    expect(fake.accepted.length).toBe(before);
  }); // prettier-ignore

  it.each([
    ['AGE', 'old'],
    ['BIRTHDAY', '1990-05-21'],
    ['ADDRESS', { addr1: 'Main St 1', city: 'Berlin' }],
    ['ADDRESS', 'Main St 1, Berlin'],
    ['SINCE', '21.05.1990'],
    ['SITE', 'shop'],
    ['FNAME', { first: 'Ann' }],
  ])('2.1 a wrong type in %s', async (tag, value) => {
    const answer = await upsert('new@shop.test', { merge_fields: { [tag]: value } });
    expect(answer.body).toMatchObject({
      detail: 'Your merge fields were invalid.',
      errors: [{ field: tag }],
    });
  });

  describe('2.3 a required merge field', () => {
    let strict: FakeMailchimp;
    const mergeFields = { FNAME: { type: 'text', required: true } } as const;
    beforeAll(
      async () => void (strict = await startFakeMailchimp({ apiKey, audienceId: 'list1', mergeFields })),
    );
    afterAll(() => strict.stop());
    const put = (query: string) =>
      fetch(`${strict.url}/3.0/lists/list1/members/${md5('a@b.test')}${query}`, {
        method: 'PUT',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ email_address: 'a@b.test', status_if_new: 'subscribed' }),
      });
    it('is demanded, unless its validation is skipped', async () => {
      expect(await (await put('')).json()).toMatchObject({
        errors: [{ field: 'FNAME', message: 'Please enter a value' }],
      });
      expect((await put('?skip_merge_validation=true')).status).toBe(200);
    });
  });
  it('2.1 a known member under another hash', async () => {
    await upsert('Known@shop.test');
    expect((await upsert('Known@shop.test', {}, md5('Known@shop.test'))).body).toMatchObject({
      title: 'Member Exists',
    });
  });
});

describe('what is taken', () => {
  it('2.4 a new member gets status_if_new, a known one keeps its status unless told', async () => {
    await upsert('ann@shop.test', { status_if_new: 'pending', status: 'subscribed' });
    expect(fake.member('ann@shop.test')?.status).toBe('pending');
    await upsert('ann@shop.test');
    expect(fake.member('Ann@shop.test')?.status).toBe('pending');
    await upsert('ann@shop.test', { status: 'unsubscribed' });
    expect(fake.member('ann@shop.test')?.status).toBe('unsubscribed');
  });
  it('2.1 unknown merge tags are ignored, "" clears', async () => {
    await upsert('ann@shop.test', { merge_fields: { FNAME: 'Ann', WHAT: 'x', BIRTHDAY: '05/21' } });
    await upsert('ann@shop.test', { merge_fields: { BIRTHDAY: '' } });
    expect(fake.member('ann@shop.test')?.mergeFields).toEqual({ FNAME: 'Ann', BIRTHDAY: '' });
  });
  it('2.5 a new address on a known hash moves the member', async () => {
    await upsert('old@shop.test');
    expect((await upsert('moved@shop.test', {}, md5('old@shop.test'))).status).toBe(200);
    expect(fake.member('old@shop.test')).toBeUndefined();
    expect(fake.member('moved@shop.test')?.email).toBe('moved@shop.test');
  });
  it('2.3 in compliance: pending is the way back', async () => {
    expect((await upsert('left@shop.test', { status_if_new: 'pending' })).status).toBe(200);
  });
});

describe('events and tags of a member', () => {
  const part = (address: string, kind: string, body: unknown) =>
    call('POST', `/lists/list1/members/${md5(address)}/${kind}`, body);
  beforeAll(() => fake.addMember({ email: 'eve@shop.test', status: 'subscribed' }));
  it.each([
    ['2.1 not a member', 'stranger@shop.test', 'events', { name: 'viewed' }, 404],
    ['2.1 a name of one character', 'eve@shop.test', 'events', { name: 'v' }, 400],
    ['2.1 a name of 31 characters', 'eve@shop.test', 'events', { name: 'v'.repeat(31) }, 400],
    [
      '2.1 a number as property',
      'eve@shop.test',
      'events',
      { name: 'viewed', properties: { price: 5 } },
      400,
    ],
    ['2.1 a tag without status', 'eve@shop.test', 'tags', { tags: [{ name: 'vip' }] }, 400],
    [
      '2.1 tags of a stranger',
      'stranger@shop.test',
      'tags',
      { tags: [{ name: 'vip', status: 'active' }] },
      404,
    ],
  ])('%s', async (_rule, address, kind, body, status) => {
    expect((await part(address, kind, body)).status).toBe(status);
    expect(fake.events).toEqual([]);
  });
  it('2.1 an event at no time', async () => {
    const body = { name: 'viewed', occurred_at: 'yesterday' };
    expect((await part('eve@shop.test', 'events', body)).status).toBe(400);
  });
  it('2.5 a tag has no case', async () => {
    fake.addMember({ email: 'tom@shop.test', status: 'subscribed' });
    const set = (name: string, status: string) => part('tom@shop.test', 'tags', { tags: [{ name, status }] });
    await set('VIP', 'active');
    await set('vip', 'active');
    expect(fake.member('tom@shop.test')?.tags).toEqual(['VIP']);
    await set('Vip', 'inactive');
    expect(fake.member('tom@shop.test')?.tags).toEqual([]);
  });
  it('are answered 204', async () => {
    expect((await part('eve@shop.test', 'tags', { tags: [{ name: 'vip', status: 'active' }] })).status).toBe(
      204,
    );
    expect(fake.member('eve@shop.test')?.tags).toEqual(['vip']);
    expect(
      (await part('eve@shop.test', 'events', { name: 'viewed', properties: { price: '5' } })).status,
    ).toBe(204);
    expect(fake.events).toEqual([
      { email_address: 'eve@shop.test', name: 'viewed', properties: { price: '5' } },
    ]);
  });
});

describe('a batch of members', () => {
  const send = (members: readonly object[], more: object = {}, query = '') =>
    call('POST', `/lists/list1${query}`, { members, ...more });
  const one = (email: string, more: object = {}) => ({ email_address: email, status: 'subscribed', ...more });
  const batchOf = async (...o: Parameters<typeof send>) => (await send(...o)).body;

  it('2.1 is refused whole for no members, more than 500, or one without a status', async () => {
    const many = Array.from({ length: 501 }, (_, n) => one(`many-${n}@shop.test`));
    for (const members of [[], many, [one('whole@shop.test'), { email_address: 'b@shop.test', status_if_new: 'subscribed' }]])
      expect((await send(members)).status).toBe(400);
    expect(fake.member('whole@shop.test')).toBeUndefined();
  }); // prettier-ignore
  it('2.3 is answered 200 with an error for each member that is refused', async () => {
    const wrong = ['john@example.com', 'gone@shop.test', 'bounced@shop.test', 'busy@shop.test', 'nobody'];
    const body = await batchOf([
      one('fine@shop.test', { merge_fields: { FNAME: 'Fine' }, tags: ['vip'], language: 'de' }),
      one('typed@shop.test', { merge_fields: { AGE: 'old' } }),
      ...wrong.map((email) => one(email)),
    ]);
    expect(body).toMatchObject({
      new_members: [{ id: md5('fine@shop.test'), email_address: 'fine@shop.test' }],
      updated_members: [],
      total_created: 1,
      error_count: 6,
      errors: [
        { email_address: 'typed@shop.test', error_code: 'ERROR_GENERIC', field: 'AGE' },
        ...wrong.map((email) => ({ email_address: email, error_code: 'ERROR_GENERIC', field: '' })),
      ],
    });
    expect(fake.member('fine@shop.test')).toMatchObject({
      mergeFields: { FNAME: 'Fine' },
      tags: ['vip'],
      language: 'de',
    });
  });
  it('2.4.5 with update_existing subscribes again who has left; without it known members are errors', async () => {
    fake.addMember({ email: 'away@shop.test', status: 'unsubscribed' });
    expect(await batchOf([one('away@shop.test')])).toMatchObject({
      errors: [{ email_address: 'away@shop.test', error_code: 'ERROR_CONTACT_EXISTS' }],
    });
    expect(fake.member('away@shop.test')?.status).toBe('unsubscribed');
    const updated = await batchOf([one('away@shop.test', { status_if_new: 'pending' })], {
      update_existing: true,
    });
    expect(updated).toMatchObject({ new_members: [], total_updated: 1 });
    expect(fake.member('away@shop.test')?.status).toBe('subscribed');
  });
  it('2.6 the first of two with one address counts; the second is an error unless that is skipped', async () => {
    const twice = (email: string) => [one(email), one(email.toUpperCase(), { status: 'pending' })];
    expect(await batchOf(twice('twice@shop.test'))).toMatchObject({ total_created: 1, error_count: 1 });
    expect(await batchOf(twice('thrice@shop.test'), {}, '?skip_duplicate_check=true')).toMatchObject({
      total_created: 1,
      error_count: 0,
    });
    expect(fake.member('thrice@shop.test')?.status).toBe('subscribed');
  });
});
