import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeDirectory, scratchDirectory } from '@fragment/testing';

const bin = path.join(import.meta.dirname, '../bin/create-fragment.js');
const directories: string[] = [];

afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => removeDirectory(directory)));
});

async function emptyDirectory(): Promise<string> {
  const directory = await scratchDirectory();
  directories.push(directory);
  return directory;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as npm runs it, where nobody can be asked. */
function create(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env['PATH'] ?? '', ...env } };
    const child = execFile(process.execPath, [bin, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

describe('create-fragment', () => {
  it('makes an application and says what comes next', async () => {
    const cwd = await emptyDirectory();
    const agent = { npm_config_user_agent: 'pnpm/12.21.0 npm/? node/v20.20.2 linux x64' };
    const ended = await create(cwd, ['my-cdp', '--destinations', 'webhook, amplitude'], agent);
    expect(ended).toEqual({
      code: 0,
      stdout: 'Created my-cdp (9 files)\n',
      stderr: 'Next:\n  cd my-cdp\n  pnpm install\n  pnpm run dev\n',
    });
    const config = await readFile(path.join(cwd, 'my-cdp/fragment.config.ts'), 'utf8');
    expect(config).toContain(`import { amplitude } from '@fragment/destination-amplitude';`);
    expect(config).toContain(`import { webhook } from '@fragment/destination-webhook';`);
    expect(config).not.toContain('mailchimp');
  });

  it('takes every answer as a flag, and one JSON document is all it prints', async () => {
    const cwd = await emptyDirectory();
    const flags = ['--name', 'shop', '--path', 'below/here', '--no-comments', '--json'];
    const { code, stdout, stderr } = await create(cwd, flags);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'application',
      name: 'shop',
      root: path.join(cwd, 'below/here'),
      dry_run: false,
      next: ['cd below/here', 'npm install', 'npm run dev'],
    });
    expect(existsSync(path.join(cwd, 'below/here/package.json'))).toBe(true);
  });

  it('writes nothing in a dry run', async () => {
    const cwd = await emptyDirectory();
    const { code, stdout } = await create(cwd, ['my-cdp', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('CREATE my-cdp/package.json\n');
    expect(existsSync(path.join(cwd, 'my-cdp'))).toBe(false);
  });

  it('names what is in the way, with exit code 6', async () => {
    const cwd = await emptyDirectory();
    await mkdir(path.join(cwd, 'my-cdp'));
    await writeFile(path.join(cwd, 'my-cdp/notes.txt'), 'mine');
    const { code, stderr } = await create(cwd, ['my-cdp']);
    expect(code).toBe(6);
    expect(stderr).toContain('FRAGMENT_SCAFFOLD_CONFLICT');
    expect(stderr).toContain(path.join(cwd, 'my-cdp/notes.txt'));
    const { stdout } = await create(cwd, ['my-cdp', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'FRAGMENT_SCAFFOLD_CONFLICT' } });
    expect(existsSync(path.join(cwd, 'my-cdp/package.json'))).toBe(false);
  });

  it.each([
    [[], 'A name is needed'],
    [['My CDP'], 'must be lower-case letters'],
    [['a', '--name', 'b'], 'both a and b'],
    [['a', '--destinations', 'amplitude,amplitud'], '"amplitud" is none of'],
    [['a', '--destination', 'amplitude'], 'Did you mean --destinations?'],
    [['a', 'b'], 'too many arguments'],
    [['a', '--packages', 'nowhere'], '--packages: there is no'],
  ])('does not understand %j, with exit code 2', async (args, sentence) => {
    const cwd = await emptyDirectory();
    const { code, stderr } = await create(cwd, args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) });
    const json = await create(cwd, [...args, '--json']);
    expect({ code: json.code, ...(JSON.parse(json.stdout) as object) }).toMatchObject({
      code: 2,
      error: { code: 'FRAGMENT_CLI_USAGE', message: expect.stringContaining(sentence.split('?')[0] ?? '') },
    });
    expect(existsSync(path.join(cwd, 'a'))).toBe(false);
  });
});
