import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requiring, testPostgres, testRedis, waitFor } from '@fragment/testing';
import { fragmentProcess, tutorialConfig, type FragmentProcess } from './fragment-process.js';
import { audienceId, keys, startVendors, type Vendors } from './vendors.js';
import { analyticsNode3, analyticsNode6 } from '../wire/sdks.js';
import { getJson, Opened, post } from './world.js';

const describeWithRedis = await requiring('redis', describe);

interface Count {
  readonly meta: { readonly count: number };
}

describeWithRedis('gateway and scheduler as two processes, on Postgres and Redis', () => {
  const opened = new Opened();
  let vendors: Vendors;
  let gateway: FragmentProcess;
  let scheduler: FragmentProcess;

  beforeAll(async () => {
    const database = opened.add(await testPostgres());
    const redis = opened.add((await testRedis())!);
    const config = opened.add(await tutorialConfig());
    vendors = opened.add(await startVendors());
    const env = {
      POSTGRES_STORE_URL: database.url,
      REDIS_URL: redis.url,
      AMPLITUDE_API_KEY: keys.amplitude,
      AMPLITUDE_ENDPOINT: vendors.amplitude.url,
      MAILCHIMP_API_KEY: keys.mailchimp,
      MAILCHIMP_DATACENTER: 'us20',
      MAILCHIMP_AUDIENCE: audienceId,
      MAILCHIMP_ENDPOINT: vendors.mailchimp.url,
      SEGMENT_WRITE_KEY: keys.segment,
      SEGMENT_ENDPOINT: vendors.segment.url,
      FRAGMENT_LOG_LEVEL: 'warn',
    };
    gateway = await fragmentProcess('gateway', config.file, env);
    scheduler = await fragmentProcess('scheduler', config.file, env);
    opened.add({ stop: () => Promise.all([gateway.kill(), scheduler.kill()]) });
    // The gateway alone: what needs the store works without the other.
    await gateway.start();
    await scheduler.start();
  }, 60_000);
  afterAll(() => opened.stop());

  const count = async (query = ''): Promise<number> =>
    (await getJson<Count>(`${scheduler.url}/admin/api/store/jobs?${query}limit=1`)).meta.count;
  const ended = (jobs: number) =>
    waitFor(
      async () => {
        const unfinished = await count('jobs.status_notin=succeeded&jobs.status_notin=discarded&');
        return unfinished === 0 && (await count()) === jobs;
      },
      { timeoutMs: 25_000, intervalMs: 100, message: `the end of ${jobs} jobs` },
    );

  /** What a client does: it sends again until it is answered 200. */
  const sendUntilTaken = (n: number) =>
    waitFor(
      async () => {
        const message = { userId: `user-${n}`, event: 'Order Completed', messageId: `order-${n}` };
        return (await post(`${gateway.url}/v1/track`, message)).status === 200;
      },
      { timeoutMs: 20_000, intervalMs: 100, message: `order ${n} to be taken` },
    );
  const orders = () =>
    vendors.segment.accepted
      .map(({ messageId }) => String(messageId))
      .filter((id) => id.startsWith('order-'));

  /** Identify makes three jobs, alias one (Amplitude's user mapping is not switched on), the others two. */
  const jobsPerSdk = 3 + 1 + 4 * 2;

  it('what real SDKs send to the one, the other delivers', async () => {
    for (const { library, create } of [analyticsNode6, analyticsNode3]) {
      const sdk = create({ base: gateway.url, writeKey: 'a-write-key' });
      const userId = `user-of-${library.name}`;
      sdk.call('identify', { userId, traits: { email: 'ada@engines.test' } });
      sdk.call('track', { userId, event: 'Signed Up' });
      sdk.call('page', { userId, name: 'Home' });
      sdk.call('screen', { userId, name: 'Welcome' });
      sdk.call('group', { userId, groupId: 'group-engines' });
      sdk.call('alias', { userId, previousId: 'anonymous-ada' });
      await sdk.flush();
    }
    await ended(2 * jobsPerSdk);
    expect(await count('jobs.status_in=discarded&')).toBe(0);
    expect(vendors.segment.accepted).toHaveLength(12);
    expect(vendors.mailchimp.accepted).toHaveLength(2);
    expect(vendors.amplitude.accepted).toHaveLength(2 * 5);
    const twice = [
      ...vendors.segment.duplicates,
      ...vendors.segment.dropped,
      ...vendors.amplitude.duplicates,
    ];
    expect(twice).toEqual([]);
  });

  it('stay alive whatever is sent to them', async () => {
    const deep = `{"userId":"u","properties":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    for (const body of ['{', '[]', '', 'null', deep, `{"userId":"${'x'.repeat(5_000_000)}"}`]) {
      for (const path of ['/v1/track', '/v1/batch']) {
        expect((await post(`${gateway.url}${path}`, body)).status).toBe(400);
      }
    }
    const odd = '{"userId":"user-odd","event":"a\\u0000b\\ud83d","messageId":"odd"}';
    expect((await post(`${gateway.url}/v1/track`, odd)).status).toBe(200);
    await waitFor(() => vendors.segment.accepted.some(({ messageId }) => messageId === 'odd'));
    expect([gateway.isAlive, scheduler.isAlive]).toEqual([true, true]);
  });

  it('lose nothing when both are killed in the middle of their work', async () => {
    vendors.segment.hang();
    const before = await count();
    const sent = Array.from({ length: 120 }, (_, n) => sendUntilTaken(n));
    await Promise.all(sent.slice(0, 30));
    await gateway.kill();
    await waitFor(() => orders().length > 0);
    await scheduler.kill();
    vendors.segment.recover();
    await Promise.all([gateway.start(), scheduler.start()]);
    await Promise.all(sent);
    await ended(before + 2 * 120);
    expect(await count('jobs.status_in=discarded&')).toBe(0);
    expect(orders().sort()).toEqual(Array.from({ length: 120 }, (_, n) => `order-${n}`).sort());
    // What the killed scheduler had in hand came again, as the same messages.
    expect(await count('jobs.min_attempts=2&')).toBeGreaterThan(0);
  }, 60_000);

  it('end by themselves on SIGTERM, without a complaint', async () => {
    expect(await Promise.all([gateway.terminate(), scheduler.terminate()])).toEqual([0, 0]);
    expect(`${gateway.stderr}${scheduler.stderr}`).not.toMatch(/warning|error/i);
  });
});
