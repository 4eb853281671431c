import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  freePort,
  removeDirectory,
  requiring,
  scratchDirectory,
  startFakeVendor,
  waitFor,
} from '@fragment/testing';
import { blocksOf, commandsIn, notPrinted } from '../docs/blocks.js';
import { analyticsNode3 } from '../wire/sdks.js';
import { createCommand, npmEnvironment, packAll, root } from './packed.js';
import { Shell, type Running } from './shell.js';

const describeWithRegistry = await requiring('registry', describe);

/** One of everything. A name may be used by several kinds, be a word of the language, or one that the code uses itself. */
const COMMANDS = [
  'source --name crm --hooks --migrations',
  'trigger --name order --mode http --path sources/crm --hooks --migrations',
  'trigger --name pulse --mode cron --path sources/crm',
  'trigger --name change --mode cdc --path sources/crm --hooks',
  'trigger --name message --mode subscription --path sources/crm',
  'source --name delete',
  'trigger --name fetch --mode http --path sources/delete',
  'destination --name billing --hooks --migrations',
  'action --name identify --path destinations/billing --hooks',
  'action --name order-completed --path destinations/billing --migrations',
  'destination --name track',
  'action --name track-2 --path destinations/track',
  'flow --name order-completed',
  'flow --name rest',
  'migration --name add_users',
];

const atTheEnd: (() => Promise<unknown>)[] = [];
let scratch = '';
let tarballs = '';
let shell: Shell;
/** The ports of the page, and those of this test. */
let ports: ReadonlyMap<string, number>;

beforeAll(async () => {
  scratch = await scratchDirectory();
  tarballs = await packAll(scratch);
  const [gateway, scheduler, vendor] = [await freePort(), await freePort(), await freePort()];
  ports = new Map([
    ['9090', gateway],
    ['9091', scheduler],
    ['4000', vendor],
  ]);
  const apps = path.join(scratch, 'apps');
  await mkdir(apps);
  shell = new Shell(apps, {
    ...(await npmEnvironment(scratch)),
    FRAGMENT_GATEWAY_PORT: String(gateway),
    FRAGMENT_SCHEDULER_PORT: String(scheduler),
  });
}, 120_000);

afterAll(async () => {
  for (const end of atTheEnd) await end();
  await shell.close();
  await removeDirectory(scratch);
});

const here = (text: string): string =>
  [...ports].reduce((own, [from, to]) => own.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), String(to)), text);

const isReady = (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${String(ports.get('9090'))}/_health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Goes through a page as its reader does, and returns what still runs at its end, by the command. */
class Reader {
  readonly beside = new Map<string, Running>();
  #printed = '';
  #last = '';

  async read(page: string): Promise<void> {
    for (const { language, title, text } of blocksOf(page)) {
      if (title !== undefined) await writeFile(path.join(shell.cwd, title), here(text));
      else if (language === 'sh') await this.#typeAll(commandsIn({ language, text }));
      else if (language === 'text') await this.#shows(here(text));
    }
  }

  async #typeAll(commands: readonly string[]): Promise<void> {
    this.#printed = '';
    for (const command of commands) await this.#type(here(command));
  }

  async #type(command: string): Promise<void> {
    this.#last = command;
    const [, directory] = /^cd (.+)$/.exec(command) ?? [];
    const [, args] = /^npm create fragment@latest (.+)$/.exec(command) ?? [];
    if (directory !== undefined) shell.cwd = path.join(shell.cwd, directory);
    else if (command.startsWith('curl')) {
      // The reader sees that it has started.
      await waitFor(isReady, { timeoutMs: 60_000, message: command });
      this.#printed += await shell.run(command);
    } else if (/^(npm run dev|npx fragment events tail|node -e)/.test(command)) await this.#leave(command);
    else
      this.#printed += await shell.run(
        args === undefined ? command : await createCommand(tarballs, args.replace(' -- ', ' ')),
      );
  }

  /** Leaves it running, in the terminal of the one before unless that is the application. */
  async #leave(command: string): Promise<void> {
    if (command.startsWith('node')) await this.beside.get('npx fragment events tail')?.interrupt();
    const running = shell.start(command);
    this.beside.set(command, running);
    if (!command.includes('tail')) return;
    await waitFor(() => running.printed.includes('Following.'), {
      timeoutMs: 60_000,
      message: 'the tail follows',
    });
  }

  /** What the page shows has been printed, or will be; what tells a state is asked again. */
  async #shows(text: string): Promise<void> {
    let missing: string | undefined;
    const isShown = async (): Promise<boolean> => {
      const printed = [this.#printed, ...[...this.beside.values()].map((running) => running.printed)];
      const differences = printed.map((one) => notPrinted(text, one));
      missing = differences[0];
      if (differences.includes(undefined)) return true;
      if (this.#last.startsWith('npx fragment jobs')) this.#printed = await shell.run(this.#last);
      return false;
    };
    await waitFor(isShown, { timeoutMs: 60_000, intervalMs: 200, message: text }).catch(() => {
      throw new Error(`The page shows "${String(missing)}". ${this.#last} printed:\n${this.#printed}`);
    });
  }
}

const fragment = (args: string): Promise<string> => shell.run(`node_modules/.bin/fragment ${args}`);
const tool = (name: string): string => path.join(root, 'node_modules/.bin', name);
const files = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory, { recursive: true })).filter(
    (file) => !/node_modules|dist|\.fragment/.test(file),
  );

describeWithRegistry('the packages as they are published', () => {
  it('lead through the first page, which shows what they print', async () => {
    const reader = new Reader();
    await reader.read(await readFile(path.join(root, 'docs/getting-started.md'), 'utf8'));
    expect([...reader.beside.keys()]).toHaveLength(3);
    expect(reader.beside.get('npx fragment events tail')?.isOver).toBe(true);
    for (const running of reader.beside.values()) await running.interrupt();
    expect(existsSync(path.join(shell.cwd, '.fragment/data/postmaster.pid'))).toBe(false);
    await rm(path.join(shell.cwd, '.env'));
  }, 400_000);

  it('make with `generate application` what `npm create` makes', async () => {
    await fragment(`generate application --cwd ${scratch} --name my-cdp --packages ${tarballs}`);
    const other = path.join(scratch, 'my-cdp');
    const command = await createCommand(tarballs, 'my-cdp --path created');
    await shell.run(`cd ${scratch} && ${command}`);
    for (const file of await files(other))
      expect([file, await readFile(path.join(scratch, 'created', file), 'utf8')]).toEqual([
        file,
        await readFile(path.join(other, file), 'utf8'),
      ]);
  }, 120_000);

  it('generate one of everything, which builds, and whose tests pass', async () => {
    for (const command of COMMANDS) await fragment(`generate ${command}`);
    expect(await fragment('build')).toContain('fragment.config.ts is valid.');
    const printed = await shell.run('npm test');
    expect(printed).toMatch(/^# fail 0$/m);
    expect((await files(shell.cwd)).filter((file) => file.endsWith('.test.ts'))).toHaveLength(19);
    expect(Number(/^# pass (\d+)$/m.exec(printed)?.[1])).toBeGreaterThan(55);
  }, 400_000);

  it('write code that passes its own lint and that of this repository, and is formatted', async () => {
    await shell.run('npm run lint');
    for (const file of ['eslint.config.mjs', 'config', '.prettierrc.json'])
      await cp(path.join(root, file), path.join(scratch, file), { recursive: true });
    await symlink(path.join(root, 'node_modules'), path.join(scratch, 'node_modules'));
    await shell.run(`cd ${scratch} && ${tool('eslint')} --config eslint.config.mjs apps`);
    await shell.run(
      `cd ${scratch} && ${tool('prettier')} --check --ignore-unknown apps '!**/dist/**' '!**/node_modules/**' '!**/*.sql'`,
    );
  }, 400_000);

  it('turn what an SDK sends, requests and ticks into succeeded jobs of the generated destination, and stop', async () => {
    const billing = await startFakeVendor(() => ({ status: 200, body: { ok: true } }));
    atTheEnd.push(() => billing.stop());
    const pulse = path.join(shell.cwd, 'sources/crm/pulse.ts');
    await writeFile(pulse, (await readFile(pulse, 'utf8')).replace('@every 1h', '@every 1s'));
    await writeFile(
      path.join(shell.cwd, '.env'),
      `BILLING_ENDPOINT=${billing.url}\nBILLING_API_KEY=the-key\n`,
    );
    const server = shell.start('node_modules/.bin/fragment start');
    const gateway = `http://127.0.0.1:${String(ports.get('9090'))}`;
    await waitFor(async () => server.isOver || isReady(), { timeoutMs: 60_000, message: 'the start' });
    expect({ over: server.isOver, printed: server.printed }).toMatchObject({ over: false });

    const sdk = analyticsNode3.create({ base: gateway, writeKey: 'any' });
    sdk.call('identify', { userId: 'u-2', traits: { plan: 'basic' } });
    sdk.call('track', { userId: 'u-3', event: 'Order Completed' });
    await sdk.flush();
    const order = { id: '7', userId: 'u-1', properties: { total: 20 } };
    expect(await statusOf(`${gateway}/crm/order`, order)).toBe(200);
    expect(await statusOf(`${gateway}/crm/order`, { properties: 1 })).toBe(400);

    const wanted = [
      'crm/order track',
      'crm/pulse track',
      'rest/identify identify',
      'rest/track order-completed',
    ];
    const isDone = async (): Promise<boolean> => {
      const jobs = await succeeded('billing');
      return wanted.every((one) => jobs.includes(one));
    };
    await waitFor(isDone, { timeoutMs: 60_000, intervalMs: 200, message: wanted.join() });
    expect(new Set(billing.requests.map((request) => request.path))).toEqual(
      new Set(['/track', '/identify', '/order-completed']),
    );
    expect(billing.requests[0]?.headers.authorization).toBe('Bearer the-key');

    expect(await server.interrupt()).toBe(0);
    expect(existsSync(path.join(shell.cwd, '.fragment/data/postmaster.pid'))).toBe(false);
  }, 400_000);
});

async function statusOf(url: string, body: object): Promise<number> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  await response.body?.cancel();
  return response.status;
}

/** Jobs that succeeded there, as `source/trigger action`. */
async function succeeded(destination: string): Promise<readonly string[]> {
  const store = `http://127.0.0.1:${String(ports.get('9091'))}/admin/api/store`;
  const read = async <T>(path: string): Promise<T> =>
    ((await (await fetch(`${store}/${path}`)).json()) as { data: T }).data;
  const jobs = await read<{ action: string; event_id: string }[]>(
    `jobs?jobs.destinations_in=${destination}&jobs.status_in=succeeded`,
  );
  return Promise.all(
    jobs.map(async ({ action, event_id }) => {
      const { source, trigger } = await read<{ source: string; trigger: string }>(`events/${event_id}`);
      return `${source}/${trigger} ${action}`;
    }),
  );
}
