import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { handOver, makeDirectory } from './directory.js';
import { errnoOf } from './errors.js';
import type { Layout } from './layout.js';

// The packages carry `libpq.so.5.18` but not the link `libpq.so.5` to it: an install script is to make these links from
// pg-symlinks.json, and package managers do not run install scripts. So we make them.

interface Link {
  readonly name: string;
  readonly to: string;
}

/** Puts the library links where the loader finds them. The package itself may be read-only. */
export async function prepareLibraries(layout: Layout): Promise<void> {
  const { native, libraries } = layout;
  await makeDirectory(libraries, 0o755);
  await handOver(libraries, layout);
  for (const link of await linksOf(native)) {
    await ensureLink(path.join(libraries, link.name), path.join(native, 'lib', link.to));
  }
}

/** What the loader is told: our links first, then the package. */
export const libraryPath = ({ native, libraries }: Layout): string =>
  `${libraries}:${path.join(native, 'lib')}`;

async function linksOf(native: string): Promise<Link[]> {
  const list: unknown = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8'));
  return (list as { source: string; target: string }[]).map(({ source, target }) => ({
    name: path.basename(target),
    to: path.basename(source),
  }));
}

async function ensureLink(link: string, target: string): Promise<void> {
  if ((await readlink(link).catch(() => undefined)) === target) return;
  const fresh = `${link}.${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(target, fresh);
  await rename(fresh, link);
}

/** Copies the binaries when the database's user cannot reach the package, whole or not at all. */
export async function prepareNative({ native, packaged }: Layout): Promise<void> {
  if (native === packaged || existsSync(native)) return;
  const unfinished = `${native}.${process.pid}.new`;
  await mkdir(path.dirname(native), { recursive: true });
  await rm(unfinished, { recursive: true, force: true });
  await cp(packaged, unfinished, { recursive: true, verbatimSymlinks: true });
  await chmod(unfinished, 0o755);
  try {
    await rename(unfinished, native);
  } catch (error) {
    // Another process was quicker; its copy is the same.
    await rm(unfinished, { recursive: true, force: true });
    if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw error;
  }
}
