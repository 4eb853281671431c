import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Binaries } from './binaries.js';
import { canReach, databaseUser, type DatabaseUser } from './user.js';

/** Where everything is. A pure consequence of the data directory's path, so that every process finds the same places. */
export interface Layout {
  /** The effective data directory: the one asked for, or its stand-in when the database's user cannot get there. */
  readonly dataDir: string;
  /** PostgreSQL's own files. */
  readonly cluster: string;
  /** The sockets: PostgreSQL's and the owner's. */
  readonly run: string;
  /** Links to the shared libraries. */
  readonly libraries: string;
  /** The binaries: the package's, or a copy that the database's user can read. */
  readonly native: string;
  /** The package's `native`, to copy from when `native` is a copy. */
  readonly packaged: string;
  readonly major: string;
  /** Undefined: our own. */
  readonly user: DatabaseUser | undefined;
}

/** Where root keeps what an unprivileged user must be able to reach. */
const standIn = '/var/lib/fragment';

/**
 * The address of a Unix socket has 104 bytes on macOS and 108 on Linux, with a NUL; the longest name in `run` is
 * `/owner.<generation>.sock`.
 */
const maxRunBytes = 103 - '/owner.0000000.sock'.length;

export async function layoutOf(dataDir: string, binaries: Binaries): Promise<Layout> {
  const wanted = realPath(dataDir);
  let layout = placesIn(wanted, binaries);
  if (layout.user === undefined) return layout;
  if (!(await canReach(layout.user, nearestExisting(wanted)))) {
    layout = placesIn(path.join(standIn, shortHash(wanted)), binaries);
  }
  const { user, native, packaged } = layout;
  if (user === undefined || native !== packaged) return layout;
  if (await canReach(user, path.join(packaged, 'bin', 'postgres'))) return layout;
  return { ...layout, native: path.join(standIn, 'native', binaries.version) };
}

function placesIn(dataDir: string, { native: packaged, version, major }: Binaries): Layout {
  const cluster = path.join(dataDir, 'data');
  // macOS looks for libraries beside the program and /bin/sh drops DYLD_*: there the links go into a copy of our own.
  const copied = process.platform === 'darwin';
  const native = copied ? path.join(dataDir, `native-${version}`) : packaged;
  const nearby = path.join(dataDir, 'run');
  return {
    dataDir,
    cluster,
    run: Buffer.byteLength(nearby) <= maxRunBytes ? nearby : `/tmp/fragment-${shortHash(dataDir)}`,
    libraries: path.join(copied ? native : dataDir, 'lib'),
    native,
    packaged,
    major,
    user: databaseUser({ cluster, dataDir }),
  };
}

/** One path for one directory, however it is spelled, also before it exists. */
function realPath(file: string): string {
  const absolute = path.resolve(file);
  const existing = nearestExisting(absolute);
  return path.join(realpathSync(existing), path.relative(existing, absolute));
}

function nearestExisting(file: string): string {
  let existing = file;
  while (!existsSync(existing)) existing = path.dirname(existing);
  return existing;
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
