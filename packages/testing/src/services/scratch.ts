import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

const prefix = 'fragment-test-run-';
const abandonedAfterMs = 60 * 60 * 1000;

/** As root /tmp itself: the unprivileged user of the database could not enter a private TMPDIR. */
export const temporaryDirectory = (): string => (process.getuid?.() === 0 ? '/tmp' : os.tmpdir());

let swept: Promise<void> | undefined;

/** A fresh directory for one service; what killed test runs left behind is removed on the way. */
export async function scratchDirectory(): Promise<string> {
  await (swept ??= sweep());
  const directory = path.join(
    temporaryDirectory(),
    `${prefix}${process.pid}-${randomBytes(4).toString('hex')}`,
  );
  await mkdir(directory, { mode: 0o711 });
  return directory;
}

export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  // On Node 20 a look at a socket, as `rm` takes it, misleads the next realpathSync, and with it `require`.
  lstatSync(path.dirname(directory));
}

/** Ours, of a process that is gone, and untouched for an hour. */
async function sweep(): Promise<void> {
  const base = temporaryDirectory();
  for (const name of await readdir(base)) {
    const [, pid] = new RegExp(`^${prefix}(\\d+)-`).exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const directory = path.join(base, name);
    const stats = await lstat(directory).catch(() => undefined);
    if (stats?.uid !== process.getuid?.() || !stats?.isDirectory()) continue;
    if (Date.now() - stats.mtimeMs > abandonedAfterMs) await removeDirectory(directory);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}
