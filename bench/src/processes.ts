import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { PartOptions } from './part.js';

export interface RunningPart {
  /** CPU seconds it has used so far; undefined where the system does not tell. */
  cpuSeconds(): number | undefined;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('./part-main.js', import.meta.url));

/** Starts a measured process; resolves when it is ready. */
export async function startPart(name: string, o: PartOptions): Promise<RunningPart> {
  const child = spawn(process.execPath, [main, name, JSON.stringify(o)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const died = once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended before it was ready`)));
  died.catch(() => undefined);
  await Promise.race([once(child.stdout, 'data'), died]);
  return {
    cpuSeconds: () => cpuSecondsOf(child),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function cpuSecondsOf(child: ChildProcess): number | undefined {
  try {
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
