import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EmbeddedPostgresError } from './errors.js';
import type { Layout } from './layout.js';
import { readLockFile } from './processes.js';
import { letGo, spawnTethered } from './tether.js';
import { until } from './wait.js';

export interface ServerOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface PostgresExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One running postmaster. */
export interface Server {
  readonly pid: number;
  readonly exited: Promise<PostgresExit>;
  stop(): Promise<void>;
}

/** Starts the server on an existing cluster and returns when it takes connections. */
export async function launch(layout: Layout, options: ServerOptions): Promise<Server> {
  const child = spawnPostmaster(layout, options.settings);
  const exited = exitOf(child);
  const lines = collectLog(child, options.log);
  const stop = () => stopChild(child, exited);
  try {
    await spawned(child);
    const settled = await until(
      async () => hasEnded(child) || isReady(await readLockFile(layout.cluster), child.pid),
      options.startTimeoutMs,
      options.signal,
    );
    if (!settled) throw failed(`It was not ready within ${options.startTimeoutMs} ms.`, lines);
    if (hasEnded(child)) throw failed('It ended at once.', lines);
  } catch (error) {
    await stop();
    throw error;
  }
  letGo(child);
  return { pid: child.pid ?? 0, exited, stop };
}

function spawnPostmaster(layout: Layout, settings: ServerOptions['settings']): ChildProcess {
  const args = ['-D', layout.cluster, '-k', layout.run];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  return spawnTethered(layout, 'postgres', args);
}

/** Also true when it could not even be spawned. */
const hasEnded = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid === undefined || exitCode !== null || signalCode !== null;

const isReady = (lock: { pid: number; ready: boolean } | undefined, pid: number | undefined): boolean =>
  lock?.pid === pid && lock?.ready === true;

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new EmbeddedPostgresError('FRAGMENT_EMBEDDED_FAILED', { detail: cause.message, cause })),
    );
  });
}

function exitOf(child: ChildProcess): Promise<PostgresExit> {
  return new Promise((resolve) => {
    const finish = (exit: PostgresExit) => {
      child.stderr?.destroy();
      resolve(exit);
    };
    child.once('error', () => finish({ code: null, signal: null }));
    child.once('exit', (code, signal) => finish({ code, signal }));
  });
}

/** Hands on every line of PostgreSQL's log and keeps the last ones for an error message. */
function collectLog(child: ChildProcess, log: (line: string) => void): string[] {
  const last: string[] = [];
  if (child.stderr === null) return last;
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    if (last.length > 10) last.shift();
    log(line);
  });
  return last;
}

/** Fast shutdown; if it hangs, an immediate one, which the next start recovers from; then the end. */
async function stopChild(child: ChildProcess, exited: Promise<PostgresExit>): Promise<void> {
  child.ref();
  const steps = [
    ['SIGINT', 30_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const;
  let ended = false;
  const end = exited.then(() => (ended = true));
  for (const [signal, waitMs] of steps) {
    if (hasEnded(child)) break;
    child.kill(signal);
    const timer = new AbortController();
    await Promise.race([end, until(() => ended, waitMs, timer.signal).catch(() => false)]);
    timer.abort();
  }
  await end;
}

const failed = (what: string, lines: readonly string[]) =>
  new EmbeddedPostgresError('FRAGMENT_EMBEDDED_FAILED', { detail: [what, ...lines].join('\n') });
