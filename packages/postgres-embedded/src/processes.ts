import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** What PostgreSQL's lock file says: its first line is the postmaster's pid, its eighth the state. */
export interface LockFile {
  readonly pid: number;
  readonly ready: boolean;
}

export const lockFileOf = (cluster: string): string => path.join(cluster, 'postmaster.pid');

export async function readLockFile(cluster: string): Promise<LockFile | undefined> {
  const text = await readFile(lockFileOf(cluster), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return Number.isInteger(pid) ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

/**
 * The living processes of the server on this cluster, also when nobody remembers having started it. A zombie is not
 * among them: PostgreSQL itself takes one for a living postmaster and refuses to start.
 */
export async function serverProcesses(cluster: string): Promise<number[]> {
  return process.platform === 'linux' ? byWorkingDirectory(cluster) : byCommand(cluster);
}

/** Postmaster and backends alike work in the cluster's directory and keep the name of the program. */
async function byWorkingDirectory(cluster: string): Promise<number[]> {
  const home = await stat(cluster).catch(() => undefined);
  if (home === undefined) return [];
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const matches = await Promise.all(
    names.map(async (name) => {
      try {
        const { ino, dev } = await stat(`/proc/${name}/cwd`);
        if (ino !== home.ino || dev !== home.dev) return false;
        return (await readFile(`/proc/${name}/comm`, 'utf8')).trim() === 'postgres';
      } catch {
        return false; // Ended meanwhile, a zombie, or another user's.
      }
    }),
  );
  return names.filter((_, index) => matches[index]).map(Number);
}

async function byCommand(cluster: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('/bin/ps', ['-axo', 'pid=,ppid=,command=']);
  const all = stdout.split('\n').map((line) => {
    const [, pid, ppid, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(pid), ppid: Number(ppid), command };
  });
  const postmaster = all.find(({ command }) => command.includes(`/postgres -D ${cluster} `))?.pid;
  if (postmaster === undefined) return [];
  return [postmaster, ...all.filter(({ ppid }) => ppid === postmaster).map(({ pid }) => pid)];
}

/** Sends a signal to a process that may have ended. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Ended already.
  }
}
