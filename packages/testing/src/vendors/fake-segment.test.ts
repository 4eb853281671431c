import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startFakeSegment, type FakeSegment, type FakeSegmentOptions } from './fake-segment.js';
import { waitFor } from '../wait/wait-for.js';

const writeKey = 'write-key';
const basic = (text: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});
let fake: FakeSegment;
const made: FakeSegment[] = [];
async function start(o: Partial<FakeSegmentOptions> = {}): Promise<FakeSegment> {
  const started = await startFakeSegment({ writeKey, ...o });
  made.push(started);
  return started;
}
beforeEach(async () => void (fake = await start()));
afterEach(async () => {
  await Promise.all(made.splice(0).map((one) => one.stop()));
});

const post = (path: string, body: unknown, headers: Record<string, string> = basic(`${writeKey}:`)) =>
  fetch(fake.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const track = { type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1' };

describe('what is refused', () => {
  it.each<[string, string, unknown, Record<string, string>, number]>([
    ['3.1 no key', '/v1/track', track, {}, 401],
    ['3.1 a wrong key', '/v1/track', track, basic('wrong:'), 401],
    ['3.1 a key with a password', '/v1/track', track, basic(`${writeKey}:x`), 401],
    ['3.1 a key without the colon', '/v1/track', track, basic(writeKey), 401],
    ['3.1 another content type', '/v1/track', track, { ...basic(`${writeKey}:`), 'content-type': 'text/plain' }, 400],
    ['3.2 malformed JSON', '/v1/track', '{', basic(`${writeKey}:`), 400],
    ['3.2 a call over 32 KB, in bytes', '/v1/track', { ...track, properties: { text: 'ü'.repeat(17_000) } }, basic(`${writeKey}:`), 400],
    ['3.2 one item over 32 KB', '/v1/batch', { batch: [track, { ...track, messageId: 'm2', properties: { text: 'x'.repeat(33_000) } }] }, basic(`${writeKey}:`), 400],
    ['3.2 a batch over 500 KB', '/v1/batch', { batch: Array.from({ length: 20 }, () => ({ ...track, properties: { text: 'x'.repeat(30_000) } })) }, basic(`${writeKey}:`), 400],
    ['3.1 an unknown path', '/v1/import', {}, basic(`${writeKey}:`), 404],
  ])('%s', async (_rule, path, body, headers, status) => {
    expect((await post(path, body, headers)).status).toBe(status);
    expect(fake.accepted).toEqual([]);
  }); // prettier-ignore
  it('3.1 GET', async () => {
    expect((await fetch(`${fake.url}/v1/track`)).status).toBe(405);
  });
});

describe('what is answered 200 and dropped', () => {
  it.each([
    ['3.3 track without event', { type: 'track', userId: 'u1' }, 'no event'],
    ['3.3 group without groupId', { type: 'group', userId: 'u1' }, 'no groupId'],
    ['3.3 alias without previousId', { type: 'alias', userId: 'u1' }, 'no previousId'],
    ['3.3 no id', { type: 'identify', traits: {} }, 'no userId or anonymousId'],
    ['3.2 messageId over 100 characters', { ...track, messageId: 'm'.repeat(101) }, 'messageId too long'],
    ['3.1 unknown type', { type: 'purchase', userId: 'u1' }, 'unknown type'],
  ])('%s', async (_rule, message, reason) => {
    const answer = await post('/v1/batch', { batch: [message, track] });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    expect(fake.dropped).toEqual([{ reason, message }]);
    expect(fake.accepted).toEqual([track]);
  });
  it('3.2 more than 2,500 items', async () => {
    const item = { type: 'track', event: 'e', userId: 'u' };
    expect((await post('/v1/batch', { batch: Array(2501).fill(item) })).status).toBe(200);
    expect([fake.accepted.length, fake.dropped.length]).toEqual([0, 2501]);
  });
  it('3.2 a wrong key, when asked to', async () => {
    const dropping = await start({ wrongKey: 'drop' });
    const answer = await fetch(`${dropping.url}/v1/track`, { method: 'POST', headers: { 'content-type': 'application/json', ...basic('wrong:') }, body: JSON.stringify(track) });
    expect(answer.status).toBe(200);
    expect(dropping.dropped).toMatchObject([{ reason: 'wrong write key' }]);
  }); // prettier-ignore
});

describe('what is taken', () => {
  it('3.1 the key in the body, and each type on its own route', async () => {
    for (const type of ['identify', 'page', 'screen'])
      await post(`/v1/${type}`, { userId: 'u1', writeKey }, {});
    expect(fake.accepted.map(({ type }) => type)).toEqual(['identify', 'page', 'screen']);
  });
  it('3.2 each messageId once', async () => {
    await post('/v1/track', track);
    await post('/v1/track', track);
    expect([fake.accepted.length, fake.duplicates.length]).toEqual([1, 1]);
  });
  it('3.3 the context of a batch is merged into its items, which win', async () => {
    await post('/v1/batch', {
      batch: [{ ...track, context: { ip: '1.1.1.1' } }],
      context: { ip: '2.2.2.2', locale: 'de' },
    });
    expect(fake.accepted).toMatchObject([{ context: { ip: '1.1.1.1', locale: 'de' } }]);
  });
});

describe('the switches of every fake', () => {
  it('a script answers in turn, only what it is for, and counts', async () => {
    fake.script(
      { status: 500, times: 2, when: ({ body }) => (body as { userId?: string }).userId === 'u1' },
      { status: 429, headers: { 'retry-after': '7' }, body: { message: 'slow down' } },
    );
    const statuses: number[] = [];
    for (const userId of ['u1', 'u2', 'u1', 'u1']) statuses.push((await post('/v1/track', { ...track, userId, messageId: undefined })).status);
    expect(statuses).toEqual([500, 429, 500, 200]);
    expect(fake.requests).toHaveLength(4);
  }); // prettier-ignore
  it('a lost answer: taken all the same', async () => {
    fake.script({ status: 502, body: '<html>', afterTaking: true });
    expect((await post('/v1/track', track)).status).toBe(502);
    expect(fake.accepted).toHaveLength(1);
  });
  it('reset cuts, hang waits until recover', async () => {
    fake.reset();
    await expect(post('/v1/track', track)).rejects.toThrow();
    fake.hang();
    const answer = post('/v1/track', track);
    await waitFor(() => fake.requests.length === 2);
    fake.recover();
    expect((await answer).status).toBe(200);
  });
  it('stop ends a hanging request', async () => {
    const other = await start();
    other.hang();
    const answer = fetch(`${other.url}/v1/track`, { method: 'POST', body: '{}' }).catch(() => 'cut');
    await waitFor(() => other.requests.length === 1);
    await other.stop();
    expect(await answer).toBe('cut');
  });
  it('setKey', async () => {
    fake.setKey('next');
    expect((await post('/v1/track', track)).status).toBe(401);
    expect((await post('/v1/track', track, basic('next:'))).status).toBe(200);
  });
});
