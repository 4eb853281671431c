import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JobRecord } from '@fragment/core';
import { freePort, testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { keys, startVendors, type Vendors } from './vendors.js';
import { Opened, openWorld, quick, type World, type WorldOptions } from './world.js';

let database: TestPostgres;
let vendors: Vendors;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
beforeEach(async () => {
  vendors = opened.add(await startVendors());
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

async function open(o: Partial<WorldOptions> = {}): Promise<World> {
  const world = await openWorld({ database, destinations: vendors.destinations(), ...o });
  return opened.add(world);
}

async function send(world: World, path: string, ...messages: readonly object[]): Promise<void> {
  for (const message of messages) expect((await world.post(path, message)).status).toBe(200);
}

const jobOf = (jobs: readonly JobRecord[], destination: string): JobRecord => {
  const found = jobs.filter((job) => job.destination === destination);
  expect(found).toHaveLength(1);
  return found[0]!;
};
const statuses = (jobs: readonly JobRecord[], destination: string): readonly string[] =>
  jobs.filter((job) => job.destination === destination).map(({ status }) => status);
const laneOf = async (world: World, destination: string) =>
  (await world.ops.lanes()).find((lane) => lane.destination === destination);
/** Waits until the lane is in this state, and has been closed so often in a row. */
const laneIs = (world: World, destination: string, state: string, failures = 0) =>
  waitFor(
    async () => {
      const lane = await laneOf(world, destination);
      return lane?.state === state && lane.failures >= failures ? lane : undefined;
    },
    { message: `the lane of ${destination} to be ${state}` },
  );

const order = (n: number) => ({
  userId: `user-${n}`,
  event: 'Order Completed',
  messageId: `order-${n}`,
  properties: { revenue: n },
});

interface Listed<T> {
  readonly meta: { readonly count: number };
  readonly data: readonly T[];
}
interface ShownJob {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly error: { readonly code: string; readonly message: string; readonly statusCode: number };
}
interface ShownTransition {
  readonly state_after: string;
  readonly error: ShownJob['error'] | null;
}

describe('what a vendor answers', () => {
  it('a refusal ends the job after one attempt, and the admin API says why', async () => {
    const world = await open();
    await send(world, '/v1/identify', { userId: 'user-1', traits: { email: 'nobody@example.com' } });
    await world.ended(3);

    const { meta, data } = await world.admin<Listed<ShownJob>>(
      '/store/jobs?jobs.destinations_in=mailchimp&jobs.status_in=discarded',
    );
    expect(meta.count).toBe(1);
    const [job] = data;
    expect(job).toMatchObject({
      attempt: 1,
      error: {
        code: 'FRAGMENT_DELIVERY_REJECTED',
        statusCode: 400,
        message: expect.stringContaining('looks fake or invalid') as unknown,
      },
    });
    const transitions = await world.admin<Listed<ShownTransition>>(`/store/jobs/${job!.id}/transitions`);
    expect(transitions.data.map(({ state_after }) => state_after)).toEqual([
      'acknowledged',
      'awaiting',
      'executing',
      'discarded',
    ]);
    expect(transitions.data.at(-1)?.error).toMatchObject({ code: 'FRAGMENT_DELIVERY_REJECTED' });
    expect(vendors.mailchimp.requests).toHaveLength(1);
    const others = (await world.jobs()).filter(({ destination }) => destination !== 'mailchimp');
    expect(others.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
  });

  it('500 and then 200 ends succeeded, with the failure in its history', async () => {
    vendors.segment.script({ status: 500, body: 'out of order' });
    const world = await open();
    await send(world, '/v1/track', order(1));
    const job = jobOf(await world.ended(2), 'segment');
    expect(job).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(await world.history(job)).toEqual(['executing', 'failed', 'executing', 'succeeded']);
    const { data } = await world.admin<Listed<ShownTransition>>(`/store/jobs/${job.id}/transitions`);
    expect(data.find(({ state_after }) => state_after === 'failed')?.error).toMatchObject({
      statusCode: 500,
    });
    expect(vendors.segment.accepted.map(({ messageId }) => messageId)).toEqual(['order-1']);
  });

  it('an answer that was lost brings the same key again, and the vendor keeps one', async () => {
    vendors.amplitude.script({ status: 500, afterTaking: true });
    const world = await open();
    await send(world, '/v1/track', order(1));
    await world.ended(2);
    expect(vendors.amplitude.accepted.map((event) => event['insert_id'])).toEqual(['order-1']);
    expect(vendors.amplitude.duplicates.map((event) => event['insert_id'])).toEqual(['order-1']);
  });

  it('429 slows the lane for as long as it says and uses up no attempt', async () => {
    vendors.segment.script({ status: 429, headers: { 'retry-after': '1' } });
    // A failure that counted would be the end of the job.
    const destinations = vendors.destinations({ segment: { schedule: { maxRetries: 0 } } });
    const world = await open({ destinations });
    await send(world, '/v1/track', order(1));
    await laneIs(world, 'segment', 'slowed');
    const job = jobOf(await world.ended(2), 'segment');
    expect(job.status).toBe('succeeded');
    expect(await world.history(job)).toEqual(['executing', 'failed', 'executing', 'succeeded']);
    await laneIs(world, 'segment', 'open');
  });

  it('a destination that is not there does not keep the others from succeeding', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const world = await open({ destinations: vendors.destinations({ segment: { endpoint } }) });
    const people = [1, 2, 3].map((n) => ({ userId: `user-${n}`, traits: { email: `u${n}@engines.test` } }));
    await send(world, '/v1/identify', ...people);
    const lane = await laneIs(world, 'segment', 'tripped');
    expect(lane.reason).toContain('could not be reached');
    const jobs = await waitFor(async () => {
      const all = await world.jobs();
      return all.filter(({ status }) => status === 'succeeded').length === 6 ? all : undefined;
    });
    expect(statuses(jobs, 'amplitude')).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(statuses(jobs, 'mailchimp')).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const { data } = await world.admin<Listed<ShownJob>>(
      '/store/jobs?jobs.destinations_in=segment&jobs.error_code=FRAGMENT_DELIVERY_NETWORK',
    );
    expect(data.length).toBeGreaterThan(0);
    expect(await world.app.health()).toMatchObject({ status: 'degraded' });
  });
});

describe('a key that is wrong', () => {
  it('holds the lane with one alarm; once it is right the lane drains and nothing was discarded', async () => {
    vendors.amplitude.setKey('another-key');
    const world = await open();
    await send(world, '/v1/track', order(1), order(2), order(3));
    await laneIs(world, 'amplitude', 'held', 3);
    const held = await world.jobs();
    expect(statuses(held, 'amplitude')).toHaveLength(3);
    expect(['discarded', 'succeeded'].filter((end) => statuses(held, 'amplitude').includes(end))).toEqual([]);
    const alarms = world.log.filter(
      ({ level, message }) => level === 'error' && message.startsWith('lane held'),
    );
    expect(alarms).toMatchObject([{ fields: { lane: 'amplitude', state: 'held' } }]);

    vendors.amplitude.setKey(keys.amplitude);
    const jobs = await world.ended(6);
    expect(new Set(jobs.map(({ status }) => status))).toEqual(new Set(['succeeded']));
    expect(vendors.amplitude.accepted.map((event) => event['insert_id']).sort()).toEqual([
      'order-1',
      'order-2',
      'order-3',
    ]);
    expect(vendors.amplitude.duplicates).toEqual([]);
    await laneIs(world, 'amplitude', 'open');
  });

  it('is tried at once after a restart with the right one', async () => {
    const breaker = { ...quick.breaker, openMs: 60_000, maxOpenMs: 60_000 };
    const before = await openWorld({
      database,
      destinations: vendors.destinations({ segment: { writeKey: 'a-wrong-key' } }),
      execution: { breaker },
    });
    await send(before, '/v1/track', order(1), order(2));
    await laneIs(before, 'segment', 'held');
    await before.stop();

    const world = await open({ schema: before.schema, execution: { breaker } });
    const jobs = await world.ended(4);
    expect(statuses(jobs, 'segment')).toEqual(['succeeded', 'succeeded']);
    expect(vendors.segment.accepted).toHaveLength(2);
  });
});
