import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  removeDirectory,
  scratchDirectory,
  testPostgres,
  waitFor,
  type TestPostgres,
} from '@fragment/testing';
import { Shell } from '../scaffold/shell.js';
import { pages } from './pages.js';

const documented = pages();
const page = (name: string): string => documented.get(name) ?? '';
const cli = createRequire(import.meta.url)
  .resolve('@fragment/cli/package.json')
  .replace(/package\.json$/, 'bin/fragment.js');

/** Nobody makes a directory there, root neither. */
const READ_ONLY = '/sys';
const AWAY = 'postgresql://127.0.0.1:1/none';
const STUBBORN = `export default { sources: [{ name: 'stubborn', triggers: [], shutdown: () => new Promise(() => {}) }] };`;

let postgres: TestPostgres;
let directory = '';
let port = 0;
const taken = createServer();
const shells: Shell[] = [];
/** The exit codes that this file has seen. */
const seen = new Set<number>();

beforeAll(async () => {
  postgres = await testPostgres();
  directory = await scratchDirectory();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  ({ port } = taken.address() as AddressInfo);
});

afterAll(async () => {
  await Promise.all(shells.map((shell) => shell.close()));
  taken.close();
  await removeDirectory(directory);
  await postgres.stop();
});

/** A terminal in a new directory, with this configuration. */
async function terminal(config = 'export default {};', env: Record<string, string> = {}): Promise<Shell> {
  const cwd = path.join(directory, String(Math.random()));
  await mkdir(cwd);
  await writeFile(path.join(cwd, 'fragment.config.js'), config);
  await writeFile(path.join(cwd, 'package.json'), '{ "type": "module" }');
  const inherited = { PATH: process.env['PATH'] ?? '', HOME: cwd, POSTGRES_STORE_URL: postgres.url };
  const shell = new Shell(cwd, { ...inherited, ...env });
  shells.push(shell);
  return shell;
}

/** What `docs/errors.md` says of a code. */
function entryOf(code: string): { readonly message: string; readonly advice: string } {
  const [, message = '', advice = ''] =
    new RegExp(`^### ${code}\\n\\nStatus \`\\d+\`\\. (.+)\\n\\n\\*\\*What to do:\\*\\* (.+)$`, 'm').exec(
      page('docs/errors.md'),
    ) ?? [];
  return { message, advice };
}

const FREE = '--bind 0:9090 --bind 0:9091';

describe('what goes wrong is said as documented', () => {
  it.each([
    [
      'a misspelt option',
      'start --servce gateway --json',
      {},
      2,
      'FRAGMENT_CLI_USAGE',
      'Did you mean --service?',
    ],
    [
      'a missing service',
      'migrations status',
      { POSTGRES_STORE_URL: AWAY },
      4,
      'FRAGMENT_STORE_UNAVAILABLE',
      'ECONNREFUSED',
    ],
    [
      'a taken port',
      `start --bind <port>:9090 --bind 0:9091`,
      {},
      6,
      'FRAGMENT_SERVICE_PORT_TAKEN',
      '<port>',
    ],
    [
      'a read-only directory for the data',
      `start ${FREE}`,
      { POSTGRES_STORE_URL: '', FRAGMENT_DATA_DIR: `${READ_ONLY}/data` },
      1,
      'FRAGMENT_EMBEDDED_FAILED',
      `mkdir '${READ_ONLY}/data'`,
    ],
    [
      'a read-only directory for new files',
      `generate destination --name crm --path ${READ_ONLY}/crm`,
      {},
      1,
      'FRAGMENT_SCAFFOLD_NOT_WRITTEN',
      `mkdir '${READ_ONLY}/crm'`,
    ],
    [
      'a bad configuration',
      'check',
      { FRAGMENT_GATEWAY_PORT: 'x' },
      3,
      'FRAGMENT_CONFIG_INVALID',
      'FRAGMENT_GATEWAY_PORT must',
    ],
    ['no configuration', 'check --cwd /', {}, 3, 'FRAGMENT_CONFIG_NOT_FOUND', 'There is none in /'],
    ['nothing that matches', 'jobs list --fail-if-empty', {}, 5, 'FRAGMENT_CLI_NOTHING_MATCHED', ''],
    ['a command to come', 'migrations ack', {}, 2, 'FRAGMENT_CLI_LATER', '`ack` waits for'],
  ])(
    '%s: %s',
    async (_what, args, env, code, name, detail) => {
      const shell = await terminal(undefined, env);
      const running = shell.start(`node ${cli} ${args.replace('<port>', String(port))}`);
      expect({ code: await running.end(), printed: running.printed }).toMatchObject({ code });
      seen.add(code);
      const { message, advice } = entryOf(name);
      const anchor = `docs/errors.md#${name.toLowerCase()}`;
      for (const part of [name, message, advice, anchor, detail.replace('<port>', String(port))])
        expect(running.printed).toContain(part);
      expect(message).not.toBe('');
    },
    60_000,
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s a second time: exit code %i',
    async (signal, code) => {
      const shell = await terminal(STUBBORN);
      const running = shell.start(`exec node ${cli} start ${FREE}`);
      await waitFor(() => /scheduler|dashboard/.test(running.printed) || running.isOver, {
        timeoutMs: 30_000,
        message: 'the start',
      });
      let ended = false;
      const end = running.end().then((it) => ((ended = true), it));
      await waitFor(
        () => {
          if (!ended) void running.interrupt(signal);
          return ended;
        },
        { timeoutMs: 30_000, intervalMs: 200, message: 'its end' },
      );
      expect(await end).toBe(code);
      seen.add(code);
    },
    60_000,
  );

  it('ends quietly when nobody reads on', async () => {
    const shell = await terminal();
    const said = await shell.run(`node ${cli} completion bash | true; echo "code \${PIPESTATUS[0]}"`);
    expect(said).toBe('code 0\n');
  });

  it('provokes every exit code that is documented', async () => {
    const shell = await terminal();
    await shell.run(`node ${cli} version`);
    seen.add(0);
    for (const name of ['docs/cli/README.md', 'packages/cli/README.md']) {
      const codes = [...page(name).matchAll(/^\| ([\d, ]+?) +\| /gm)].flatMap(([, cell = '']) =>
        cell.split(', ').map(Number),
      );
      expect(new Set(codes)).toEqual(seen);
    }
  });
});
