import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { errorRegistry, type ErrorCode } from '@fragment/core';
import { EmbeddedPostgresError, type EmbeddedErrorCode } from '@fragment/postgres-embedded';
import { Client } from 'pg';
import { waitFor } from '../wait/wait-for.js';
import { testPostgres, type TestPostgres } from './postgres.js';
import { redisCommand } from './redis-command.js';
import { testRedis, type TestRedis } from './redis.js';
import { requiring } from './requiring.js';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

/** Whether a server lets a new client in within a moment; a frozen one does not. */
async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 300 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

describe('a PostgreSQL of the test', () => {
  let database: TestPostgres;
  beforeAll(async () => (database = await testPostgres({ own: true, tcp: true })));
  afterAll(() => database.stop());

  it('has what was committed after it was killed', async () => {
    await query(database.url, 'create table kept as select 7 as n');
    await database.kill();
    expect(await answers(database.url)).toBe(false);
    await database.restart();
    expect(await query(database.url, 'select n from kept')).toEqual([7]);
  });

  it('hangs while it is frozen', async () => {
    await database.pause();
    expect(await answers(database.url)).toBe(false);
    await database.resume();
    expect(await query(database.url, 'select 1')).toEqual([1]);
  });

  it('shares nothing with another', async () => {
    await query(database.url, 'create table mine ()');
    const other = await testPostgres({ durable: true, settings: { max_connections: '17' } });
    expect(other.url).not.toBe(database.url);
    expect(await query(other.url, `select to_regclass('mine')`)).toEqual([null]);
    expect(await query(other.url, 'show fsync')).toEqual(['on']);
    expect(await query(other.url, 'show max_connections')).toEqual(['17']);
    await other.stop();
  });

  it('is a fresh database on the server of FRAGMENT_TEST_POSTGRES_URL, dropped at the end', async () => {
    process.env['FRAGMENT_TEST_POSTGRES_URL'] = database.url;
    const fresh = await testPostgres();
    const [name] = await query(fresh.url, 'select current_database()');
    expect(name).toMatch(/^fragment_test_/);
    await expect(fresh.kill()).rejects.toThrow('own: true');
    const holder = new Client({ connectionString: fresh.url });
    holder.on('error', () => undefined);
    await holder.connect();
    await fresh.stop();
    expect(
      await query(database.url, `select datname from pg_database where datname = '${String(name)}'`),
    ).toEqual([]);
    await holder.end().catch(() => undefined);
  });
});

const describeWithRedis = await requiring('redis', describe);

describeWithRedis('a Redis of the test', () => {
  let redis: TestRedis;
  beforeEach(async () => {
    const started = await testRedis({ own: true });
    if (started === undefined) throw new Error('There is no Redis.');
    redis = started;
  });
  afterEach(() => redis.stop());

  it('comes back empty, under the same address, and evicts nothing', async () => {
    expect(await redisCommand(redis.url, 'SET', 'a', '1')).toBe('+OK');
    await redis.kill();
    await expect(redisCommand(redis.url, 'PING')).rejects.toThrow();
    await redis.restart();
    expect(await redisCommand(redis.url, 'EXISTS', 'a')).toBe(':0');
    expect(await redisCommand(redis.url, 'SET', 'a', '1')).toBe('+OK');
    await redis.restart();
    expect(await redisCommand(redis.url, 'DBSIZE')).toBe(':0');
  });

  it('can be emptied and frozen', async () => {
    await redisCommand(redis.url, 'SET', 'a', '1');
    await redis.flushAll();
    expect(await redisCommand(redis.url, 'DBSIZE')).toBe(':0');
    await redis.pause();
    const hanging = redisCommand(redis.url, 'PING');
    // The connection is made by the kernel; only the answer is missing.
    await new Promise<void>((resolve) => {
      const { hostname, port } = new URL(redis.url);
      const socket = connect({ host: hostname, port: Number(port) }, () => resolve(void socket.destroy()));
    });
    await redis.resume();
    expect(await hanging).toBe('+PONG');
  });

  it('is a database of its own on the server of FRAGMENT_TEST_REDIS_URL', async () => {
    process.env['FRAGMENT_TEST_REDIS_URL'] = redis.url;
    const [first, second] = [await testRedis(), await testRedis()];
    expect(first?.url).not.toBe(second?.url);
    await redisCommand(first?.url ?? '', 'SET', 'a', '1');
    expect(await redisCommand(second?.url ?? '', 'DBSIZE')).toBe(':0');
    await expect(first?.kill()).rejects.toThrow('own: true');
    await first?.stop();
    await second?.stop();
    expect(await redisCommand(redis.url, 'DBSIZE')).toBe(':0');
  });

  it('ends with the process that started it, however that ends', async () => {
    const library = new URL('../../dist/index.js', import.meta.url).href;
    const program = `const { testRedis } = await import(${JSON.stringify(library)});
      console.log((await testRedis({ own: true })).url); setInterval(() => undefined, 60_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise<string>((resolve) =>
      child.stdout.setEncoding('utf8').once('data', resolve),
    );
    expect(await redisCommand(url.trim(), 'PING')).toBe('+PONG');
    child.kill('SIGKILL');
    await waitFor(() =>
      redisCommand(url.trim(), 'PING').then(
        () => false,
        () => true,
      ),
    );
  });
});

describe('a suite whose service cannot be had', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'fragment-skipped-'));
    process.env['PATH'] = directory;
    delete process.env['FRAGMENT_TEST_REDIS_URL'];
    delete process.env['FRAGMENT_TEST_REQUIRE'];
    delete process.env['FRAGMENT_TEST_CHROMIUM'];
  });
  afterEach(() => rm(directory, { recursive: true }));

  const registrar = () => {
    const calls: string[] = [];
    const describe = (name: string) => calls.push(`run ${name}`);
    describe.skip = (name: string) => calls.push(`skip ${name}`);
    return { describe, calls };
  };

  it('is registered as skipped, and noted for the end of the run', async () => {
    const file = path.join(directory, 'skipped');
    process.env['FRAGMENT_TEST_SKIPPED'] = file;
    const { describe, calls } = registrar();
    (await requiring('redis', describe))('the queue', () => undefined);
    (await requiring('postgres', describe))('the store', () => undefined);
    expect(calls).toEqual(['skip the queue', 'run the store']);
    expect(await testRedis()).toBeUndefined();
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      suite: 'the queue',
      service: 'redis',
      reason: expect.stringContaining('redis-server'),
    });
  });

  it.each(['chromium', 'curl', 'python-sdk', 'terminal'] as const)(
    '%s is a program, looked for on the PATH',
    async (name) => {
      process.env['FRAGMENT_TEST_SKIPPED'] = path.join(directory, 'skipped');
      const { describe, calls } = registrar();
      (await requiring(name, describe))('without it', () => undefined);
      const programs = { 'python-sdk': 'python3', terminal: 'script', chromium: name, curl: name };
      const program = path.join(directory, programs[name]);
      await writeFile(program, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
      (await requiring(name, describe))('with it', () => undefined);
      expect(calls).toEqual(['skip without it', 'run with it']);
    },
  );

  it('fails where FRAGMENT_TEST_REQUIRE names the service', async () => {
    process.env['FRAGMENT_TEST_REQUIRE'] = 'chromium, redis';
    await expect(requiring('redis', registrar().describe)).rejects.toThrow(
      'FRAGMENT_TEST_REQUIRE names redis',
    );
  });
});

describe('the errors of postgres-embedded', () => {
  it('are those of the registry, which it stands below', () => {
    const codes = (Object.keys(errorRegistry) as ErrorCode[]).filter((code) =>
      code.startsWith('FRAGMENT_EMBEDDED_'),
    );
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) {
      const { message, advice } = new EmbeddedPostgresError(code as EmbeddedErrorCode);
      expect({ code, message, advice }).toEqual({
        code,
        message: errorRegistry[code].message,
        advice: errorRegistry[code].advice,
      });
    }
  });
});
