import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '@fragment/testing';

const TIMEOUT_MS = 60_000;

/** A program that runs in a terminal of its own until it is stopped. */
export interface Terminal {
  /** What it has printed so far, on stdout and stderr. */
  readonly printed: string;
  readonly stderr: string;
  /** SIGTERM, as a supervisor sends it; resolves with the exit code. */
  terminate(): Promise<number | null>;
  /** SIGKILL, when it still runs. */
  kill(): void;
}

export interface Desk {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a command line to its end; what it printed. */
export async function type(command: string, { cwd, env }: Desk): Promise<string> {
  const child = spawn(command, {
    cwd,
    env,
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`'${command}' ended with ${code}: ${printed}`);
  return printed;
}

/**
 * Starts what `npm start` or `npm run <script>` starts, and resolves when it has printed `ready`. npm itself is left
 * out: a signal ends it, whatever its program makes of that.
 */
export async function openTerminal(command: string, ready: RegExp, { cwd, env }: Desk): Promise<Terminal> {
  const child = spawn(await withoutNpm(command, cwd), {
    cwd,
    env,
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    stderr += chunk.toString();
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const terminal: Terminal = {
    get printed() {
      return printed;
    },
    get stderr() {
      return stderr;
    },
    terminate() {
      child.kill('SIGTERM');
      return exited;
    },
    kill: () => void child.kill('SIGKILL'),
  };
  await waitFor(() => hasEnded(child) || ready.test(printed), {
    timeoutMs: TIMEOUT_MS,
    intervalMs: 20,
    message: `'${command}' to print ${ready}`,
  }).catch((error: unknown) => {
    terminal.kill();
    throw new Error(`It printed ${printed}`, { cause: error });
  });
  if (hasEnded(child)) throw new Error(`'${command}' ended with ${child.exitCode}: ${printed}`);
  return terminal;
}

/** `exec`: the program takes the shell's place, and its signals. */
async function withoutNpm(command: string, cwd: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(cwd, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return command.replace(/npm (?:run )?(\w+)$/, (_, script: string) => `exec ${manifest.scripts[script]}`);
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;
