import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { DevFlags } from '../flags.js';

/** Beyond what its own shutdown takes at most. */
const KILL_MS = 20_000;

/**
 * The application from one change of its files to the next, in a process of its own: whatever it leaves behind, loaded
 * modules, timers, a database, ends with it.
 */
export class Generation {
  /** Settles with its exit code. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  #started = false;

  constructor(flags: DevFlags) {
    const file = new URL('./application.js', import.meta.url);
    this.#child = fork(file, [JSON.stringify(flags)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', () => (this.#started = true));
    this.ended = once(this.#child, 'exit').then(([code, signal]) =>
      exitCode(code as number | null, signal as NodeJS.Signals | null),
    );
  }

  /** Did its services listen? */
  get started(): boolean {
    return this.#started;
  }

  /** Passes a signal on. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it, gently and then not. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), KILL_MS);
    await this.ended;
    clearTimeout(late);
  }
}

const exitCode = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
