import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../../..');
const docs = path.join(root, 'docs');

describe('the page of the admin API', () => {
  it('shows the endpoints that are there, and their filters', async () => {
    const script = path.join(root, 'scripts/docs-admin.mjs');
    const run = await promisify(execFile)(process.execPath, [script, '--check']).catch(
      (error: unknown) => error as { stderr: string },
    );
    expect(run.stderr).toBe('');
  });
});

describe('the pages of the dashboard', () => {
  const folder = path.join(docs, 'dashboard');
  const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));

  it('are all in their index', () => {
    const index = readFileSync(path.join(folder, 'README.md'), 'utf8');
    expect(pages.filter((name) => name !== 'README.md' && !index.includes(`](${name})`))).toEqual([]);
  });

  it('show pictures that are there and small', () => {
    const pictures = pages.flatMap((name) =>
      [...readFileSync(path.join(folder, name), 'utf8').matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(
        ([, file = '']) => path.resolve(folder, file),
      ),
    );
    expect(pictures.filter((file) => !existsSync(file) || statSync(file).size > 150_000)).toEqual([]);
  });
});
