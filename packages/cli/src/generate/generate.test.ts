import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeDirectory, scratchDirectory } from '@fragment/testing';

const main = path.join(import.meta.dirname, '../../dist/main.js');
const directories: string[] = [];

afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => removeDirectory(directory)));
});

/** A directory with a configuration that takes new pieces. */
async function project(): Promise<string> {
  const directory = await scratchDirectory();
  directories.push(directory);
  const config = [
    '// fragment:imports',
    'export default {};',
    '// fragment:flows',
    '// fragment:sources',
    '',
  ];
  await writeFile(path.join(directory, 'fragment.config.ts'), config.join('\n'));
  return directory;
}

/** `fragment generate` where nobody can be asked. */
function generate(cwd: string, ...args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd, env: { PATH: process.env['PATH'] ?? '' } };
    const child = execFile(process.execPath, [main, 'generate', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

describe('generate', () => {
  it('tells what it wrote on stdout, and what is left to do on stderr', async () => {
    const cwd = await project();
    const { code, stdout, stderr } = await generate(cwd, 'flow', '--name', 'vip');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^CREATE flows\/vip\.ts \(\d+ B\)\nCREATE flows\/vip\.test\.ts \(\d+ B\)\nUPDATE fragment\.config\.ts \(\+2 lines\)\n$/,
      ),
    });
    expect(stderr).toMatch(/^Next:\n {2}npm install @fragment\/core\n/);
    expect(existsSync(path.join(cwd, 'flows/vip.test.ts'))).toBe(true);
  });

  it('writes nothing in a dry run, under either name of the flag', async () => {
    const cwd = await project();
    for (const flag of ['--dry-run', '--dryrun']) {
      const { code, stdout, stderr } = await generate(cwd, 'flow', '--name', 'vip', flag);
      expect({ code, stderr }).toEqual({ code: 0, stderr: 'Dry run: nothing was written.\n' });
      expect(stdout).toContain('CREATE flows/vip.ts');
    }
    expect(await readdir(cwd)).toEqual(['fragment.config.ts']);
  });

  it('prints the lines that it could not add', async () => {
    const cwd = await project();
    const { code, stderr } = await generate(cwd, 'destination', '--name', 'crm', '--no-comments');
    expect(code).toBe(0);
    expect(stderr).toContain('Not registered in fragment.config.ts: it lacks the marks');
    expect(stderr).toContain("  import { crm } from './destinations/crm/index.js';\n");
  });

  it('names each file in the way, with exit code 6, also of a dry run and as JSON', async () => {
    const cwd = await project();
    await generate(cwd, 'flow', '--name', 'vip');
    for (const flags of [[], ['--dry-run']]) {
      const { code, stderr } = await generate(cwd, 'flow', '--name', 'vip', ...flags);
      expect(code).toBe(6);
      expect(stderr).toContain(`${path.join(cwd, 'flows/vip.ts')} is there already`);
      expect(stderr).toContain(`${path.join(cwd, 'flows/vip.test.ts')} is there already`);
    }
    const { code, stdout } = await generate(cwd, 'flow', '--name', 'vip', '--json');
    expect({ code, error: (JSON.parse(stdout) as { error: object }).error }).toMatchObject({
      code: 6,
      error: { code: 'FRAGMENT_SCAFFOLD_CONFLICT' },
    });
  });

  it.each([
    [['flow'], '--name is needed'],
    [['flow', '--name', 'Vip'], 'must be lower-case letters'],
    [['flow', '--name', '../vip'], 'must be lower-case letters'],
    [['trigger', '--name', 'order'], '--mode is needed: http, cron, cdc, sub'],
    [['trigger', '--name', 'order', '--mode', 'push'], 'It must be http, cron, cdc or sub.'],
    [['trigger', '--name', 'order', '--mode', 'http'], 'There is no source yet'],
    [['action', '--name', 'identify', '--path', '.'], 'is no generated destination'],
    [['application', '--name', 'a', '--destinations', 'amplitud'], 'is none of amplitude'],
    [['flow', '--nam', 'vip'], 'Did you mean --name?'],
    [['flows'], 'Did you mean flow?'],
  ])('does not understand %j, with exit code 2', async (args, sentence) => {
    const cwd = await project();
    const { code, stderr } = await generate(cwd, ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) });
    expect(await readdir(cwd)).toEqual(['fragment.config.ts']);
  });

  it('needs the configuration that it was given', async () => {
    const cwd = await project();
    const { code, stderr } = await generate(cwd, 'flow', '--name', 'vip', '--config', 'other.ts');
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining('FRAGMENT_CONFIG_NOT_FOUND'),
    });
  });
});
