import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Destination } from '@fragment/core';
import { materialise } from '@fragment/segment-spec';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { type World } from '../acceptance/world.js';
import { captures, messagesOf, type Capture } from './captures.js';
import { hostMark } from './express-host.js';
import { mountings } from './mountings.js';
import { Dice, mutant, type Mutant } from './mutations.js';

/** Bodies per endpoint: 500 here; `FRAGMENT_FUZZ=10000` before a release. */
const rounds = Number(process.env['FRAGMENT_FUZZ'] ?? 500);
/** Another run: `FRAGMENT_FUZZ_SEED=7`. A failure names the seed that repeats it alone, with `FRAGMENT_FUZZ=1`. */
const firstSeed = Number(process.env['FRAGMENT_FUZZ_SEED'] ?? 1);
const timeoutMs = 60_000 + rounds * 60;

const all = captures.flatMap(([, requests]) => requests).filter(({ body }) => body !== null);
const batches = all.filter(({ body }) => Array.isArray(body?.['batch']));

/** What was recorded of one type, each as a request of its own. */
const ofType = (type: string): readonly Capture[] =>
  all.flatMap((capture) =>
    messagesOf(capture)
      .filter(({ item }) => item['type'] === type)
      .map(({ item }) => ({ ...capture, body: item })),
  );

interface Endpoint {
  readonly name: string;
  readonly from: readonly Capture[];
  /** The path to send a mutant to; the pixel's body goes into it. */
  readonly path: (mutant: Mutant, dice: Dice) => string;
  readonly method?: 'GET';
}

const types = ['identify', 'track', 'page', 'screen', 'group', 'alias'];
const endpoints: readonly Endpoint[] = [
  ...types.map((type): Endpoint => ({
    name: `/v1/${type} and /v1/${type.charAt(0)}`,
    from: ofType(type),
    path: (_, dice) => dice.pick([`/v1/${type}`, `/v1/${type.charAt(0)}`]),
  })),
  {
    name: '/v1/batch, /v1/b and /v1/import',
    from: batches,
    path: (_, dice) => dice.pick(['/v1/batch', '/v1/b', '/v1/import']),
  },
  { name: '/v1/m', from: all, path: () => '/v1/m' },
  { name: '/v1/pixel/:type', from: ofType('track'), path: pixelPath, method: 'GET' },
];

function pixelPath({ body }: Mutant, dice: Dice): string {
  const type = dice.pick([...types, 'nothing', '%00', '..%2f']);
  // Node takes 16 KB of headers, its own path included.
  const data = body.subarray(0, 9_000);
  const query = dice.pick([
    `data=${data.toString('base64url')}`,
    `data=${encodeURIComponent(data.toString('base64'))}`,
    `data=${encodeURIComponent(data.subarray(0, 1_000).toString('latin1'))}`,
    `userId=u&event=e&properties.a.b=${encodeURIComponent(data.subarray(0, 500).toString('latin1'))}`,
    `userId=u&event=e&__proto__.polluted=1&properties.__proto__.polluted=1&context.=&.=1`,
  ]);
  return `/v1/pixel/${type}?${query}`;
}

describe.each(mountings)('mutated bodies, to a gateway $place', ({ open }) => {
  let database: TestPostgres;
  let world: World;
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  let delivered = 0;
  /** Builds what every vendor's mapping starts from. */
  const crm: Destination = {
    name: 'crm',
    accepts: 'segment',
    limits: { concurrency: 4 },
    actions: types.map((name) => ({
      name,
      batch: { maxJobs: 200 },
      load: (jobs) => {
        for (const { event } of jobs) if (JSON.stringify(materialise(event))) delivered += 1;
        return Promise.resolve(jobs.map(({ id }) => ({ job: id, outcome: 'succeeded' as const })));
      },
    })),
  };

  beforeAll(async () => {
    database = await testPostgres();
    world = await open({ database, destinations: [crm] });
  });
  afterAll(async () => {
    agent.destroy();
    await world.stop();
    await database.stop();
  });

  it.each(endpoints)(
    `$name: ${rounds} are answered, none with a fault of ours`,
    async (endpoint) => {
      const statuses = new Map<number, number>();
      const faults: string[] = [];
      await inParallel(rounds, async (index) => {
        const seed = firstSeed + index;
        const { status, body, byHost } = await send(endpoint, seed);
        if (byHost) return;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const fault = faultOf(endpoint, status, body);
        if (fault !== undefined) faults.push(`FRAGMENT_FUZZ=1 FRAGMENT_FUZZ_SEED=${seed}: ${fault}`);
      });
      expect(faults).toEqual([]);
      // Were all refused, or none, the mutations would be no good.
      if (rounds < 100) return;
      expect(statuses.get(200)).toBeGreaterThan(rounds / 10);
      if (!alwaysThanks(endpoint)) expect(statuses.get(400)).toBeGreaterThan(rounds / 10);
    },
    timeoutMs,
  );

  it(
    'after all of them everything still works, and no job is stuck',
    async () => {
      expect((await fetch(`${world.gateway}/_health/ready`)).status).toBe(200);
      expect(world.log.filter(({ level }) => level === 'error')).toEqual([]);
      const succeeded = await waitFor(whenAllSucceeded, {
        timeoutMs: timeoutMs / 2,
        intervalMs: 100,
        message: 'the end of all jobs',
      });
      if (rounds >= 100) expect(succeeded).toBeGreaterThan(rounds);
      // Each could be read again, and written for a vendor.
      expect(delivered).toBeGreaterThanOrEqual(succeeded);
      expect((await world.ops.findEvents({ events: { planFailed: true } })).items).toEqual([]);
      expect('polluted' in {}).toBe(false);
    },
    timeoutMs,
  );

  /** How many jobs there are; throws while one has not succeeded. */
  async function whenAllSucceeded(): Promise<number> {
    const { lanes } = await world.ops.stats();
    const { succeeded = 0, ...others } = lanes.find(({ destination }) => destination === 'crm')?.counts ?? {};
    if (Object.values(others).some((count) => count > 0)) throw new Error(JSON.stringify(others));
    return succeeded;
  }

  /** Those who report on themselves, and images, are thanked whatever they send. */
  const alwaysThanks = ({ name }: Endpoint): boolean => name === '/v1/m' || name.includes('pixel');

  function faultOf(endpoint: Endpoint, status: number, body: Buffer): string | undefined {
    if (status === 200 && isThanks(endpoint, body)) return undefined;
    if (status !== 400) return `${status} ${body.toString().slice(0, 500)}`;
    const { code, message } = JSON.parse(body.toString()) as { code?: unknown; message?: unknown };
    return typeof code === 'string' && typeof message === 'string' ? undefined : body.toString();
  }

  /** Whether a 200 has the body that it must have. */
  const isThanks = (endpoint: Endpoint, body: Buffer): boolean =>
    endpoint.method === 'GET'
      ? body.subarray(0, 6).toString() === 'GIF89a'
      : (JSON.parse(body.toString()) as { success?: unknown }).success === true;

  interface Reply {
    readonly status: number;
    readonly body: Buffer;
    /** Whether a parser of the host has refused it. */
    readonly byHost: boolean;
  }

  function send(endpoint: Endpoint, seed: number): Promise<Reply> {
    const dice = new Dice(seed * 7_919 + endpoints.indexOf(endpoint));
    const sent = mutant(endpoint.from, dice);
    const { method = 'POST' } = endpoint;
    const url = `${world.gateway}${endpoint.path(sent, dice)}`;
    const headers = method === 'GET' ? {} : { ...sent.headers, 'content-length': sent.body.length };
    return new Promise((resolve, reject) => {
      const req = request(url, { method, headers, agent }, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        const byHost = res.headers[hostMark] !== undefined;
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks), byHost }));
      });
      req.on('error', (error) => reject(new Error(`seed ${seed}: ${error.message}`)));
      req.end(method === 'GET' ? undefined : sent.body);
    });
  }

  async function inParallel(count: number, run: (index: number) => Promise<void>): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) await run((next += 1) - 1);
    };
    await Promise.all(Array.from({ length: 16 }, lane));
  }
});
