import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../../..');
const names = readdirSync(path.join(root, 'packages'))
  .filter((dir) => dir.startsWith('destination-'))
  .map((dir) => dir.slice('destination-'.length));

describe('the pages of the destinations', () => {
  it('show the tables that their cases prove', async () => {
    const script = path.join(root, 'scripts/docs-destinations.mjs');
    const run = await promisify(execFile)(process.execPath, [script, '--check']).catch(
      (error: unknown) => error as { stderr: string },
    );
    expect(run.stderr).toBe('');
  });

  it('are there for each, and listed in the index', () => {
    const index = readFileSync(path.join(root, 'docs/destinations/README.md'), 'utf8');
    const pages = readdirSync(path.join(root, 'docs/destinations'));
    expect(names.filter((name) => !pages.includes(`${name}.md`))).toEqual([]);
    expect(names.filter((name) => !index.includes(`](${name}.md)`))).toEqual([]);
  });
});
