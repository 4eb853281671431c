import { readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  freePort,
  removeDirectory,
  requiring,
  scratchDirectory,
  testPostgres,
  waitFor,
  type TestPostgres,
} from '@fragment/testing';
import { Shell, type Running } from '../scaffold/shell.js';
import { blocksOf, commandsIn } from './blocks.js';
import { NOT_RUN, RUN_ELSEWHERE } from './command-table.js';
import { pages, root } from './pages.js';

const describeWithCurl = await requiring('curl', describe);

interface Group {
  readonly page: string;
  readonly commands: readonly string[];
}

const isRun = (command: string): boolean => !NOT_RUN.some(([pattern]) => pattern.test(command));
const fenced: readonly Group[] = [...pages()].flatMap(([page, text]) =>
  blocksOf(text)
    .filter(({ language, title }) => language === 'sh' && title === undefined)
    .map((block) => ({ page, commands: commandsIn(block) })),
);
const isOfAnotherShell = (command: string): boolean => /\| (source$|Out-String)/.test(command);
/** Examples at the end of the help texts. */
const examples = new Set(
  blocksOf(readFileSync(path.join(root, 'docs/cli/README.md'), 'utf8'))
    .flatMap(({ text }) => [...text.matchAll(/^ {2}(fragment .+)$/gm)].map(([, command = '']) => command))
    .filter((command) => !isOfAnotherShell(command)),
);
/** What this file runs: neither another test does, nor is it declared. Examples have tests of their own. */
const here = fenced
  .filter(({ page }) => !Object.hasOwn(RUN_ELSEWHERE, page) && !page.startsWith('examples/'))
  .map(({ page, commands }) => ({ page, commands: commands.filter(isRun) }))
  .filter(({ commands }) => commands.length > 0);

describe('commands of the pages', () => {
  it('are fenced as `sh`, so that nothing is left out', () => {
    const program = /^(?:\$ )?(?:npm|npx|pnpm|node|curl|docker|fragment|git|psql|pg_\w+) /m;
    const untagged = [...pages()].flatMap(([page, text]) =>
      blocksOf(text)
        .filter(
          ({ language, text }) => ['', 'bash', 'shell', 'console'].includes(language) && program.test(text),
        )
        .map(({ text }) => `${page}: ${text}`),
    );
    expect(untagged).toEqual([]);
    expect(fenced.length).toBeGreaterThan(30);
  });

  it('are run by the tests that are named, and only what occurs is declared as not run', () => {
    for (const [page, [file, title]] of Object.entries(RUN_ELSEWHERE)) {
      expect(fenced.some((group) => group.page === page)).toBe(true);
      expect(readFileSync(path.join(root, 'tests/src', file), 'utf8')).toContain(title);
    }
    const all = fenced.flatMap(({ commands }) => commands);
    const unused = NOT_RUN.filter(([pattern]) => !all.some((command) => pattern.test(command)));
    expect(unused).toEqual([]);
  });

  it('name no subcommand or flag that `fragment` does not have', () => {
    const help = readFileSync(path.join(root, 'docs/cli/README.md'), 'utf8');
    const text = [...pages().values()].join('\n');
    const groups = [...help.matchAll(/^Usage: fragment ([a-z]+) <command>/gm)].map(([, name = '']) => name);
    const named = [
      ...text.matchAll(new RegExp(`\`(?:npx )?fragment ((?:(?:${groups.join('|')}) )?[a-z]+)\\b`, 'g')),
    ];
    const known = [...help.matchAll(/^## fragment (.+)$/gm)].map(([, name = '']) => name);
    const wrong = named.map(([, name = '']) => name).filter((name) => ![...known, 'build'].includes(name));
    expect(wrong).toEqual([]);
    expect(groups.length).toBeGreaterThan(5);
    expect(named.length).toBeGreaterThan(20);
  });
});

const TOKEN = 'a-token-of-the-test-1234';
const CONFIG = `
import { log, rest, segmentflow } from '@fragment/runtime';
const no = (jobs) => jobs.map(({ id }) => ({ job: id, outcome: 'discarded', error: { code: 'NO', message: 'never' } }));
const mailchimp = { name: 'mailchimp', accepts: 'segment', actions: [{ name: 'identify', load: async (jobs) => no(jobs) }] };
const contacts = { name: 'contacts', mode: 'cron', schedule: '@yearly', extract: () => undefined };
const crm = { name: 'crm', triggers: [contacts] };
export default { sources: [rest({ flows: segmentflow }), crm], destinations: [log(), log({ name: 'amplitude' }), log({ name: 'webhook' }), mailchimp] };
`;

let postgres: TestPostgres;
let directory = '';
let shell: Shell;
/** Two of the same application: open to this machine, and with a token. */
const services = { open: { gateway: 0, scheduler: 0 }, closed: { gateway: 0, scheduler: 0 } };

describeWithCurl('commands of the pages, run', () => {
  beforeAll(async () => {
    postgres = await testPostgres();
    directory = await scratchDirectory();
    await prepare();
    shell = new Shell(directory, environment());
    for (const [name, ports] of Object.entries(services)) {
      Object.assign(ports, { gateway: await freePort(), scheduler: await freePort() });
      const token = name === 'closed' ? `FRAGMENT_ADMIN_TOKEN=${TOKEN} ` : '';
      const bind = `--bind ${ports.gateway}:9090 --bind ${ports.scheduler}:9091`;
      await begun(`${token}exec fragment start ${bind}`);
    }
  }, 120_000);

  afterAll(async () => {
    await shell.close();
    await removeDirectory(directory);
    await postgres.stop();
  });

  it.each(here.map(({ page, commands }) => [page, commands[0], commands] as const))(
    '%s: %s ...',
    async (_page, _first, commands) => {
      const background: Running[] = [];
      let script = 'set -e\ncurl() { command curl --silent --show-error --fail-with-body "$@"; }\n';
      for (const command of await Promise.all(commands.map(own))) {
        if (command.startsWith('cd ')) continue;
        if (!isLong(command)) script += `${command}\n`;
        else background.push(await begun(withPorts(command)));
      }
      await shell.run(script);
      for (const running of background) await running.interrupt();
    },
    120_000,
  );

  it('examples of the help texts', async () => {
    const commands = await Promise.all([...examples].map(own));
    const pieces = commands.filter((command) => command.startsWith('fragment generate'));
    for (const command of pieces) {
      await shell.run(command);
      // The next example adds to it.
      if (command.endsWith(' --dry-run')) await shell.run(command.replace(' --dry-run', ''));
    }
    const others = commands.filter((command) => !pieces.includes(command)).values();
    // One after another would take twice as long.
    const worker = async (): Promise<void> => {
      for (const command of others) await toItsEnd(command);
    };
    await Promise.all([worker(), worker(), worker()]);
    expect(commands.length).toBeGreaterThan(25);
  }, 240_000);
});

async function toItsEnd(command: string): Promise<void> {
  if (!isLong(command)) {
    await shell.run(command);
    return;
  }
  const running = await begun(`exec ${withPorts(command)}`);
  expect([command, await running.interrupt()]).toEqual([command, 0]);
}

/** What the pages take for granted: an application, its files, and a piece that an example adds to. */
async function prepare(): Promise<void> {
  await mkdir(path.join(directory, 'fixtures'));
  await symlink(path.join(root, 'tests/node_modules'), path.join(directory, 'node_modules'));
  const message = (type: string) => JSON.stringify({ type, userId: 'u1', event: 'Order Paid', traits: {} });
  const files = {
    'package.json': '{ "type": "module" }',
    'fragment.config.js': CONFIG,
    'fixtures/identify.json': message('identify'),
    'order.json': message('track'),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
}

const environment = (): Record<string, string> => ({
  PATH: `${path.join(directory, 'node_modules/.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
  HOME: directory,
  POSTGRES_STORE_URL: postgres.url,
});

const isLong = (command: string): boolean =>
  /^(?:npx )?fragment (?:dev|start|events tail)|^npm start|^curl -N/.test(command);

/** On ports that are free: of what it says itself, else of both services. */
function withPorts(command: string): string {
  const free = '--bind 0:9090 --bind 0:9091';
  if (command === 'npm start') return `npm start --prefix ${root} -- ${free}`;
  if (/fragment (?:dev|start)/.test(command) && !command.includes('--bind')) return `${command} ${free}`;
  return command.replace(/(?<=--bind (?:\S+:)?)\d+(?=:909[01]\b)/g, '0');
}

/** Starts it, and waits until it has begun its work. */
async function begun(command: string): Promise<Running> {
  const running = shell.start(command);
  const isReady = async (): Promise<boolean> => {
    // A stream says nothing before there is something to tell.
    if (command.startsWith('curl')) await identify('u1');
    return running.isOver || /Following\.|\n\n[^]*\n\n|^(?:id|event|data|:)/m.test(running.printed);
  };
  await waitFor(isReady, { timeoutMs: 90_000, intervalMs: 200, message: command });
  if (running.isOver) throw new Error(`${command} ended: ${running.printed}`);
  return running;
}

const identify = (userId: string): Promise<unknown> =>
  post(`http://127.0.0.1:${services.open.gateway}/v1/identify`, { userId });

/** A command with the ports, the token and the records of this test. */
async function own(command: string): Promise<string> {
  const ports =
    command.includes('FRAGMENT_ADMIN_TOKEN') || command.includes('cookies') ? services.closed : services.open;
  let text = command
    .replaceAll('127.0.0.1:9090', `127.0.0.1:${ports.gateway}`)
    .replaceAll('127.0.0.1:9091', `127.0.0.1:${ports.scheduler}`)
    .replaceAll('$FRAGMENT_ADMIN_TOKEN', TOKEN);
  if (/<\w+ id>/.test(text)) {
    const job = await discardedJob();
    text = text.replace('<job id>', job.id).replace('<event id>', job.event_id);
  }
  return text.includes('<order id>') ? text.replace('<order id>', await longOrder()) : text;
}

const store = (route: string): string =>
  `http://127.0.0.1:${services.open.scheduler}/admin/api/store/${route}`;

async function post(url: string, body: object): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  expect({ url, ok: answer.ok, text }).toEqual({ url, ok: true, text });
  return (JSON.parse(text) as { data?: unknown }).data;
}

async function discardedJob(): Promise<{ id: string; event_id: string }> {
  await identify('u9');
  let jobs: { id: string; event_id: string }[] = [];
  const isThere = async (): Promise<boolean> => {
    const answer = await fetch(store('jobs?jobs.destinations_in=mailchimp&jobs.status_in=discarded'));
    jobs = ((await answer.json()) as { data: typeof jobs }).data;
    return jobs.length > 0;
  };
  await waitFor(isThere, { timeoutMs: 30_000, message: 'a discarded job' });
  return jobs[0] ?? { id: '', event_id: '' };
}

/** An order that takes long enough to be cancelled. */
async function longOrder(): Promise<string> {
  for (let n = 0; n < 20; n += 1) await identify(`u${n}`);
  const where = { 'jobs.destinations_in': ['log'] };
  const order = (await post(store('bulks'), { kind: 'replay', where, rate_per_second: 1 })) as { id: string };
  return order.id;
}
