import { existsSync } from 'node:fs';
import { chmod, lchown, lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedPostgresError, errnoOf } from './errors.js';
import type { Layout } from './layout.js';

/**
 * Makes the directories that are missing, with the modes PostgreSQL and its user need, and refuses those of others.
 * @throws EmbeddedPostgresError FRAGMENT_EMBEDDED_FORBIDDEN
 */
export async function prepareDirectories(layout: Layout): Promise<void> {
  // `recursive` would give the private mode to every new parent as well, and shut the database's user out.
  await mkdir(path.dirname(layout.dataDir), { recursive: true });
  await makeDirectory(layout.dataDir, layout.user === undefined ? 0o700 : 0o711);
  await makePrivate(layout.run, layout);
  if (existsSync(layout.cluster)) await assertOwn(layout.cluster, layout);
}

/** A directory only the database's user can enter. */
export async function makePrivate(directory: string, layout: Layout): Promise<void> {
  await makeDirectory(directory, 0o700);
  await handOver(directory, layout);
  await assertOwn(directory, layout);
  await chmod(directory, 0o700);
}

/** As root: gives what is root's to the database's user. What is another's stays so, and is refused. */
export async function handOver(file: string, { user }: Pick<Layout, 'user'>): Promise<void> {
  if (user !== undefined && (await lstat(file)).uid === 0) await lchown(file, user.uid, user.gid);
}

export async function makeDirectory(directory: string, mode: number): Promise<void> {
  try {
    await mkdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    if (errnoOf(error) === 'EACCES') throw forbidden(directory, error);
    throw error;
  }
  await chmod(directory, mode);
}

/** Whoever owns the directory of the sockets can pose as the database: it must be us, not a link, not another user. */
async function assertOwn(directory: string, { user }: Layout): Promise<void> {
  const { uid } = await lstat(directory).then(
    (stats) => (stats.isDirectory() ? stats : { uid: undefined }),
    (error: unknown) => {
      throw errnoOf(error) === 'EACCES' ? forbidden(directory, error) : error;
    },
  );
  if (uid === undefined || uid !== (user?.uid ?? process.getuid?.())) throw forbidden(directory);
}

const forbidden = (directory: string, cause?: unknown) =>
  new EmbeddedPostgresError('FRAGMENT_EMBEDDED_FORBIDDEN', { detail: directory, cause });
