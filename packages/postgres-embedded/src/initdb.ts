import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makePrivate } from './directory.js';
import { EmbeddedPostgresError } from './errors.js';
import type { Layout } from './layout.js';
import { spawnTethered } from './tether.js';
import { roleName } from './url.js';

export interface InitOptions {
  readonly durable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the cluster when there is none. It is made under another name and renamed when it is whole: an initdb that was
 * killed half-way leaves a directory that looks finished.
 */
export async function ensureCluster(layout: Layout, options: InitOptions): Promise<void> {
  await removeUnfinished(layout);
  if (existsSync(layout.cluster)) return assertVersion(layout);
  const unfinished = `${layout.cluster}.${randomBytes(4).toString('hex')}.new`;
  await makePrivate(unfinished, layout);
  await runInitdb(layout, unfinished, options);
  await rename(unfinished, layout.cluster);
  if (options.durable) await flushDirectory(layout.dataDir);
}

/** An initdb that has just lost its owner may still be writing into one; what resists is left for the next time. */
async function removeUnfinished({ dataDir }: Layout): Promise<void> {
  const unfinished = /^data\.[0-9a-f]{8}\.new$/;
  for (const name of await readdir(dataDir)) {
    if (!unfinished.test(name)) continue;
    await rm(path.join(dataDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function assertVersion({ cluster, major }: Layout): Promise<void> {
  const text = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch((cause: unknown) => {
    throw new EmbeddedPostgresError('FRAGMENT_EMBEDDED_FAILED', {
      detail: `${cluster} holds no database.`,
      cause,
    });
  });
  const found = text.trim();
  if (found === major) return;
  throw new EmbeddedPostgresError('FRAGMENT_EMBEDDED_INCOMPATIBLE', {
    detail: `${cluster} is of version ${found}, this is version ${major}.`,
  });
}

async function runInitdb(layout: Layout, cluster: string, { durable, signal }: InitOptions): Promise<void> {
  const args = ['-D', cluster, '-U', roleName, '-A', 'trust', '-E', 'UTF8', '--no-instructions'];
  // Not the machine's locale: its sorting may change with the system and spoil indexes.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (!durable) args.push('--no-sync');
  const child = spawnTethered(layout, 'initdb', args);
  const interrupt = () => child.kill('SIGINT');
  signal?.addEventListener('abort', interrupt, { once: true });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  signal?.removeEventListener('abort', interrupt);
  signal?.throwIfAborted();
  if (code === 0) return;
  throw new EmbeddedPostgresError('FRAGMENT_EMBEDDED_FAILED', {
    detail: `initdb: ${complaint.trim().slice(-2000)}`,
  });
}

async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
