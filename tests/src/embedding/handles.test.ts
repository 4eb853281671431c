import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  copyCluster,
  removeDirectory,
  requiring,
  scratchDirectory,
  testPostgres,
  testRedis,
} from '@fragment/testing';
import { Opened } from '../acceptance/world.js';
import type { Remains } from './process-main.js';

const main = fileURLToPath(new URL('../../dist/embedding/process-main.js', import.meta.url));

const opened = new Opened();
afterEach(() => opened.stop());

/** Runs an application in a process of its own, which is killed when it does not end by itself. */
async function run(settings: object): Promise<{ readonly remains: Remains; readonly stderr: string }> {
  const args = [main, JSON.stringify(settings)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    env: process.env,
    timeout: 40_000,
    killSignal: 'SIGKILL',
  });
  return { remains: JSON.parse(stdout) as Remains, stderr };
}

/** The process is as it was before, and at no time listened to what is the host's to decide. */
const nothing = {
  remains: { left: [], listened: [], status: 200, jobs: ['succeeded'] },
  stderr: '',
};

async function usedDirectory(): Promise<string> {
  const directory = await scratchDirectory();
  opened.add({ stop: () => removeDirectory(directory) });
  await copyCluster(directory);
  return directory;
}

describe('after stop() no handle is left, and the process ends by itself', () => {
  it('on the embedded PostgreSQL', async () => {
    expect(await run({ dataDir: await usedDirectory() })).toEqual(nothing);
  }, 60_000);

  it('mounted in a host, with its dashboard', async () => {
    const { url } = opened.add(await testPostgres());
    expect(await run({ postgres: url, mounted: true })).toEqual(nothing);
  }, 60_000);
});

const describeWithRedis = await requiring('redis', describe);

describeWithRedis('after stop() no handle is left, with queues on a Redis', () => {
  it('on PostgreSQL and Redis', async () => {
    const [database, redis] = [opened.add(await testPostgres()), opened.add((await testRedis())!)];
    expect(await run({ postgres: database.url, redis: redis.url })).toEqual(nothing);
  }, 60_000);
});
