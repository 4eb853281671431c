import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServiceOptions } from './service.js';

/** A service process that the harness kills and starts again. */
export interface ServiceProcess {
  readonly pid: number | undefined;
  /** Times it ended without being told to. */
  readonly crashes: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it (again), with other faults if wanted; resolves when it listens. */
  start(change?: Partial<ServiceOptions>): Promise<void>;
  /** Resolves at its next end, whoever brought it about. */
  ended(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const main = fileURLToPath(new URL('../../dist/chaos/service-main.js', import.meta.url));

export function serviceProcess(options: ServiceOptions): ServiceProcess {
  let child: ChildProcess | undefined;
  let end: Promise<void> = Promise.resolve();
  let told = false;
  let crashes = 0;
  return {
    get pid() {
      return child?.pid;
    },
    get crashes() {
      return crashes;
    },
    async kill() {
      told = true;
      child?.kill('SIGKILL');
      await end;
    },
    async start(change = {}) {
      const o = { ...options, ...change };
      told = o.dieAt !== undefined || o.poison !== undefined;
      const next = spawn(process.execPath, [main, JSON.stringify(o)], { stdio: ['ignore', 'pipe', 'pipe'] });
      child = next;
      let said = '';
      next.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
      end = new Promise((resolve) => {
        next.once('exit', () => {
          if (!told) {
            crashes += 1;
            process.stderr.write(`${o.role} ended by itself: ${said}\n`);
          }
          resolve();
        });
      });
      await ready(next, end, () => said);
    },
    ended: () => end,
  };
}

async function ready(child: ChildProcess, end: Promise<void>, said: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`a service did not start in time: ${said()}`)),
      START_TIMEOUT_MS,
    );
  });
  const up = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  // A process that dies while it starts is as good as one that dies a moment later: the scenario goes on.
  await Promise.race([up, end, late]).finally(() => clearTimeout(timer));
}
