import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  freePort,
  removeDirectory,
  scratchDirectory,
  startFakeVendor,
  testPostgres,
  waitFor,
} from '@fragment/testing';

const root = path.resolve(import.meta.dirname, '../../..');
const require = createRequire(import.meta.url);
const folderOf = (name: string): string => path.dirname(require.resolve(`${name}/package.json`));
const cli = path.join(folderOf('@fragment/cli'), 'bin/fragment.js');
const creator = path.join(folderOf('create-fragment'), 'bin/create-fragment.js');
const execute = promisify(execFile);

/** One of everything. A name may be used by several kinds, be a word of the language, or one that the code uses itself. */
const COMMANDS = [
  'source --name crm --hooks --migrations',
  'trigger --name order --mode http --path sources/crm --hooks --migrations',
  'trigger --name pulse --mode cron --path sources/crm',
  'trigger --name change --mode cdc --path sources/crm --hooks',
  'trigger --name message --mode subscription --path sources/crm',
  'source --name delete',
  'trigger --name fetch --mode http --path sources/delete',
  'destination --name crm --hooks --migrations',
  'action --name identify --path destinations/crm --hooks',
  'action --name order-completed --path destinations/crm --migrations',
  'destination --name track',
  'action --name track-2 --path destinations/track',
  'flow --name order-completed',
  'flow --name rest',
  'migration --name add_users',
];

const page = await readFile(path.join(root, 'docs/cli/generate.md'), 'utf8');
/** What the manual tells the reader to write, after the application itself. */
const documented = [...page.matchAll(/^npx fragment generate ((?!application).+)$/gm)].map(
  (match) => match[1] ?? '',
);

let scratch = '';
let app = '';

const env = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: scratch, CI: '1' });

/** A program in the application's directory; what it printed, or an error with all of it. */
async function run(file: string, args: readonly string[], cwd = app): Promise<string> {
  try {
    const { stdout } = await execute(file, args, { cwd, env: env(), maxBuffer: 10_000_000 });
    return stdout;
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`, { cause: error });
  }
}

const node = (script: string, ...args: string[]) => run(process.execPath, [script, ...args]);
const tool = (name: string): string => path.join(root, 'node_modules/.bin', name);

/** What `npm install` would bring: this machine has the packages, no registry does. */
async function install(directory: string): Promise<void> {
  const modules = path.join(directory, 'node_modules');
  for (const scope of ['@fragment', '@types', '.bin'])
    await mkdir(path.join(modules, scope), { recursive: true });
  const manifest = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const ours = ['typescript', 'eslint', 'typescript-eslint', '@types/node'];
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const target = ours.includes(name) ? path.join(root, 'node_modules', name) : folderOf(name);
    await symlink(target, path.join(modules, name));
  }
  for (const name of ['tsc', 'eslint']) await symlink(tool(name), path.join(modules, '.bin', name));
}

async function generateAll(
  commands: readonly string[],
  directory: string,
  ...flags: string[]
): Promise<void> {
  for (const command of commands)
    await run(process.execPath, [cli, 'generate', ...command.split(' '), ...flags], directory);
}

beforeAll(async () => {
  scratch = await scratchDirectory();
  // Where the repository's own rules expect an application.
  app = path.join(scratch, 'apps/my-cdp');
  await mkdir(path.dirname(app));
  await run(
    process.execPath,
    [creator, 'my-cdp', '--destinations', 'amplitude,mailchimp,segment,webhook'],
    path.dirname(app),
  );
  await install(app);
  await generateAll(COMMANDS, app);
}, 120_000);

afterAll(() => removeDirectory(scratch));

describe('one of everything that can be generated', () => {
  it('compiles, and its tests pass', async () => {
    const printed = await run('npm', ['test']);
    expect(printed).toMatch(/^# fail 0$/m);
    const tests = (await readdir(app, { recursive: true })).filter(
      (file) => file.endsWith('.test.ts') && !file.includes('node_modules'),
    );
    expect(tests).toHaveLength(17);
    expect(Number(/^# pass (\d+)$/m.exec(printed)?.[1])).toBeGreaterThan(50);
  }, 240_000);

  it('passes its own lint and that of this repository, and is formatted', async () => {
    await run(tool('eslint'), ['.']);
    for (const file of ['eslint.config.mjs', 'config', '.prettierrc.json'])
      await cp(path.join(root, file), path.join(scratch, file), { recursive: true });
    await symlink(path.join(root, 'node_modules'), path.join(scratch, 'node_modules'));
    await run(tool('eslint'), ['--config', 'eslint.config.mjs', 'apps'], scratch);
    await run(
      tool('prettier'),
      ['--check', 'apps', '!**/dist/**', '!**/node_modules/**', '!**/*.sql', '--ignore-unknown'],
      scratch,
    );
  }, 240_000);

  it('is written by every command of the manual; without comments, when none are wanted, it compiles all the same', async () => {
    const plain = path.join(scratch, 'my-cdp');
    const [application] = /(?<=^npx fragment )generate application .+$/m.exec(page) ?? [''];
    await run(process.execPath, [cli, ...application.split(' '), '--no-comments'], scratch);
    await install(plain);
    expect(documented).toHaveLength(10);
    const readme = await readFile(path.join(plain, 'README.md'), 'utf8');
    const shown = [...readme.matchAll(/^npx fragment generate (.+)$/gm)].map((match) => match[1]);
    expect(shown.filter((command) => !documented.includes(command ?? ''))).toEqual([]);
    await generateAll(documented, plain, '--no-comments');
    await run(tool('tsc'), ['--noEmit'], plain);
    const files = (await readdir(plain, { recursive: true })).filter(
      (file) => /\.(ts|js|sql|yml)$/.test(file) && !file.includes('node_modules'),
    );
    const commented: string[] = [];
    for (const file of files) {
      const text = await readFile(path.join(plain, file), 'utf8');
      if (/^\s*(?:\/\/(?! fragment:)|\/\*|--|#(?! fragment:))/m.test(text)) commented.push(file);
    }
    expect(files.length).toBeGreaterThan(25);
    expect(commented).toEqual([]);
  }, 120_000);

  it('changes nothing in a dry run, which tells the same as the run itself', async () => {
    const before = await readdir(app, { recursive: true });
    const config = await readFile(path.join(app, 'fragment.config.ts'), 'utf8');
    const args = ['generate', 'destination', '--name', 'billing', '--json'];
    const planned = JSON.parse(await node(cli, ...args, '--dry-run')) as object;
    expect(await readdir(app, { recursive: true })).toEqual(before);
    expect(await readFile(path.join(app, 'fragment.config.ts'), 'utf8')).toBe(config);
    const other = path.join(scratch, 'other');
    await cp(app, other, { recursive: true, filter: (file) => !file.includes('node_modules') });
    const written = JSON.parse(await run(process.execPath, [cli, ...args], other)) as object;
    expect(planned).toEqual({ ...written, dry_run: true, root: app });
    expect(planned).toMatchObject({
      kind: 'destination',
      name: 'billing',
      updated: [{ path: 'fragment.config.ts' }, { path: '.env.example' }],
      unregistered: [],
    });
  }, 60_000);
});

describe('the generated application', () => {
  let server: ChildProcess | undefined;
  const cleanups: (() => Promise<unknown>)[] = [];

  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  it('turns requests, ticks and messages into succeeded jobs of the generated destination', async () => {
    const crm = await startFakeVendor(() => ({ status: 200, body: { ok: true } }));
    const postgres = await testPostgres();
    cleanups.push(
      () => crm.stop(),
      () => postgres.stop(),
    );
    const pulse = path.join(app, 'sources/crm/pulse.ts');
    await writeFile(pulse, (await readFile(pulse, 'utf8')).replace('@every 1h', '@every 1s'));
    const [gateway, scheduler] = [await freePort(), await freePort()];
    server = spawn(process.execPath, [cli, 'start'], {
      cwd: app,
      env: {
        ...env(),
        CRM_ENDPOINT: crm.url,
        CRM_API_KEY: 'the-key',
        POSTGRES_STORE_URL: postgres.url,
        FRAGMENT_GATEWAY_PORT: String(gateway),
        FRAGMENT_SCHEDULER_PORT: String(scheduler),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [server.stdout, server.stderr])
      stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ready = () =>
      fetch(`http://127.0.0.1:${gateway}/_health/ready`).then(
        ({ ok }) => ok,
        () => server?.exitCode !== null,
      );
    await waitFor(ready, { timeoutMs: 60_000, message: 'the application starts' });
    expect({ ended: server.exitCode, said }).toEqual({ ended: null, said });

    const send = async (route: string, body: object): Promise<number> => {
      const response = await fetch(`http://127.0.0.1:${gateway}${route}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      return response.status;
    };
    expect(await send('/crm/order', { id: '7', userId: 'u-1', properties: { total: 20 } })).toBe(200);
    expect(await send('/crm/order', { properties: 1 })).toBe(400);
    expect(await send('/v1/identify', { userId: 'u-2', traits: { plan: 'basic' } })).toBe(200);
    expect(await send('/v1/track', { userId: 'u-3', event: 'Order Completed' })).toBe(200);

    const wanted = [
      'crm/order track',
      'crm/pulse track',
      'rest/identify identify',
      'rest/track order-completed',
    ];
    const url = `http://127.0.0.1:${scheduler}/admin/api/store/jobs?jobs.destinations_in=crm&jobs.status_in=succeeded`;
    const triggers = new Map<string, string>();
    const seen = async (): Promise<boolean> => {
      const { data } = (await (await fetch(url)).json()) as { data: { action: string; event_id: string }[] };
      for (const { event_id } of data) {
        if (triggers.has(event_id)) continue;
        const answer = await fetch(`http://127.0.0.1:${scheduler}/admin/api/store/events/${event_id}`);
        const event = ((await answer.json()) as { data: { source: string; trigger: string } }).data;
        triggers.set(event_id, `${event.source}/${event.trigger}`);
      }
      const jobs = data.map(({ event_id, action }) => `${String(triggers.get(event_id))} ${action}`);
      return wanted.every((one) => jobs.includes(one));
    };
    await waitFor(seen, { timeoutMs: 60_000, intervalMs: 200, message: wanted.join() });
    expect(new Set(crm.requests.map((request) => request.path))).toEqual(
      new Set(['/track', '/identify', '/order-completed']),
    );
    expect(crm.requests[0]?.headers.authorization).toBe('Bearer the-key');
  }, 120_000);
});
