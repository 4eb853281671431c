import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Destination, JobRecord } from '@fragment/core';
import { amplitude } from '@fragment/destination-amplitude';
import { mailchimp } from '@fragment/destination-mailchimp';
import { segment } from '@fragment/destination-segment';
import { webhook, type WebhookOptions } from '@fragment/destination-webhook';
import {
  startFakeAmplitude,
  startFakeMailchimp,
  startFakeSegment,
  startFakeWebhook,
  testPostgres,
  waitFor,
  type FakeAmplitude,
  type FakeMailchimp,
  type FakeSegment,
  type FakeVendor,
  type FakeWebhook,
  type TestPostgres,
} from '@fragment/testing';
import { Opened, openWorld, quick, type World, type WorldOptions } from '../acceptance/world.js';

const audienceId = 'a1b2c3d4e5';
const mailchimpKey = 'mailchimp-key-us20';
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let database: TestPostgres;
let vendors: {
  amplitude: FakeAmplitude;
  mailchimp: FakeMailchimp;
  segment: FakeSegment;
  webhook: FakeWebhook;
};
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
beforeEach(async () => {
  vendors = {
    amplitude: opened.add(await startFakeAmplitude({ apiKey: 'amplitude-key' })),
    mailchimp: opened.add(await startFakeMailchimp({ apiKey: mailchimpKey, audienceId })),
    segment: opened.add(await startFakeSegment({ writeKey: 'segment-key' })),
    webhook: opened.add(await startFakeWebhook({ secret })),
  };
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

type Vendor = keyof typeof vendors;
const destinationOf: Readonly<Record<Vendor, () => Destination>> = {
  amplitude: () => amplitude({ apiKey: 'amplitude-key', endpoint: vendors.amplitude.url }),
  mailchimp: () => mailchimp({ apiKey: mailchimpKey, audienceId, endpoint: vendors.mailchimp.url }),
  segment: () => segment({ writeKey: 'segment-key', endpoint: vendors.segment.url }),
  webhook: () => webhookOf(),
};
const webhookOf = (more: Partial<WebhookOptions> = {}): Destination =>
  webhook({ url: `${vendors.webhook.url}/hook`, secret, allowHttp: true, allow: ['127.0.0.1'], ...more });
const keyOf: Readonly<Record<Vendor, string>> = {
  amplitude: 'amplitude-key',
  mailchimp: mailchimpKey,
  segment: 'segment-key',
  webhook: secret,
};
const each = (Object.keys(destinationOf) as Vendor[]).map((name) => [name] as const);

async function open(
  destinations: readonly Destination[],
  execution: WorldOptions['execution'] = {},
): Promise<World> {
  return opened.add(await openWorld({ database, destinations, execution }));
}

const person = (n: number) => ({
  type: 'identify',
  userId: `user-${n}`,
  messageId: `person-${n}`,
  traits: { email: `user-${n}@engines.test` },
});
const people = (count: number) => Array.from({ length: count }, (_, n) => person(n));

async function send(world: World, messages: readonly object[]): Promise<void> {
  expect((await world.post('/v1/batch', { batch: messages })).status).toBe(200);
}

const laneIs = (world: World, destination: string, state: string, failures = 0) =>
  waitFor(
    async () =>
      (await world.ops.lanes()).find(
        (lane) => lane.destination === destination && lane.state === state && lane.failures >= failures,
      ),
    { message: `the lane of ${destination} to be ${state}` },
  );
const statusesOf = (jobs: readonly JobRecord[]) => [...new Set(jobs.map(({ status }) => status))];
const fakeOf = (name: Vendor): FakeVendor => vendors[name];

describe('a lane, with each destination', () => {
  it.each(each)(
    'is held when %s refuses its key, says so in health, and drains when it is right',
    async (name) => {
      const world = await open([destinationOf[name]()]);
      fakeOf(name).setKey(name === 'webhook' ? `whsec_${Buffer.alloc(32, 8).toString('base64')}` : 'another');
      await send(world, people(3));
      await laneIs(world, name, 'held', 2);
      expect(await world.app.health()).toMatchObject({
        status: 'degraded',
        checks: expect.arrayContaining([
          expect.objectContaining({
            name: `lane ${name}`,
            message: expect.stringMatching(/^held: ./) as unknown,
          }),
        ]) as unknown,
      });
      fakeOf(name).setKey(keyOf[name]);
      expect(statusesOf(await world.ended(3))).toEqual(['succeeded']);
      await laneIs(world, name, 'open');
      expect((await world.app.health()).status).toBe('ok');
    },
  );

  it.each(each)('trips when %s fails again and again, lets single jobs try, and opens', async (name) => {
    const fake = fakeOf(name);
    const world = await open([destinationOf[name]()]);
    fake.script({ status: 500, times: 1e9 });
    // One after the other, as one batch of all would be one call.
    for (const one of people(12)) await send(world, [one]);
    await laneIs(world, name, 'tripped', 2);
    const when = fake.requests.length;
    await laneIs(world, name, 'tripped', 4);
    // Each failed try makes one request, or as many as its destination makes for one job.
    expect(fake.requests.length - when).toBeLessThanOrEqual(2 * 3);
    fake.recover();
    expect(statusesOf(await world.ended(12))).toEqual(['succeeded']);
    await laneIs(world, name, 'open');
  });

  it.each(each)('waits as a whole for as long as %s asks, and the others do not', async (name) => {
    const other = name === 'segment' ? 'webhook' : 'segment';
    const world = await open([destinationOf[name](), destinationOf[other]()]);
    fakeOf(name).script({ status: 429, headers: { 'retry-after': '1' } });
    await send(world, people(1));
    await laneIs(world, name, 'slowed');
    await send(world, people(5).slice(1));
    await waitFor(async () => (await countOf(world, other)) === 5, { message: `${other} to go on` });
    const jobs = await world.ended(10);
    expect(statusesOf(jobs)).toEqual(['succeeded']);
    const slowed = jobs.filter(({ destination }) => destination === name);
    const asked = slowed.find(({ attempt }) => attempt === 2);
    const told = (await world.ops.findTransitions(asked?.id ?? '')).find(
      ({ stateAfter }) => stateAfter === 'failed',
    );
    // The lane counts from the answer, the history from its writing: a little later.
    const opened = (told?.createdAt.getTime() ?? Infinity) + 900;
    for (const { startedAt } of slowed) expect(startedAt?.getTime()).toBeGreaterThan(opened);
  });
});

const countOf = async (world: World, destination: string): Promise<number> =>
  (await world.ops.stats()).lanes.find((lane) => lane.destination === destination)?.counts.succeeded ?? 0;

describe('what a destination says of one user or of its limits', () => {
  it('Amplitude throttles one user: the others of the same batch go on, and the user later', async () => {
    const world = await open([destinationOf.amplitude()]);
    vendors.amplitude.throttle({ users: ['user-0'] });
    await send(world, people(5));
    await waitFor(async () => (await countOf(world, 'amplitude')) === 4, { message: 'four users' });
    await send(world, [{ ...person(0), messageId: 'again' }, person(7)]);
    await waitFor(async () => (await countOf(world, 'amplitude')) === 5, { message: 'the fifth' });
    const waiting = (await world.jobs()).filter(({ status }) => status === 'failed');
    expect(waiting.map(({ lastError }) => lastError?.code).sort()).toEqual([
      'FRAGMENT_DELIVERY_THROTTLED',
      'FRAGMENT_DELIVERY_USER_PAUSED',
    ]);
    for (const { dueAt } of waiting) expect(dueAt.getTime()).toBeGreaterThan(Date.now() + 20_000);
    expect((await world.ops.lanes()).every(({ state }) => state === 'open')).toBe(true);
  });

  it("Mailchimp has a user's messages one after the other, in their order", async () => {
    const world = await open([destinationOf.mailchimp()]);
    vendors.mailchimp.delay(30);
    const ages = [1, 2, 3, 4, 5];
    await send(
      world,
      ages.flatMap((age) =>
        [0, 1].map((n) => ({ ...person(n), messageId: `${n}-${age}`, traits: { ...person(n).traits, age } })),
      ),
    );
    await world.ended(10);
    for (const n of [0, 1]) {
      expect(await orderOf(world, `user-${n}`)).toEqual(ages.map((age) => `${n}-${age}`));
    }
  });

  it('Mailchimp never has more connections than it takes', async () => {
    const world = await open([
      mailchimp({ apiKey: mailchimpKey, audienceId, endpoint: vendors.mailchimp.url, batchSubscribe: false }),
    ]);
    vendors.mailchimp.delay(50);
    await send(world, people(60));
    const jobs = await world.ended(60);
    expect(statusesOf(jobs)).toEqual(['succeeded']);
    expect(jobs.filter(({ attempt }) => attempt > 1)).toEqual([]);
    expect(vendors.mailchimp.mostOpen).toBeGreaterThan(4);
    expect(vendors.mailchimp.mostOpen).toBeLessThanOrEqual(10);
  });
});

/** The message ids of a user's jobs in the order in which they ended. */
async function orderOf(world: World, userId: string): Promise<readonly (string | undefined)[]> {
  const { items: events } = await world.ops.findEvents({ events: { userId } }, { limit: 100 });
  const ended = events.flatMap(({ jobs, messageId }) =>
    jobs.map(({ finishedAt }) => ({ finishedAt, messageId })),
  );
  ended.sort((a, b) => (a.finishedAt?.getTime() ?? 0) - (b.finishedAt?.getTime() ?? 0));
  return ended.map(({ messageId }) => messageId);
}

describe('a batch', () => {
  const sizes = () => vendors.webhook.accepted.map((body) => (body as readonly unknown[]).length);

  it('is full by count', async () => {
    const world = await open([webhookOf({ batch: { maxJobs: 20 } })]);
    await send(world, people(50));
    await world.ended(50);
    expect(sizes().sort((a, b) => b - a)).toEqual([20, 20, 10]);
  });

  it('is full by bytes', async () => {
    const world = await open([webhookOf({ batch: { maxJobs: 1_000, maxBytes: 5_000 } })]);
    const long = people(12).map((one) => ({ ...one, traits: { ...one.traits, bio: 'x'.repeat(1_000) } }));
    await send(world, long);
    await world.ended(12);
    expect(sizes()).toEqual([4, 4, 4]);
  });

  it('fills from many small messages while it may wait, and goes when its oldest job has waited enough', async () => {
    const world = await open([webhookOf({ batch: { maxJobs: 25, maxWaitMs: 1_500 } })]);
    for (const one of people(60)) await send(world, [one]);
    const jobs = await world.ended(60);
    expect(statusesOf(jobs)).toEqual(['succeeded']);
    expect(sizes().length).toBeLessThanOrEqual(6);
    expect(sizes().filter((size) => size === 25).length).toBeGreaterThanOrEqual(1);
    expect(jobs.filter(({ attempt }) => attempt > 1)).toEqual([]);
  });

  it('that waits outlives its lease, and is given back untouched by a stop', async () => {
    const batch = { maxJobs: 100, maxWaitMs: 120_000 };
    const before = await openWorld({
      database,
      destinations: [webhookOf({ batch })],
      execution: { leaseMs: 600, renewMs: 100 },
    });
    await send(before, people(3));
    const executing = async () => (await before.jobs()).every(({ status }) => status === 'executing');
    await waitFor(executing, { message: 'the jobs to wait' });
    const first = (await before.jobs())[0];
    // Twice the lease: without a renewal the sweeper would have taken them back.
    await waitFor(() => Date.now() - (first?.startedAt?.getTime() ?? 0) > 1_200, {
      message: 'the lease to pass',
    });
    expect(await executing()).toBe(true);
    await before.stop();

    const world = opened.add(
      await openWorld({
        database,
        schema: before.schema,
        destinations: [webhookOf({ batch: { maxJobs: 100 } })],
      }),
    );
    const jobs = await world.ended(3);
    expect(jobs.map(({ status, attempt, lostLeases }) => [status, attempt, lostLeases])).toEqual(
      [0, 1, 2].map(() => ['succeeded', 1, 0]),
    );
    expect(sizes()).toEqual([3]);
  });

  it('that waits is given back when its lane closes, and goes on when it opens', async () => {
    const world = await open([webhookOf({ batch: { maxJobs: 100, maxWaitMs: 120_000 } })], quick);
    await send(world, people(2));
    const statuses = async () => statusesOf(await world.jobs());
    await waitFor(async () => (await statuses()).join() === 'executing', { message: 'the jobs to wait' });
    await world.ops.pause('webhook');
    await waitFor(async () => (await statuses()).join() === 'awaiting', {
      message: 'the jobs to be given back',
    });
    await world.ops.resume('webhook');
    await waitFor(async () => (await statuses()).join() === 'executing', {
      message: 'the jobs to wait again',
    });
    expect(vendors.webhook.requests).toEqual([]);
  });
});
