import { spawn, type ChildProcess } from 'node:child_process';

/** A program that runs beside the others, and all it has printed, on stdout and stderr. */
export class Running {
  printed = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.#ended = new Promise((resolve) => child.once('close', resolve));
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** As Ctrl-C does: everything that it has started is told too. Resolves with the exit code. */
  async interrupt(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (!this.isOver && this.#child.pid !== undefined) process.kill(-this.#child.pid, signal);
    return this.#ended;
  }

  /** Resolves with the exit code. */
  end(): Promise<number | null> {
    return this.#ended;
  }
}

/** A terminal in a directory, with an environment of its own. */
export class Shell {
  cwd: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #running: Running[] = [];

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.cwd = cwd;
    this.#env = env;
  }

  /** Starts a command line, and does not wait for its end. */
  start(command: string): Running {
    const child = spawn('bash', ['-c', command], {
      cwd: this.cwd,
      env: this.#env,
      // The leader of a group, so that everything it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const running = new Running(child);
    this.#running.push(running);
    return running;
  }

  /** Runs a command line to its end, and returns what it printed; throws with all of it when it failed. */
  async run(command: string): Promise<string> {
    const running = this.start(command);
    const code = await running.end();
    if (code !== 0) throw new Error(`${command} ended with ${String(code)}:\n${running.printed}`);
    return running.printed;
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    await Promise.all(this.#running.filter(({ isOver }) => !isOver).map((one) => one.interrupt('SIGTERM')));
  }
}
