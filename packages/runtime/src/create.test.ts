import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@fragment/core';
import { log } from '@fragment/destination-log';
import {
  copyCluster,
  removeDirectory,
  requiring,
  scratchDirectory,
  testPostgres,
  testRedis,
  waitFor,
  type TestPostgres,
  type TestRedis,
} from '@fragment/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createFragment } from './create.js';
import type { Fragment } from './fragment.js';
import { createLogger } from './logger.js';
import type { FragmentContext, FragmentOptions } from './options.js';
import { writeKeysFrom } from './plugins.js';
import type { Environment } from './environment.js';
import { whenSet } from './when-set.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function directory(): Promise<string> {
  const made = await scratchDirectory();
  cleanups.push(() => removeDirectory(made));
  return made;
}

/** A data directory in which the embedded PostgreSQL has been before: making a cluster takes it longest. */
async function usedDirectory(): Promise<string> {
  const made = await directory();
  await copyCluster(made);
  return made;
}

/** An application on free ports that says nothing. */
async function fragmentOf(options: FragmentOptions, context?: FragmentContext): Promise<Fragment> {
  const fragment = await createFragment(
    { gateway: { port: 0 }, scheduler: { port: 0 }, logLevel: 'silent', ...options },
    context,
  );
  cleanups.push(() => fragment.stop());
  return fragment;
}

const track = (url: string, event = 'Order Paid'): Promise<Response> =>
  fetch(`${url}/v1/track`, { method: 'POST', body: JSON.stringify({ userId: 'u1', event }) });

/** Sends one event and waits for its job. */
async function works(fragment: Fragment): Promise<void> {
  const { gateway } = await fragment.start();
  const { status } = await track(gateway?.url ?? '');
  expect(status).toBe(200);
  await waitFor(
    async () => (await fragment.operations.findJobs({ jobs: { statusIn: ['succeeded'] } })).count === 1,
  );
}

const kept = (dataDir: string): string[] => (existsSync(dataDir) ? readdirSync(dataDir) : []);

/** Every line that was logged. */
function listener(): { readonly logger: Logger; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { lines, logger: createLogger('info', { write }) };
}

describe('on nothing but Node', () => {
  it('keeps events and queues in a PostgreSQL of its own, and finds them again', async () => {
    const dataDir = path.join(await directory(), 'data');
    const { logger, lines } = listener();
    const first = await fragmentOf(
      { logger },
      { env: { FRAGMENT_DATA_DIR: 'data' }, directory: path.dirname(dataDir) },
    );
    expect(kept(dataDir)).toEqual([]);
    await works(first);
    await first.stop();
    expect(kept(path.join(dataDir, 'data'))).not.toContain('postmaster.pid');
    const told = lines.filter(({ msg }) => String(msg).includes('set POSTGRES_STORE_URL'));
    expect(told).toEqual([expect.objectContaining({ dataDir })]);

    const second = await fragmentOf({ dataDir });
    await second.start();
    expect((await second.operations.findEvents({})).count).toBe(1);
  });

  it('runs two applications in one process', async () => {
    const [one, two] = [
      await fragmentOf({ dataDir: await usedDirectory() }),
      await fragmentOf({ dataDir: await usedDirectory() }),
    ];
    await Promise.all([works(one), works(two)]);
    await one.stop();
    expect((await two.operations.findEvents({})).count).toBe(1);
  });

  it('shares the database with another process of the application, which answers 503 while the owner is away', async () => {
    const dataDir = await usedDirectory();
    const owner = await fragmentOf({ dataDir });
    await owner.start({ scheduler: true, gateway: false });
    const guest = await fragmentOf({ dataDir });
    const { gateway } = await guest.start({ gateway: true, scheduler: false });
    const url = gateway?.url ?? '';
    expect((await track(url)).status).toBe(200);
    await waitFor(
      async () => (await owner.operations.findJobs({ jobs: { statusIn: ['succeeded'] } })).count === 1,
    );

    await owner.stop();
    const away = await track(url);
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toMatch(/^\d+$/);
    const next = await fragmentOf({ dataDir });
    await next.start({ scheduler: true, gateway: false });
    await waitFor(async () => (await track(url)).status === 200);

    const stranger = await fragmentOf({ dataDir, name: 'another' });
    await expect(stranger.start()).rejects.toMatchObject({
      name: 'FragmentError',
      code: 'FRAGMENT_EMBEDDED_IN_USE',
    });
  });

  it('leaves a process that ends by itself', async () => {
    const program = `
      import { createFragment } from '@fragment/runtime';
      const fragment = await createFragment({ logLevel: 'silent', gateway: { port: 0 }, scheduler: { port: 0 } }, { env: { FRAGMENT_DATA_DIR: ${JSON.stringify(await usedDirectory())} } });
      const { gateway } = await fragment.start();
      const { status } = await fetch(gateway.url + '/v1/track', { method: 'POST', body: '{"userId":"u1","event":"e"}' });
      await fragment.stop();
      console.log(status);`;
    const args = ['--input-type=module', '--eval', program];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      cwd: path.dirname(import.meta.dirname),
      timeout: 20_000,
    });
    expect({ stdout, stderr }).toEqual({ stdout: '200\n', stderr: '' });
  });

  it('can be stopped in the middle of its start', async () => {
    const dataDir = await directory();
    const fragment = await fragmentOf({ dataDir });
    const started = fragment.start().then(
      () => 'started',
      (error: unknown) => error,
    );
    await waitFor(() => kept(dataDir).length > 0);
    await fragment.stop();
    expect(await started).toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
    await expect(fragment.start()).rejects.toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
    const next = await fragmentOf({ dataDir });
    await next.start();
  });

  it('lets a start that is under way end before it stops, so that nothing is left running', async () => {
    const gate = new EventEmitter();
    const init = async (): Promise<void> => {
      const released = once(gate, 'release');
      gate.emit('entered');
      await released;
    };
    const destinations = [{ name: 'slow', actions: [], init }];
    const fragment = await fragmentOf({ dataDir: await usedDirectory(), destinations });
    const entered = once(gate, 'entered');
    const starting = fragment.start();
    await entered;
    const stopping = fragment.stop();
    gate.emit('release');
    const { gateway } = await starting;
    await stopping;
    await expect(fetch(`${gateway?.url ?? ''}/_health`)).rejects.toThrow('fetch failed');
  });

  it('undoes a start that fails, and keeps running when it is started twice', async () => {
    const dataDir = await usedDirectory();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => taken.close(resolve)));
    const { port } = taken.address() as AddressInfo;
    const refused = await fragmentOf({ dataDir, gateway: { port } });
    await expect(refused.start()).rejects.toMatchObject({ code: 'FRAGMENT_SERVICE_PORT_TAKEN' });
    expect(kept(path.join(dataDir, 'data'))).not.toContain('postmaster.pid');

    const fragment = await fragmentOf({ dataDir });
    await works(fragment);
    await expect(fragment.start()).rejects.toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
    expect((await fragment.app.health()).status).toBe('ok');
  });
});

let postgres: TestPostgres | undefined;
let redis: TestRedis | undefined;
afterAll(async () => {
  await Promise.all([postgres?.stop(), redis?.stop()]);
});

/** A database without any schema of ours. */
async function database(): Promise<string> {
  postgres ??= await testPostgres();
  await query(
    postgres.url,
    'drop schema if exists fragment cascade; drop schema if exists fragment_queue cascade',
  );
  return postgres.url;
}

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const schemas = async (url: string): Promise<unknown[]> =>
  query(url, "select nspname as name from pg_namespace where nspname like 'fragment%' order by 1");

describe('on a PostgreSQL', () => {
  it('keeps the queues there too', async () => {
    const url = await database();
    const dataDir = await directory();
    await works(await fragmentOf({ dataDir }, { env: { POSTGRES_STORE_URL: url } }));
    expect(await schemas(url)).toEqual([{ name: 'fragment' }, { name: 'fragment_queue' }]);
    expect(kept(dataDir)).toEqual([]);
  });

  it('refuses a pool, which the queues cannot use, when there is nothing else for them', async () => {
    const pool = new pg.Pool({ connectionString: 'postgresql://nobody@127.0.0.1:1/none' });
    cleanups.push(() => pool.end());
    await expect(createFragment({ postgres: pool })).rejects.toMatchObject({
      code: 'FRAGMENT_CONFIG_INVALID',
      validations: [{ path: ['postgres'] }],
    });
  });
});

const describeWithRedis = await requiring('redis', describe);

describeWithRedis('with a Redis', () => {
  const queues = async (): Promise<Redis> => {
    redis ??= await testRedis();
    const client = new Redis(redis?.url ?? '');
    cleanups.push(() => client.quit());
    await client.flushdb();
    return client;
  };

  it('keeps events and jobs on the PostgreSQL and the queues on the Redis', async () => {
    const [url, client] = [await database(), await queues()];
    const env = { POSTGRES_STORE_URL: url, REDIS_URL: redis?.url };
    await works(await fragmentOf({}, { env }));
    expect(await schemas(url)).toEqual([{ name: 'fragment' }]);
    expect(await client.keys('*')).not.toEqual([]);
  });

  it('starts the embedded PostgreSQL when there is no other', async () => {
    const [dataDir, client] = [await usedDirectory(), await queues()];
    await works(await fragmentOf({ dataDir }, { env: { REDIS_URL: redis?.url } }));
    expect(kept(dataDir)).toContain('run');
    expect(await client.keys('*')).not.toEqual([]);
  });

  it('leaves a pool and a connection that were handed over open', async () => {
    const pool = new pg.Pool({ connectionString: await database() });
    cleanups.push(() => pool.end());
    const client = await queues();
    const fragment = await fragmentOf({ postgres: pool, redis: client });
    await works(fragment);
    await fragment.stop();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(await client.ping()).toBe('PONG');
  });
});

const quiet = { dataDir: '/nowhere', logLevel: 'silent' } as const;

describe('what it refuses', () => {
  it('tells the problems of several parts at once', async () => {
    const refused = createFragment({
      ...quiet,
      writeKeys: [],
      gateway: { trustProxy: -1 },
      scheduler: { port: -1 },
    });
    await expect(refused).rejects.toMatchObject({ code: 'FRAGMENT_CONFIG_INVALID' });
    const { validations } = (await refused.catch((error: unknown) => error)) as {
      validations: { path: string[] }[];
    };
    expect(validations.map(({ path: [part] }) => part)).toEqual(['rest', 'gateway', 'scheduler']);
  });

  it('wants write keys in production, or the word for none', async () => {
    const env = { NODE_ENV: 'production' };
    await expect(createFragment(quiet, { env })).rejects.toMatchObject({
      code: 'FRAGMENT_WRITE_KEYS_REQUIRED',
    });
    await createFragment({ ...quiet, writeKeys: 'any' }, { env });
    await createFragment(quiet, { env: { ...env, FRAGMENT_WRITE_KEYS: 'web:k1' } });
    await createFragment({ ...quiet, sources: [] }, { env });
    expect(() => writeKeysFrom(env)).toThrow(
      expect.objectContaining({ code: 'FRAGMENT_WRITE_KEYS_REQUIRED' }),
    );
    expect(writeKeysFrom({ ...env, FRAGMENT_WRITE_KEYS: 'any' })).toBe('any');
    expect(writeKeysFrom({})).toBeUndefined();
  });

  it('never opens the admin API to other machines without a token', async () => {
    const env = { FRAGMENT_HOST: '0.0.0.0' };
    const open = await fragmentOf({ dataDir: await usedDirectory() }, { env });
    await expect(open.start()).rejects.toMatchObject({ code: 'FRAGMENT_ADMIN_TOKEN_REQUIRED' });
    const token = 'a-token-of-24-characters';
    const closed = await fragmentOf(
      { dataDir: await usedDirectory() },
      { env: { ...env, FRAGMENT_ADMIN_TOKEN: token } },
    );
    const { scheduler } = await closed.start();
    const list = `${scheduler?.url ?? ''}/admin/api/destinations`;
    expect((await fetch(list)).status).toBe(401);
    expect((await fetch(list, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('trusts the login of a host on no port of its own, before which none stands', async () => {
    const admin = { hostLogin: true };
    const open = await fragmentOf({ dataDir: await usedDirectory(), admin, host: '0.0.0.0' });
    await expect(open.start()).rejects.toMatchObject({ code: 'FRAGMENT_ADMIN_TOKEN_REQUIRED' });
    const mounted = await fragmentOf({ dataDir: await usedDirectory(), admin, scheduler: { port: false } });
    const { gateway } = await mounted.start();
    expect((await fetch(`${gateway?.url ?? ''}/metrics`)).status).toBe(404);
  });
});

describe('destinations', () => {
  const names = async (destinations: NonNullable<FragmentOptions['destinations']>, logger?: Logger) => {
    const { app } = await createFragment({ destinations, ...quiet, ...(logger && { logger }) });
    return app.destinations.map(({ name }) => name);
  };
  const one = (env: Environment) =>
    whenSet(env, 'one', ['ONE_KEY', 'ONE_ID'], (set) => log({ name: set.ONE_KEY }));

  it('registers log when there is no other', async () => {
    expect(await names([])).toEqual(['log']);
    expect(await names([log({ name: 'own' })])).toEqual(['own']);
  });

  it('registers a destination when its variables are set, else says which are not', async () => {
    const { logger, lines } = listener();
    expect(await names([one({ ONE_KEY: 'named', ONE_ID: '1' })], logger)).toEqual(['named']);
    expect(await names([one({ ONE_KEY: 'named', ONE_ID: '' })], logger)).toEqual(['log']);
    expect(await names([one({})], logger)).toEqual(['log']);
    const left = lines.filter(({ missing }) => missing !== undefined);
    expect(left.map(({ level, destination, missing }) => [level, destination, missing])).toEqual([
      [40, 'one', ['ONE_ID']],
      [30, 'one', ['ONE_KEY', 'ONE_ID']],
    ]);
  });
});
