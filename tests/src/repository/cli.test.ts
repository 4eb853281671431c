import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../../..');

describe('the pages of the command line and of the configuration', () => {
  it('say what the commands and the settings say', async () => {
    const script = path.join(root, 'scripts/docs-cli.mjs');
    const run = await promisify(execFile)(process.execPath, [script, '--check']).catch(
      (error: unknown) => error as { stderr: string },
    );
    expect(run.stderr).toBe('');
  });

  it('name every command that the README of the package has', () => {
    const readme = readFileSync(path.join(root, 'packages/cli/README.md'), 'utf8');
    const page = readFileSync(path.join(root, 'docs/cli/README.md'), 'utf8');
    const commands = [...page.matchAll(/^## (fragment .+)$/gm)].map(([, name]) => name ?? '');
    expect(commands.length).toBeGreaterThan(15);
    expect(
      commands.filter((name) => !readme.includes(name.replace(/^fragment generate .*/, 'fragment generate'))),
    ).toEqual([]);
  });
});
