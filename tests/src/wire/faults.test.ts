import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Flow, Store } from '@fragment/core';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { Client } from 'pg';
import { fragmentProcess, tutorialConfig, type FragmentProcess } from '../acceptance/fragment-process.js';
import { Gate } from '../acceptance/recorder.js';
import { Opened, type Answer, type World, type WorldOptions } from '../acceptance/world.js';
import { Answers } from './answers.js';
import { storedMessages } from './expected.js';
import { hostProcess } from './host-process.js';
import { mountings, type Mounting } from './mountings.js';
import { analyticsNode2, analyticsNode3, sdkKinds, type Sdk, type SdkKind, type SdkOptions } from './sdks.js';

let database: TestPostgres;
/** A server that a test may kill. */
let own: TestPostgres;
const opened = new Opened();
beforeAll(async () => {
  [database, own] = await Promise.all([testPostgres(), testPostgres({ own: true })]);
});
afterEach(() => opened.stop());
afterAll(async () => {
  await database.stop();
  await own.stop();
});

const writeKey = 'the-write-key-of-the-test';

/** All of them give up at once on 400; on 401 the second generation tries three times more. */
const requestsOn401 = (kind: SdkKind): number => (kind === analyticsNode2 ? 4 : 1);

interface Scene {
  readonly world: World;
  readonly sdk: Sdk;
  readonly answers: Answers;
}

async function scene(
  { open }: Mounting,
  kind: SdkKind,
  o: Partial<WorldOptions> & { readonly key?: string } & Pick<
      SdkOptions,
      'retries' | 'pauseMs' | 'rateLimitMs'
    >,
): Promise<Scene> {
  const { key = writeKey, retries = 3, pauseMs = 10, rateLimitMs, ...options } = o;
  const world = opened.add(
    await open({
      database,
      destinations: [],
      services: { gateway: true, scheduler: false },
      ...options,
      rest: { writeKeys: [writeKey], ...options.rest },
    }),
  );
  const answers = opened.add(new Answers(world.gateway));
  const sdk = kind.create({
    base: world.gateway,
    writeKey: key,
    retries,
    pauseMs,
    ...(rateLimitMs !== undefined && { rateLimitMs }),
  });
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

describe.each(mountings)('with a gateway $place', (mounting) => {
  describe('a request that is at fault', () => {
    it.each(sdkKinds)('400, too many messages in a batch: $name gives it up', async (kind) => {
      const at = await scene(mounting, kind, { rest: { limits: { batchItems: 2 } } });
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
      const at = await scene(mounting, kind, { gateway: { limits }, rest: { limits } });
      await sendOneThenThree(at, { text: 'x'.repeat(8_000) });
      expect(at.answers.statuses).toEqual([200, 400]);
      expect(failed(at.sdk)).toBe(3);
      expect(await storedIds(at.world)).toEqual(['message-0']);
    });

    it.each(sdkKinds)('a message that is too large falls out of its batch: $name goes on', async (kind) => {
      const at = await scene(mounting, kind, { rest: { limits: { eventBytes: 4_000 } } });
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
      const at = await scene(mounting, kind, { key: 'another-key' });
      track(at.sdk, 0);
      await at.sdk.flush();
      expect(at.answers.statuses).toEqual(Array<number>(requestsOn401(kind)).fill(401));
      expect(failed(at.sdk)).toBe(1);
      expect(await storedIds(at.world)).toEqual([]);
    });
  });

  describe('a gateway with too much to do', () => {
    interface Overloaded extends Scene {
      /** Ends it; resolves when what the gateway had taken in is answered. */
      readonly relieve: () => Promise<readonly number[]>;
    }

    /** Acknowledges `message-0`, then holds every commit, and is sent as much as may wait behind the first. */
    async function overloaded(
      kind: SdkKind,
      o: Pick<SdkOptions, 'retries' | 'rateLimitMs'>,
    ): Promise<Overloaded> {
      const gate = new Gate();
      let shut = false;
      const wrapStore = (store: Store): Store => ({
        ...store,
        append: async (events, options) => {
          if (shut) await gate.pass();
          return store.append(events, options);
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
      const at = await scene(mounting, kind, {
        wrapStore,
        ...o,
        ingest: { maxPendingEvents: 2 },
        rest: { flows: { identify: [counting], track: [] } },
      });
      track(at.sdk, 0);
      await at.sdk.flush();
      shut = true;
      opened.add({ stop: () => Promise.resolve().then(() => gate.open()) });
      const fillers: Promise<Answer>[] = [];
      for (const n of [1, 2, 3]) {
        const messageId = `filler-${n}`;
        fillers.push(at.world.post('/v1/identify', { userId: 'user-ada', messageId, writeKey }));
        await waitFor(() => planned === n);
      }
      const relieve = async (): Promise<readonly number[]> => {
        gate.open();
        return (await Promise.all(fillers)).map(({ status }) => status);
      };
      return { ...at, relieve };
    }

    const fillers = ['filler-1', 'filler-2', 'filler-3'];

    it.each(sdkKinds)('429: $name sends again, and nothing is lost or doubled', async (kind) => {
      const at = await overloaded(kind, { retries: 100 });
      track(at.sdk, 1);
      const flushed = at.sdk.flush();
      await waitFor(() => at.answers.count(429) > 0);
      expect(await at.relieve()).toEqual([200, 200, 200]);
      await flushed;
      expect(failed(at.sdk)).toBe(0);
      expect(await storedIds(at.world)).toEqual([...fillers, 'message-0', 'message-1']);
    });

    it.each(sdkKinds)('429 that lasts: $name gives up and tells its caller', async (kind) => {
      // The newest counts no tries while it is told when to come back; it has a limit for the whole time.
      const at = await overloaded(kind, { retries: 3, rateLimitMs: 1_200 });
      track(at.sdk, 1);
      await at.sdk.flush();
      const refused = at.answers.statuses.filter((status) => status !== 200);
      expect(new Set(refused)).toEqual(new Set([429]));
      if (kind !== analyticsNode3) expect(refused).toHaveLength(4);
      expect(at.sdk.outcomes).toMatchObject([
        { message: { messageId: 'message-0' } },
        { message: { messageId: 'message-1' }, error: expect.any(Error) as unknown },
      ]);
      expect(failed(at.sdk)).toBe(1);
      expect(await at.relieve()).toEqual([200, 200, 200]);
      expect(await storedIds(at.world)).toEqual([...fillers, 'message-0']);
    });
  });

  describe('a store that is away', () => {
    it.each(sdkKinds)('503 that lasts: $name gives up and tells its caller', async (kind) => {
      // The newest doubles its pauses, and has no setting for them.
      const retries = kind === analyticsNode3 ? 1 : 3;
      const at = await scene(mounting, kind, { database: own, retries });
      await own.kill();
      track(at.sdk, 0);
      await at.sdk.flush();
      expect(at.answers.statuses).toEqual(Array<number>(1 + retries).fill(503));
      expect(failed(at.sdk)).toBe(1);
      await own.restart();
    });

    it.each(sdkKinds)('503 that passes: $name sends again, and nothing is lost or doubled', async (kind) => {
      const at = await scene(mounting, kind, { database: own, retries: 100, pauseMs: 50 });
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
});

describe('a gateway that is killed', () => {
  it('alone or mounted: what was acknowledged is there, what was not is sent again, nothing is doubled', async () => {
    const gateways = await processes();
    await Promise.all(gateways.map((gateway) => gateway.start()));
    const sdks = gateways.flatMap(({ url }) =>
      sdkKinds.map((kind) => kind.create({ base: url, writeKey, flushAt: 5, retries: 100, pauseMs: 100 })),
    );
    let sent = 0;
    const sendFew = () => {
      for (const sdk of sdks) for (let n = 0; n < 10; n += 1) track(sdk, (sent += 1));
    };
    sendFew();
    await waitFor(() => sdks.every(({ outcomes }) => outcomes.length > 0));
    sendFew();
    await Promise.all(gateways.map((gateway) => gateway.kill()));
    sendFew();
    const flushed = Promise.all(sdks.map((sdk) => sdk.flush()));
    await Promise.all(gateways.map((gateway) => gateway.start()));
    await flushed;

    expect(sdks.map(failed)).toEqual(sdks.map(() => 0));
    expect(sdks.map(({ outcomes }) => outcomes.length)).toEqual(sdks.map(() => 30));
    expect(await trackedIds(database.url)).toEqual(
      Array.from({ length: sent }, (_, n) => `message-${n + 1}`).sort(),
    );
    // Processes are started twice, and the newest SDK doubles its pauses meanwhile.
  }, 90_000);

  /** One gateway listens by itself, the other is below a prefix of a host that parses bodies; they share the store. */
  async function processes(): Promise<readonly FragmentProcess[]> {
    const config = opened.add(await tutorialConfig());
    const env = {
      POSTGRES_STORE_URL: database.url,
      FRAGMENT_WRITE_KEYS: `web:${writeKey}`,
      FRAGMENT_LOG_LEVEL: 'error',
    };
    const both = await Promise.all([fragmentProcess('gateway', config.file, env), hostProcess(env)]);
    for (const gateway of both) opened.add({ stop: () => gateway.kill() });
    return both;
  }

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
