import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Flow, Store } from '@fragment/core';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { Client } from 'pg';
import { fragmentProcess, tutorialConfig } from '../acceptance/fragment-process.js';
import { Gate } from '../acceptance/recorder.js';
import { Opened, openWorld, type World, type WorldOptions } from '../acceptance/world.js';
import { Answers } from './answers.js';
import { storedMessages } from './expected.js';
import { analyticsNode2, analyticsNode3, sdkKinds, type Sdk, type SdkKind } from './sdks.js';

let database: TestPostgres;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

const writeKey = 'the-write-key-of-the-test';

/** All of them give up at once on 400; on 401 the second generation tries three times more. */
const requestsOn401 = (kind: SdkKind): number => (kind === analyticsNode2 ? 4 : 1);

interface Scene {
  readonly world: World;
  readonly sdk: Sdk;
  readonly answers: Answers;
}

async function scene(
  kind: SdkKind,
  o: Partial<WorldOptions> & { readonly key?: string; readonly retries?: number; readonly pauseMs?: number },
): Promise<Scene> {
  const { key = writeKey, retries = 3, pauseMs = 10, ...options } = o;
  const world = opened.add(
    await openWorld({
      database,
      destinations: [],
      services: { gateway: true, scheduler: false },
      ...options,
      rest: { writeKeys: [writeKey], ...options.rest },
    }),
  );
  const answers = opened.add(new Answers(world.gateway));
  const sdk = kind.create({ base: world.gateway, writeKey: key, retries, pauseMs });
  return { world, sdk, answers };
}

const track = (sdk: Sdk, n: number, properties: object = {}): void =>
  sdk.call('track', { userId: 'user-ada', event: 'Counted', messageId: `message-${n}`, properties });

/** Three calls that leave in one request, after a first one, which some SDKs send at once and alone. */
async function sendOneThenThree({ sdk }: Scene, properties: object = {}): Promise<void> {
  track(sdk, 0);
  await sdk.flush();
  for (const n of [1, 2, 3]) track(sdk, n, properties);
  await sdk.flush();
}

const storedIds = async (world: World): Promise<readonly (string | undefined)[]> =>
  (await storedMessages(world)).map(({ messageId }) => messageId).sort();

const failed = ({ outcomes }: Sdk): number => outcomes.filter(({ error }) => error !== undefined).length;

/** Everything was acknowledged, and is there, once. */
async function expectAllStored({ world, sdk }: Scene, count: number): Promise<void> {
  expect(sdk.outcomes).toHaveLength(count);
  expect(failed(sdk)).toBe(0);
  expect(await storedIds(world)).toEqual(Array.from({ length: count }, (_, n) => `message-${n}`).sort());
}

describe('a request that is at fault', () => {
  it.each(sdkKinds)('400, too many messages in a batch: $name gives it up', async (kind) => {
    const at = await scene(kind, { rest: { limits: { batchItems: 2 } } });
    await sendOneThenThree(at);
    expect(at.answers.statuses).toEqual([200, 400]);
    expect(failed(at.sdk)).toBe(3);
    expect(await storedIds(at.world)).toEqual(['message-0']);
    await waitFor(async () => (await at.world.ops.findRejections()).count === 1);
    expect((await at.world.ops.findRejections()).items).toMatchObject([
      { code: 'FRAGMENT_INGEST_BATCH_TOO_LONG' },
    ]);
  });

  it.each(sdkKinds)('a request that is too large is a 400: $name gives it up', async (kind) => {
    const limits = { requestBytes: 16_000 };
    const at = await scene(kind, { gateway: { limits }, rest: { limits } });
    await sendOneThenThree(at, { text: 'x'.repeat(8_000) });
    expect(at.answers.statuses).toEqual([200, 400]);
    expect(failed(at.sdk)).toBe(3);
    expect(await storedIds(at.world)).toEqual(['message-0']);
  });

  it.each(sdkKinds)('a message that is too large falls out of its batch: $name goes on', async (kind) => {
    const at = await scene(kind, { rest: { limits: { eventBytes: 4_000 } } });
    track(at.sdk, 0);
    await at.sdk.flush();
    for (const n of [1, 2, 3]) track(at.sdk, n, n === 2 ? { text: 'x'.repeat(8_000) } : {});
    await at.sdk.flush();
    expect(at.answers.statuses).toEqual([200, 200]);
    expect(failed(at.sdk)).toBe(0);
    expect(await storedIds(at.world)).toEqual(['message-0', 'message-1', 'message-3']);
    await waitFor(async () => (await at.world.ops.findRejections()).count === 1);
    expect((await at.world.ops.findRejections()).items).toMatchObject([
      { messageId: 'message-2', code: 'FRAGMENT_INGEST_EVENT_TOO_LARGE' },
    ]);
  });

  it.each(sdkKinds)('401, a key that is not known: $name tells its caller', async (kind) => {
    const at = await scene(kind, { key: 'another-key' });
    track(at.sdk, 0);
    await at.sdk.flush();
    expect(at.answers.statuses).toEqual(Array<number>(requestsOn401(kind)).fill(401));
    expect(failed(at.sdk)).toBe(1);
    expect(await storedIds(at.world)).toEqual([]);
  });
});

describe('a gateway with too much to do', () => {
  /** Holds every commit, and fills what may wait behind the first. */
  async function overloaded(kind: SdkKind, retries: number): Promise<Scene & { readonly gate: Gate }> {
    const gate = new Gate();
    const wrapStore = (store: Store): Store => ({
      ...store,
      append: async (events, o) => {
        await gate.pass();
        return store.append(events, o);
      },
    });
    let planned = 0;
    const counting: Flow = {
      name: 'counting',
      transform: () => {
        planned += 1;
        return {};
      },
    };
    const at = await scene(kind, {
      wrapStore,
      retries,
      ingest: { maxPendingEvents: 2 },
      rest: { flows: { identify: [counting] } },
    });
    opened.add({ stop: () => Promise.resolve().then(() => gate.open()) });
    for (const n of [1, 2, 3]) {
      void at.world.post('/v1/identify', { userId: 'user-ada', messageId: `filler-${n}`, writeKey });
      await waitFor(() => planned === n);
    }
    return { ...at, gate };
  }

  it.each(sdkKinds)('429: $name sends again, and nothing is lost or doubled', async (kind) => {
    const { gate, ...at } = await overloaded(kind, 100);
    track(at.sdk, 0);
    const flushed = at.sdk.flush();
    await waitFor(() => at.answers.count(429) > 0);
    gate.open();
    await flushed;
    expect(failed(at.sdk)).toBe(0);
    const ids = (await storedIds(at.world)).filter((id) => id?.startsWith('message'));
    expect(ids).toEqual(['message-0']);
  });

  // The newest waits as long as Retry-After says, more often than a test can.
  it.each(sdkKinds.filter((kind) => kind !== analyticsNode3))(
    '429 that lasts: $name gives up after three retries and tells its caller',
    async (kind) => {
      const { gate, ...at } = await overloaded(kind, 3);
      track(at.sdk, 0);
      await at.sdk.flush();
      expect(at.answers.statuses).toEqual([429, 429, 429, 429]);
      expect(failed(at.sdk)).toBe(1);
      gate.open();
    },
  );
});

describe('a store that is away', () => {
  let own: TestPostgres;
  beforeAll(async () => {
    own = await testPostgres({ own: true });
  });
  afterAll(() => own.stop());

  it.each(sdkKinds)('503 that lasts: $name gives up and tells its caller', async (kind) => {
    // The newest doubles its pauses, and has no setting for them.
    const retries = kind === analyticsNode3 ? 1 : 3;
    const at = await scene(kind, { database: own, retries });
    await own.kill();
    track(at.sdk, 0);
    await at.sdk.flush();
    expect(at.answers.statuses).toEqual(Array<number>(1 + retries).fill(503));
    expect(failed(at.sdk)).toBe(1);
    await own.restart();
  });

  it.each(sdkKinds)('503 that passes: $name sends again, and nothing is lost or doubled', async (kind) => {
    const at = await scene(kind, { database: own, retries: 100, pauseMs: 50 });
    track(at.sdk, 0);
    await at.sdk.flush();
    await own.kill();
    for (const n of [1, 2, 3]) track(at.sdk, n);
    const flushed = at.sdk.flush();
    await waitFor(() => at.answers.count(503) > 0);
    await own.restart();
    await flushed;
    await expectAllStored(at, 4);
  });
});

describe('a gateway that is killed', () => {
  it('what was acknowledged is there, what was not is sent again, and nothing is doubled', async () => {
    const config = opened.add(await tutorialConfig());
    const gateway = await fragmentProcess('gateway', config.file, {
      POSTGRES_STORE_URL: database.url,
      FRAGMENT_WRITE_KEYS: `web:${writeKey}`,
      FRAGMENT_LOG_LEVEL: 'error',
    });
    opened.add({ stop: () => gateway.kill() });
    await gateway.start();
    const sdks = sdkKinds.map((kind) =>
      kind.create({ base: gateway.url, writeKey, flushAt: 5, retries: 100, pauseMs: 100 }),
    );
    let sent = 0;
    const sendFew = () => {
      for (const sdk of sdks) for (let n = 0; n < 10; n += 1) track(sdk, (sent += 1));
    };
    sendFew();
    await waitFor(() => sdks.every(({ outcomes }) => outcomes.length > 0));
    sendFew();
    await gateway.kill();
    sendFew();
    const flushed = Promise.all(sdks.map((sdk) => sdk.flush()));
    await gateway.start();
    await flushed;

    expect(sdks.map(failed)).toEqual([0, 0, 0, 0]);
    expect(sdks.map(({ outcomes }) => outcomes.length)).toEqual([30, 30, 30, 30]);
    expect(await trackedIds(database.url)).toEqual(
      Array.from({ length: sent }, (_, n) => `message-${n + 1}`).sort(),
    );
    // A process is started twice, and the newest SDK doubles its pauses meanwhile.
  }, 90_000);

  async function trackedIds(url: string): Promise<readonly string[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const text = `select message_id as id from fragment.events where type = 'track'`;
      return (await client.query<{ id: string }>(text)).rows.map(({ id }) => id).sort();
    } finally {
      await client.end();
    }
  }
});
