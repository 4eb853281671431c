import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './errors.js';
import { clearLeftovers } from './leftovers.js';
import type { Layout } from './layout.js';
import type { ResolvedOptions } from './options.js';
import { launch, type PostgresExit, type Server } from './server.js';

/** Keeps a server running on a cluster until it is stopped. */
export interface Supervisor {
  /** The postmaster of now, or the last one. */
  readonly pid: number;
  /** Settles when no server runs and none will be started. */
  readonly exited: Promise<PostgresExit>;
  stop(): Promise<void>;
}

const firstPauseMs = 100;
const longestPauseMs = 5_000;

export async function supervise(layout: Layout, options: ResolvedOptions): Promise<Supervisor> {
  const stopping = new AbortController();
  const start = async (signal: AbortSignal | undefined) => {
    await clearLeftovers(layout, options.port, options.onNotice);
    return launch(layout, { ...options, log: options.onLog, signal });
  };
  let server: Server = await start(options.signal);

  const restart = async (): Promise<Server | undefined> => {
    for (let pauseMs = firstPauseMs; !isAborted(stopping); pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await start(stopping.signal);
      } catch (error) {
        if (isAborted(stopping)) return undefined;
        options.onNotice(`PostgreSQL could not be started again: ${messageOf(error)}`);
        await sleep(pauseMs, undefined, { ref: false, signal: stopping.signal }).catch(() => undefined);
      }
    }
    return undefined;
  };

  const watch = async (): Promise<PostgresExit> => {
    for (;;) {
      const exit = await server.exited;
      if (isAborted(stopping)) return exit;
      options.onNotice(`PostgreSQL ended unexpectedly (${exit.signal ?? `code ${exit.code}`}).`);
      if (!options.restart) return exit;
      const next = await restart();
      if (next === undefined) return exit;
      server = next;
      if (isAborted(stopping)) await server.stop();
      else options.onNotice('PostgreSQL was started again.');
    }
  };

  const exited = watch();
  return {
    get pid() {
      return server.pid;
    },
    exited,
    async stop() {
      stopping.abort(new Error('The database is being stopped.'));
      await server.stop();
      await exited;
    },
  };
}

/** A call, because the compiler takes a property it has once seen false for false ever after. */
const isAborted = ({ signal }: AbortController): boolean => signal.aborted;
