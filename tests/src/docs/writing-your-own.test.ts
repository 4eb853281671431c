import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort, removeDirectory, scratchDirectory, waitFor } from '@fragment/testing';

const page = readFileSync(new URL('../../../docs/destinations/writing-your-own.md', import.meta.url), 'utf8');

interface Block {
  readonly language: string;
  /** Where the reader saves it; absent for commands. */
  readonly title?: string;
  readonly text: string;
}

const blocks: readonly Block[] = [...page.matchAll(/^```(\w+)(?: title=(\S+))?\n(.*?)^```$/gms)].map(
  ([, language = '', title, text = '']) => ({ language, ...(title !== undefined && { title }), text }),
);
const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => linesOf(text));

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => path.dirname(require.resolve(`@fragment/${name}/package.json`));
const background: ChildProcess[] = [];
let folder = '';
let env: Record<string, string> = {};
/** The ports of the page, and those of this test. */
let ports: ReadonlyMap<string, number> = new Map();

beforeAll(async () => {
  folder = await scratchDirectory();
  const [crm, gateway, scheduler] = await Promise.all([freePort(), freePort(), freePort()]);
  ports = new Map([
    [':9090/', gateway],
    [':9091/', scheduler],
  ]);
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    CRM_PORT: String(crm),
    CRM_URL: `http://127.0.0.1:${crm}`,
    FRAGMENT_GATEWAY_PORT: String(gateway),
    FRAGMENT_SCHEDULER_PORT: String(scheduler),
  };
});

afterAll(async () => {
  await Promise.all(background.map(endGroup));
  await removeDirectory(folder);
});

it('leads to a job that succeeded', async () => {
  for (const { title, text } of blocks) {
    if (title === undefined) continue;
    await mkdir(path.dirname(path.join(folder, title)), { recursive: true });
    await writeFile(path.join(folder, title), text);
  }
  const answers: string[] = [];
  for (const command of commands) answers.push(await follow(command));

  const tested = answers[commands.indexOf('node --test')];
  expect(tested).toContain('A user becomes a contact');
  expect(tested).toMatch(/# fail 0$/m);
  const tried = commands.flatMap((command, at) => (command.includes('fragment test ') ? [answers[at]] : []));
  expect(tried).toEqual([
    expect.stringMatching(/PUT \/contacts\/u-1[^]*nothing is sent/),
    expect.stringMatching(/PUT \/contacts\/u-1[^]*Outcome +succeeded/),
  ]);
  const generated = answers[commands.findIndex((command) => command.includes('generate destination'))];
  expect(generated).toContain('destinations/helpdesk/vendor.fixture.ts');
  expect(commands.filter((command) => command.endsWith('&'))).toHaveLength(2);
  const [job] = (JSON.parse(answers.at(-1) ?? '') as { data: unknown[] }).data;
  expect(job).toMatchObject({ destination: 'crm', action: 'identify', status: 'succeeded', attempt: 1 });
}, 90_000);

/** Does what the reader does with one command, and returns what it printed. */
async function follow(command: string): Promise<string> {
  if (command.startsWith('npm install')) return link(command.match(/@fragment\/[\w-]+/g) ?? []);
  const own = [...ports].reduce((text, [from, to]) => text.replaceAll(from, `:${to}/`), command);
  if (own.endsWith('&')) return start(own);
  let printed = '';
  const isDone = async () => {
    printed = await run(own);
    return !own.includes('/store/jobs') || printed.includes('"succeeded"');
  };
  await waitFor(isDone, { timeoutMs: 60_000, intervalMs: 200, message: own });
  return printed;
}

/** What `npm install` would bring: this machine has the packages, no registry does. */
async function link(packages: readonly string[]): Promise<string> {
  const modules = path.join(folder, 'node_modules');
  await mkdir(path.join(modules, '@fragment'), { recursive: true });
  await mkdir(path.join(modules, '.bin'), { recursive: true });
  for (const name of packages)
    await symlink(folderOf(name.slice('@fragment/'.length)), path.join(modules, name));
  const command = path.join(modules, '.bin/fragment');
  await writeFile(command, `#!/bin/sh\nexec node ${path.join(folderOf('cli'), 'bin/fragment.js')} "$@"\n`);
  await chmod(command, 0o755);
  return packages.join();
}

/** Started as the leader of a group, so that everything it starts ends with it. */
async function start(command: string): Promise<string> {
  const child = spawn('bash', ['-c', `exec ${command.slice(0, -1)}`], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  background.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const health = command.includes('fragment')
    ? [...ports.values()].map((port) => `http://127.0.0.1:${port}/_health/ready`)
    : [env['CRM_URL'] ?? ''];
  await waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`);
      const answers = await Promise.all(health.map(statusOf));
      return answers.every((status) => status !== undefined && status < 500);
    },
    { timeoutMs: 60_000, intervalMs: 100, message: `${command}: ${said}` },
  );
  return said;
}

const statusOf = (url: string): Promise<number | undefined> =>
  fetch(url).then(
    ({ status }) => status,
    () => undefined,
  );

async function run(command: string): Promise<string> {
  const child = spawn('bash', ['-c', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${printed}${said}`);
  return printed;
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGTERM');
  await ended;
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
