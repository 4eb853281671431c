import { postgresStore } from '@fragment/store-postgres';
import { testPostgres, testRedis, waitFor, type TestPostgres, type TestRedis } from '@fragment/testing';
import type { Store } from '@fragment/core';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect, unfinished, type Findings } from './oracle.js';
import { startLoad, type Load } from './loader.js';
import { serviceProcess, type ServiceProcess } from './processes.js';
import { LEASE_MS } from './service.js';
import { startStub, type Stub } from './stub.js';

/** Everything a failure test has: two gateways, two schedulers, a database, a broker, a vendor, a load. */
export interface World {
  readonly postgres: TestPostgres;
  /** Undefined: BullMQ runs on the same Postgres. */
  readonly redis: TestRedis | undefined;
  readonly store: Store;
  readonly stub: Stub;
  readonly gateways: readonly ServiceProcess[];
  readonly schedulers: readonly ServiceProcess[];
  load(perSecond: number, total?: number): Load;
  /** Waits until every job has ended, then counts. */
  findings(load: Load): Promise<Findings & { crashes: number }>;
  stop(): Promise<void>;
}

/** Jobs may wait for a lease that died, then for a backoff; more than this is stuck. */
const QUIET_TIMEOUT_MS = 90_000;

export async function openWorld(o: { readonly redis: boolean }): Promise<World> {
  const postgres = await testPostgres({ own: true, durable: true, settings: { max_connections: '200' } });
  const redis = o.redis ? await testRedis({ own: true }) : undefined;
  const stub = await startStub();
  const store = postgresStore({ connection: postgres.url, poolSize: 2 });
  await store.migrate();
  const common = { postgres: postgres.url, stub: stub.url, ...(redis ? { redis: redis.url } : {}) };
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const gateways = ports.slice(0, 2).map((port) => serviceProcess({ ...common, role: 'gateway', port }));
  const schedulers = ports.slice(2).map((port) => serviceProcess({ ...common, role: 'scheduler', port }));
  const urls = ports.slice(0, 2).map((port) => `http://127.0.0.1:${port}`);
  return {
    postgres,
    redis,
    store,
    stub,
    gateways,
    schedulers,
    load: (perSecond, total) => startLoad({ urls, perSecond, ...(total === undefined ? {} : { total }) }),
    async findings(load) {
      await load.stop();
      const crashes = [...gateways, ...schedulers].reduce((sum, service) => sum + service.crashes, 0);
      // A job that never ends is a finding, not an exception.
      await waitFor(async () => (await unfinished(store)) === 0, {
        timeoutMs: QUIET_TIMEOUT_MS + LEASE_MS,
        intervalMs: 250,
        message: 'the end of every job',
      }).catch(() => undefined);
      return { ...(await inspect(store, load.journal, stub.calls)), crashes };
    },
    async stop() {
      await Promise.all([...gateways, ...schedulers].map((service) => service.kill()));
      await store.close();
      await stub.stop();
      await redis?.stop();
      await postgres.stop();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
