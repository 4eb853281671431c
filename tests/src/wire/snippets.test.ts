import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  removeDirectory,
  requiring,
  scratchDirectory,
  testPostgres,
  waitFor,
  type TestPostgres,
} from '@fragment/testing';
import { Opened, type World } from '../acceptance/world.js';
import { snippet, untried } from './docs.js';
import { deliveredById, storedMessages } from './expected.js';
import { mountings } from './mountings.js';

const describeWithCurl = await requiring('curl', describe);
const describeWithPython = await requiring('python-sdk', describe);

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const writeKey = 'the-write-key-of-the-test';

let database: TestPostgres;
let world: World;
let directory: string;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

const code = (heading: string): string => snippet(heading, { gateway: world.gateway, writeKey });

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: directory });

/** Runs a program until it ends by itself. What it writes as errors is part of the error when it fails. */
const runs = (program: string, args: readonly string[], env = environment()): Promise<unknown> =>
  run(program, args, { cwd: directory, env, timeout: 25_000 });

/** Every snippet says the same thing. */
async function expectSignedUp(more: object = {}): Promise<void> {
  await waitFor(async () => (await storedMessages(world)).length > 0);
  const delivered = [...(await deliveredById(world)).values()];
  expect(delivered).toMatchObject([
    { type: 'track', userId: 'user-1', event: 'Signed Up', properties: { plan: 'premium' }, ...more },
  ]);
}

describe.each(mountings)('with a gateway $place', ({ place, open }) => {
  beforeEach(async () => {
    world = await open({
      database,
      destinations: [],
      services: { gateway: true, scheduler: false },
      rest: { writeKeys: [writeKey] },
    });
    opened.add(world);
    directory = await scratchDirectory();
    opened.add({ stop: () => removeDirectory(directory) });
  });

  describe('snippets for Node', () => {
    /** A package as it is imported, and where it is installed here. */
    const rows = [
      { heading: '@segment/analytics-node', version: '3.1.0', installed: '@segment/analytics-node' },
      { heading: '@segment/analytics-node', version: '2.3.0', installed: 'analytics-node-2' },
      { heading: 'analytics-node', version: '6.2.0', installed: 'analytics-node' },
      {
        heading: '@rudderstack/rudder-sdk-node',
        version: '3.0.13',
        installed: '@rudderstack/rudder-sdk-node',
      },
    ] as const;

    it.each(rows)('$heading $version: the program ends, and its message is stored', async (row) => {
      const link = path.join(directory, 'node_modules', row.heading);
      await mkdir(path.dirname(link), { recursive: true });
      await symlink(packageDirectory(row.installed), link);
      await writeFile(path.join(directory, 'snippet.mjs'), withPath(row.heading));
      await runs(process.execPath, ['snippet.mjs']);
      await expectSignedUp({ context: { library: { version: row.version } } });
    });

    /** The one that replaces the path of its host is told the path as well, as its section says. */
    function withPath(heading: string): string {
      const { origin, pathname } = new URL(world.gateway);
      if (heading !== '@segment/analytics-node' || pathname === '/') return code(heading);
      return code(heading).replace(`'${world.gateway}'`, `'${origin}', path: '${pathname}/v1/batch'`);
    }

    const packageDirectory = (name: string): string => path.dirname(require.resolve(`${name}/package.json`));
  });

  describeWithCurl(`the snippet for curl, to a gateway ${place}`, () => {
    it('stores its message', async () => {
      await runs('/bin/sh', ['-c', code('curl')]);
      await expectSignedUp();
    });
  });

  describeWithPython(`the snippet for Python, to a gateway ${place}`, () => {
    it('stores its message', async () => {
      await writeFile(path.join(directory, 'snippet.py'), code('Python'));
      // Where Python finds its libraries is said by more variables than one.
      await runs('python3', ['snippet.py'], process.env);
      await expectSignedUp({ context: { library: { name: 'analytics-python' } } });
    });
  });

  describe('the snippet for e-mails', () => {
    it('is an image, and its message is stored', async () => {
      const url = /src="([^"]+)"/.exec(code('Pixel'))?.[1];
      const response = await fetch(url!, { headers: { 'user-agent': 'a mail client' } });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/gif']);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(30);
      await expectSignedUp({ context: { userAgent: 'a mail client', ip: '127.0.0.1' } });
    });
  });
});

describe('the other snippets', () => {
  it('are marked as untried', () => {
    expect(untried).toEqual(['Go', 'Ruby', 'PHP', 'Java', 'Swift', 'Kotlin']);
  });
});
