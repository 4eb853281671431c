import { afterEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { requiring, waitFor } from '@fragment/testing';
import {
  addressesIn,
  cleanUp,
  project,
  result,
  send,
  started,
  usedProject,
  type Running,
} from './process.fixture.js';

afterEach(cleanUp);

const configOf = (name: string): string => `
  import { nameOf } from './parts/name.ts';
  const action = { name: 'track', load: async (jobs) => jobs.map(({ id }) => ({ job: id, outcome: 'succeeded' })) };
  // A leftover of the project's own: the next generation must not have to wait for it.
  setInterval(() => undefined, 1000);
  export default { destinations: [{ name: nameOf('${name}'), accepts: 'segment', actions: [action] }] };`;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const pidsIn = (output: string): number[] => [
  ...new Set([...output.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid))),
];

async function destinations({ stderr }: Running): Promise<string[]> {
  const answer = await fetch(`${addressesIn(stderr).scheduler}/admin/api/destinations`);
  return ((await answer.json()) as { data: { name: string }[] }).data.map(({ name }) => name);
}

/** What a line prints in a shell. */
const shell = async (line: string): Promise<string> =>
  (await promisify(execFile)('sh', ['-c', `${line} --silent --show-error --fail`])).stdout;

const greetings = ({ stderr }: Running): number => stderr.split('For development only').length - 1;

describe('dev', () => {
  it('starts again when a file changes, says what is wrong with it, and leaves nothing behind', async () => {
    const cwd = await usedProject({ 'fragment.config.ts': configOf('one') });
    await mkdir(path.join(cwd, 'parts'));
    const part = path.join(cwd, 'parts', 'name.ts');
    await writeFile(part, 'export const nameOf = (name: string): string => name;');
    const dev = await started(cwd, ['dev'], { FRAGMENT_WRITE_KEYS: 'web:wk_dev_1' });
    expect(dev.stderr).toMatch(
      /write key +wk_dev_1\n +dashboard +http:\S+\/admin\n +store +embedded PostgreSQL/,
    );
    expect(await destinations(dev)).toEqual(['one']);
    expect((await send(dev.gateway)).status).toBe(401);

    await writeFile(part, 'export const nameOf = (name: string): string => `${name}-more`;');
    await waitFor(() => greetings(dev) === 2, { timeoutMs: 30_000 });
    expect(dev.stderr).toContain('Changed: parts/name.ts. Starting again.');
    expect(await destinations(dev)).toEqual(['one-more']);

    await writeFile(path.join(cwd, 'fragment.config.ts'), 'export default 5;');
    await waitFor(() => dev.stderr.includes('Waiting for a change'), { timeoutMs: 30_000 });
    expect(dev.stderr).toContain('FRAGMENT_CONFIG_NOT_LOADED');
    await writeFile(path.join(cwd, 'fragment.config.ts'), configOf('two'));
    await waitFor(() => greetings(dev) === 3, { timeoutMs: 30_000 });
    expect(await destinations(dev)).toEqual(['two-more']);

    dev.process.kill('SIGINT');
    expect(await dev.code).toBe(0);
    const pids = pidsIn(dev.stdout);
    expect(pids).toHaveLength(3);
    expect(pids.filter(isAlive)).toEqual([]);
  }, 120_000);

  it('passes on that it is told a second time, and ends as the application does', async () => {
    const cwd = await usedProject({
      'fragment.config.js': `
        export default { sources: [{ name: 'stubborn', triggers: [], shutdown: () => new Promise(() => {}) }] };`,
    });
    const dev = await started(cwd, ['dev']);
    const [pid = 0] = pidsIn(dev.stdout);
    const again = (): boolean => dev.process.exitCode !== null || !dev.process.kill('SIGTERM');
    await waitFor(again, { timeoutMs: 20_000, intervalMs: 200 });
    expect(await dev.code).toBe(143);
    expect(dev.stdout).toContain('"msg":"stopping"');
    expect(isAlive(pid)).toBe(false);
  }, 60_000);

  it('takes the application with it when it is killed', async () => {
    const cwd = await usedProject({ 'fragment.config.js': 'export default {};' });
    const dev = await started(cwd, ['dev']);
    const [pid = 0] = pidsIn(dev.stdout);
    expect(isAlive(pid)).toBe(true);
    dev.process.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), { timeoutMs: 20_000 });
  }, 60_000);

  it('ends at once when there is nothing to watch, or something else is in the way', async () => {
    expect((await result(await project({}), ['dev'])).code).toBe(3);
    const cwd = await usedProject({ 'fragment.config.js': 'export default {};' });
    const first = await started(cwd);
    const { port } = new URL(first.gateway);
    const taken = await result(cwd, ['dev', '--bind', `${port}:9090`, '--bind', '0:9091']);
    expect(taken).toMatchObject({ code: 6, stderr: expect.stringContaining('FRAGMENT_SERVICE_PORT_TAKEN') });
  }, 60_000);
});

const describeWithCurl = await requiring('curl', describe);

describeWithCurl('what dev says to try', () => {
  it('works as it is printed', async () => {
    const cwd = await usedProject({ 'fragment.config.js': 'export default { name: "tried" };' });
    const dev = await started(cwd, ['dev'], { FRAGMENT_WRITE_KEYS: 'web:wk_dev_1' });
    const [message = '', jobs = ''] = [...dev.stderr.matchAll(/^ +(curl .+)$/gm)].map(
      ([, line]) => line ?? '',
    );
    expect(message).toContain("curl -u 'wk_dev_1:'");
    expect(JSON.parse(await shell(message))).toMatchObject({ success: true });
    await waitFor(async () => (await shell(jobs)).includes('"destination":"log"'));
    const [, dashboard = ''] = /dashboard +(\S+)/.exec(dev.stderr) ?? [];
    expect((await fetch(dashboard)).headers.get('content-type')).toContain('text/html');
    dev.process.kill('SIGTERM');
    expect(await dev.code).toBe(0);
  }, 60_000);
});
