import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

it('every package exports what config/exports.json says, types included', async () => {
  const script = path.resolve(import.meta.dirname, '../../../scripts/exports.mjs');
  const run = await promisify(execFile)(process.execPath, [script, '--check']).catch(
    (error: unknown) => error as { stderr: string },
  );
  expect(run.stderr).toBe('');
}, 120_000);
