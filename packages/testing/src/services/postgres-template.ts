import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { embeddedPostgresVersion, startPostgres } from '@fragment/postgres-embedded';
import { removeDirectory, temporaryDirectory } from './scratch.js';

// A new cluster costs half a second, a copy of one a tenth: each machine makes it once.

let template: Promise<string> | undefined;

/** Puts a new cluster into a data directory of postgres-embedded. */
export async function copyCluster(dataDir: string): Promise<void> {
  const source = await (template ??= ensureTemplate());
  // `cp -a` keeps owner and mode, which PostgreSQL checks.
  await promisify(execFile)('cp', ['-a', path.join(source, 'data'), path.join(dataDir, 'data')]);
}

async function ensureTemplate(): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const directory = path.join(
    temporaryDirectory(),
    `fragment-test-template-${uid}-${embeddedPostgresVersion()}`,
  );
  if (!existsSync(directory)) await makeTemplate(directory);
  const stats = lstatSync(directory);
  if (!stats.isDirectory() || stats.uid !== uid) throw new Error(`${directory} is not ours; remove it.`);
  return directory;
}

/** Whole or not at all: several test processes may do this at once. */
async function makeTemplate(directory: string): Promise<void> {
  const unfinished = `${directory}.${randomBytes(4).toString('hex')}`;
  const database = await startPostgres({ dataDir: unfinished, durable: false, restart: false });
  await database.stop();
  await rename(unfinished, directory).catch(async () => {
    await removeDirectory(unfinished);
    if (!existsSync(directory)) throw new Error(`${directory} could not be made.`);
  });
}
