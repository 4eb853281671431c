import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { EmbeddedPostgresError } from './errors.js';

/** The user the database runs as, where that is not our own: PostgreSQL refuses to run as root. */
export interface DatabaseUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const weAreRoot = (): boolean => process.getuid?.() === 0;

/**
 * As root: who already owns the cluster or its directory, else `postgres`, else `nobody`. Otherwise undefined: ourselves.
 * @throws EmbeddedPostgresError FRAGMENT_EMBEDDED_NO_USER
 */
export function databaseUser({
  cluster,
  dataDir,
}: {
  cluster: string;
  dataDir: string;
}): DatabaseUser | undefined {
  if (!weAreRoot()) return undefined;
  const users = passwd();
  const byUid = (uid: number | undefined) => users.find((user) => user.uid === uid);
  const clusterOwner = ownerOf(cluster);
  if (clusterOwner !== undefined && clusterOwner.uid !== 0) {
    return byUid(clusterOwner.uid) ?? { name: `uid ${clusterOwner.uid}`, ...clusterOwner };
  }
  const directoryOwner = ownerOf(dataDir);
  // initdb looks its user up, so a directory's owner without an entry cannot make a cluster.
  const user =
    (directoryOwner?.uid === 0 ? undefined : byUid(directoryOwner?.uid)) ??
    users.find(({ name }) => name === 'postgres') ??
    users.find(({ name }) => name === 'nobody');
  if (user === undefined || user.uid === 0) throw new EmbeddedPostgresError('FRAGMENT_EMBEDDED_NO_USER');
  return user;
}

function ownerOf(file: string): { uid: number; gid: number } | undefined {
  const { uid, gid } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function passwd(): DatabaseUser[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ name, uid, gid }) => name !== '' && Number.isInteger(uid) && Number.isInteger(gid));
}

/** Asks the kernel whether the user may enter a directory or execute a file: no parsing of modes decides that. */
export async function canReach({ uid, gid }: DatabaseUser, file: string): Promise<boolean> {
  const child = spawn('/bin/sh', ['-c', '[ -x "$0" ]', file], {
    uid,
    gid,
    cwd: '/',
    env: {},
    stdio: 'ignore',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0));
  });
}
