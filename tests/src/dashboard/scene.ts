import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Action, Destination, JobRecord } from '@fragment/core';
import { webhook } from '@fragment/destination-webhook';
import { createFragment, type Fragment, type FragmentOptions } from '@fragment/runtime';
import {
  startFakeWebhook,
  testPostgres,
  testRedis,
  waitFor,
  type FakeWebhook,
  type TestRedis,
} from '@fragment/testing';
import { startVendors, type Vendors } from '../acceptance/vendors.js';
import { post, quick, type Answer } from '../acceptance/world.js';

/** A running application with the destinations of the tutorial, a webhook and a CRM, and strict fakes of their vendors. */
export interface Scene {
  readonly fragment: Fragment;
  readonly vendors: Vendors;
  readonly receiver: FakeWebhook;
  /** Where the dashboard is. */
  readonly dashboard: string;
  readonly send: (path: string, body: unknown) => Promise<Answer>;
  /** Waits until so many jobs are there and none of them is about to run. */
  readonly settled: (count: number) => Promise<readonly JobRecord[]>;
  stop(): Promise<void>;
}

/** Nothing that fails is tried again by itself within a test, and no lane closes by itself. */
const patient = {
  ...quick,
  retry: { ...quick.retry, baseMs: 3_600_000, capMs: 3_600_000 },
  breaker: { ...quick.breaker, minCalls: 100_000, consecutive: 100_000 },
} satisfies FragmentOptions['execution'];

const taking = (name: string, tells: boolean): Action => ({
  name,
  load: (jobs) =>
    Promise.resolve(
      jobs.map(({ id, event }) => {
        const exchange = {
          status: 201,
          request: `POST /leads\n${event.data}`,
          response: `taken: ${event.data}`,
        };
        return { job: id, outcome: 'succeeded' as const, ...(tells ? { exchange } : {}) };
      }),
    ),
});

/** Takes screens and groups; what it sent and what came back it tells of the screens only. */
const crm: Destination = {
  name: 'crm',
  accepts: 'segment',
  actions: [taking('screen', true), taking('group', false)],
};

export async function openScene(options: FragmentOptions = {}): Promise<Scene> {
  requireDashboard();
  const [database, redis, vendors, receiver] = await Promise.all([
    testPostgres(),
    redisWhereThereIsOne(),
    startVendors(),
    startFakeWebhook(),
  ]);
  const fragment = await createFragment({
    name: 'shop',
    postgres: database.url,
    redis: redis?.url,
    destinations: [
      ...vendors.destinations(),
      webhook({ url: `${receiver.url}/hook`, allow: ['127.0.0.0/8'], allowHttp: true }),
      crm,
    ],
    gateway: { port: 0 },
    scheduler: { port: 0 },
    execution: patient,
    logLevel: 'silent',
    ...options,
  });
  const { gateway, scheduler } = await fragment.start();
  return {
    fragment,
    vendors,
    receiver,
    dashboard: `${scheduler?.url ?? ''}/admin`,
    send: (below, body) => post(`${gateway?.url ?? ''}${below}`, body),
    settled: (count) => waitFor(() => settledJobs(fragment, count), { timeoutMs: 60_000 }),
    async stop() {
      await fragment.stop();
      await Promise.all([vendors.stop(), receiver.stop(), redis?.stop(), database.stop()]);
    },
  };
}

/** The queues are on Redis where the machine has one, else on the database. */
const redisWhereThereIsOne = (): Promise<TestRedis | undefined> => testRedis();

async function settledJobs({ operations }: Fragment, count: number): Promise<readonly JobRecord[]> {
  const stats = await operations.stats();
  const total = (
    status: 'awaiting' | 'executing' | 'succeeded' | 'failed' | 'discarded' | 'unknown',
  ): number => stats.lanes.reduce((sum, { counts }) => sum + counts[status], 0);
  const resting = total('succeeded') + total('failed') + total('discarded') + total('unknown');
  const moving = total('awaiting') + total('executing');
  if (resting !== count || moving > 0) throw new Error(`${resting} jobs rest, ${moving} move`);
  return (await operations.findJobs({}, { limit: 500 })).items;
}

/** The dashboard is built, not kept: without it these tests would look at a page that says so. */
function requireDashboard(): void {
  const manifest = createRequire(import.meta.url).resolve('@fragment/admin/package.json');
  const page = path.join(path.dirname(manifest), 'static/index.html');
  if (!existsSync(page))
    throw new Error(`The dashboard has not been built: ${page} is missing. Run: npm run build`);
}
