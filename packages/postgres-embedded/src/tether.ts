import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import path from 'node:path';
import type { Layout } from './layout.js';
import { libraryPath } from './libraries.js';

/**
 * Becomes the program, and leaves behind a reader of a pipe from us. When the pipe ends, we have died without ending the
 * program, and the reader interrupts it. A line in the pipe means that the program ended first: nothing to do, and above
 * all no signal to a pid that is another's by now.
 */
const script =
  '( { if read -r _ <&3; then exit 0; fi; kill -INT $$ 2>/dev/null; } >/dev/null 2>&1 & ) ; exec "$0" "$@" 3<&-';

/** Runs one of PostgreSQL's programs, as its user and with nothing of our environment. It never outlives us. */
export function spawnTethered(
  layout: Layout,
  program: 'initdb' | 'postgres',
  args: readonly string[],
): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script, path.join(layout.native, 'bin', program), ...args], {
    cwd: layout.run,
    env: { LD_LIBRARY_PATH: libraryPath(layout), PATH: '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' },
    ...(layout.user && { uid: layout.user.uid, gid: layout.user.gid }),
    // Its own session: Ctrl-C in a terminal reaches the application, which ends the database last.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  child.once('exit', () => {
    const pipe = child.stdio[3];
    if (pipe instanceof Socket) pipe.end('done\n');
  });
  return child;
}

/** From now on the program does not keep our process alive; when we end, it ends. */
export function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stderr, child.stdio[3]]) if (stream instanceof Socket) stream.unref();
}
