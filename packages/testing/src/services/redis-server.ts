import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { waitFor } from '../wait/wait-for.js';
import { redisCommand } from './redis-command.js';
import { freePort, removeDirectory, scratchDirectory } from './scratch.js';

/** A Redis of a test's own, without persistence: it is empty after each start. */
export interface RedisServer {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it at once. Returns when it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  remove(): Promise<void>;
}

const settings = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];

/** Becomes redis-server, and leaves a reader of a pipe behind that kills it when we die without doing so. */
const tether =
  '( { if read -r _ <&3; then exit 0; fi; kill -KILL $$ 2>/dev/null; } >/dev/null 2>&1 & ) ; exec "$0" "$@" 3<&-';

/** `redis-server` of this machine, on a free port. */
export async function redisProcess(): Promise<RedisServer> {
  const directory = await scratchDirectory();
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, ...settings];
  let child: ChildProcess | undefined;
  const signal = (name: NodeJS.Signals): Promise<void> => {
    child?.kill(name);
    return Promise.resolve();
  };
  const kill = async (name: NodeJS.Signals) => {
    if (child === undefined) return;
    const ended = child;
    ended.ref();
    const exited = new Promise((resolve) => ended.once('exit', resolve));
    child = undefined;
    ended.kill(name);
    await exited;
    closePipe(ended);
  };
  return {
    url,
    async start() {
      await kill('SIGKILL');
      const started = spawn('/bin/sh', ['-c', tether, 'redis-server', ...args], {
        detached: true,
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      });
      child = started;
      await waitFor(
        async () => {
          if (started.exitCode !== null) return 'ended';
          return (await redisCommand(url, 'PING')) === '+PONG';
        },
        { message: `redis-server on port ${port}` },
      );
      if (started.exitCode !== null) throw new Error(`redis-server ended at once (port ${port}).`);
      letGo(started);
    },
    kill,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async remove() {
      await kill('SIGKILL');
      await removeDirectory(directory);
    },
  };
}

/** The line says: ended in an orderly way, there is nothing left to kill. */
function closePipe(child: ChildProcess): void {
  const pipe = child.stdio[3];
  if (pipe instanceof Socket) pipe.end('done\n');
}

/** A server that a test forgets must not keep the test runner alive. */
function letGo(child: ChildProcess): void {
  const pipe = child.stdio[3];
  if (pipe instanceof Socket) pipe.unref();
  child.unref();
}

/** Redis in a container, where the machine has docker and no redis-server. */
export async function redisContainer(): Promise<RedisServer> {
  const port = await freePort();
  const name = `fragment-test-redis-${port}`;
  const url = `redis://127.0.0.1:${port}`;
  const ready = () =>
    waitFor(async () => (await redisCommand(url, 'PING')) === '+PONG', {
      message: `Redis in the container ${name}`,
    });
  let made = false;
  return {
    url,
    async start() {
      if (made) await docker('restart', '--time', '0', name);
      else {
        const publish = `127.0.0.1:${port}:6379`;
        await docker(
          'run',
          '--detach',
          '--name',
          name,
          '--publish',
          publish,
          'redis:7-alpine',
          'redis-server',
          ...settings,
        );
        made = true;
      }
      await ready();
    },
    kill: (signal) => docker('kill', '--signal', signal, name),
    pause: () => docker('pause', name),
    resume: () => docker('unpause', name),
    remove: () => docker('rm', '--force', name),
  };
}

async function docker(...args: string[]): Promise<void> {
  await promisify(execFile)('docker', args, { timeout: 120_000 });
}

/** Whether a docker daemon answers, not only whether the command exists. */
export const hasDocker = (): Promise<boolean> =>
  promisify(execFile)('docker', ['info'], { timeout: 5_000, env: process.env }).then(
    () => true,
    () => false,
  );

export const hasRedisServer = (): Promise<boolean> =>
  promisify(execFile)('redis-server', ['--version'], { timeout: 5_000, env: process.env }).then(
    () => true,
    () => false,
  );
