import { connect } from 'node:net';
import path from 'node:path';
import { EmbeddedPostgresError } from './errors.js';
import type { Layout } from './layout.js';
import { lockFileOf, readLockFile, serverProcesses, signalProcess } from './processes.js';
import { removeFile } from './remove-file.js';
import { until } from './wait.js';

/**
 * After a crash: ends a server that outlived its owner and removes the files a dead one left. Only for the owner of the
 * directory, which knows that no other process of ours uses the cluster.
 */
export async function clearLeftovers(
  layout: Layout,
  port: string,
  notice: (line: string) => void,
): Promise<void> {
  const { cluster, run } = layout;
  if ((await serverProcesses(cluster)).length > 0) {
    notice(`Ending a PostgreSQL that outlived its owner on ${cluster}.`);
    await endOrphan(cluster);
  }
  const socket = path.join(run, `.s.PGSQL.${port}`);
  if (await answers(socket)) {
    // Perhaps of another container: the files are shared, the processes are not to be seen.
    throw new EmbeddedPostgresError('FRAGMENT_EMBEDDED_IN_USE', {
      detail: `A PostgreSQL that cannot be seen from here answers at ${socket}.`,
    });
  }
  for (const file of [lockFileOf(cluster), socket, `${socket}.lock`]) await removeFile(file);
}

/**
 * Politely, then less so. Backends count too: they may go on writing for a moment when their postmaster was killed, and
 * a second server beside them would spoil the data.
 */
async function endOrphan(cluster: string): Promise<void> {
  const steps = [
    { signal: 'SIGINT', waitMs: 30_000 },
    { signal: 'SIGQUIT', waitMs: 5_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ] as const;
  for (const { signal, waitMs } of steps) {
    const postmaster = (await readLockFile(cluster))?.pid;
    const pids = await serverProcesses(cluster);
    const targets =
      postmaster !== undefined && pids.includes(postmaster) && signal !== 'SIGKILL' ? [postmaster] : pids;
    for (const pid of targets) signalProcess(pid, signal);
    if (await until(async () => (await serverProcesses(cluster)).length === 0, waitMs)) return;
  }
  throw new EmbeddedPostgresError('FRAGMENT_EMBEDDED_FAILED', {
    detail: `A PostgreSQL on ${cluster} could not be ended.`,
  });
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.on('connect', () => resolve(true));
    connection.on('error', () => resolve(false));
    connection.on('connect', () => connection.destroy());
  });
}
