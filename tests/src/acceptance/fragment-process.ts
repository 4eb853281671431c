import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { freePort, removeDirectory, scratchDirectory, waitFor } from '@fragment/testing';

const require = createRequire(import.meta.url);
const app = path.dirname(require.resolve('@fragment/app/package.json'));
const cli = path.join(path.dirname(require.resolve('@fragment/cli/package.json')), 'dist/main.js');

export interface FragmentProcess {
  /** Stays the same over `kill` and `start`. */
  readonly url: string;
  /** What it has said on stderr. */
  readonly stderr: string;
  readonly isAlive: boolean;
  /** Starts it (again); resolves when it is ready. */
  start(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  terminate(): Promise<number | null>;
}

/** The tutorial's configuration, with leases short enough for a test to see them end. */
export async function tutorialConfig(): Promise<{ readonly file: string; stop(): Promise<void> }> {
  const directory = await scratchDirectory();
  const file = path.join(directory, 'fragment.config.ts');
  await writeFile(
    file,
    `import app from ${JSON.stringify(path.join(app, 'fragment.config.ts'))};
     export default (env) => ({ ...app(env), execution: { leaseMs: 2_000, renewMs: 500, sweepMs: 250 } });`,
  );
  return { file, stop: () => removeDirectory(directory) };
}

/** `fragment start --service <service>`, as its own process. */
export async function fragmentProcess(
  service: 'gateway' | 'scheduler',
  config: string,
  env: Readonly<Record<string, string>>,
): Promise<FragmentProcess> {
  const port = await freePort();
  const bind = ['--bind', `${port}:${service === 'gateway' ? 9090 : 9091}`];
  return killable({
    name: service,
    url: `http://127.0.0.1:${port}`,
    args: [cli, 'start', '--service', service, '--config', config, ...bind],
    env,
  });
}

/** A program of Node that is ready when `<url>/_health/ready` says so. */
export function killable({
  name,
  url,
  args,
  env,
}: {
  readonly name: string;
  readonly url: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}): FragmentProcess {
  let child: ChildProcess | undefined;
  let stderr = '';
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child;
    child = undefined;
    if (!ending || !isRunning(ending)) return Promise.resolve(ending?.exitCode ?? null);
    return new Promise((resolve) => {
      ending.once('exit', (code) => resolve(code));
      ending.kill(signal);
    });
  };
  return {
    url,
    get stderr() {
      return stderr;
    },
    get isAlive() {
      return child !== undefined && isRunning(child);
    },
    async start() {
      const started = spawn(process.execPath, args, {
        env: { PATH: process.env['PATH'], ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child = started;
      started.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      await waitFor(
        async () => {
          if (!isRunning(started)) return true;
          return (await fetch(`${url}/_health/ready`)).status === 200;
        },
        { timeoutMs: 30_000, intervalMs: 50, message: `the ${name} to be ready` },
      );
      if (!isRunning(started)) throw new Error(`The ${name} ended at once: ${stderr}`);
    },
    async kill() {
      await end('SIGKILL');
    },
    terminate: () => end('SIGTERM'),
  };
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode === null && signalCode === null;
