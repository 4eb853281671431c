import type { Logger } from '@fragment/core';
import { describe } from './failure.js';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** How long calls that began during an outage may still fail after it. */
const AFTERMATH_MS = 2_000;

/**
 * Turns the many errors of many connections into few lines: one when the broker is lost, one when it is back, and one per
 * distinct other problem in between. A drop of references is told once per outage, with the count at its end.
 */
export class BrokerWatch {
  readonly logger: Logger;
  readonly #lost = new Set<object>();
  readonly #told = new Set<string>();
  #dropped = 0;
  #quietUntil = 0;

  constructor(logger: Logger | undefined, broker: 'redis' | 'postgres') {
    this.logger = logger?.child({ queue: 'bullmq', broker }) ?? silent;
  }

  /** A connection does not work. */
  lost(connection: object, error?: unknown): void {
    const first = this.#lost.size === 0;
    this.#lost.add(connection);
    if (!first) return;
    this.logger.warn(
      { code: 'FRAGMENT_QUEUE_UNAVAILABLE', ...(error === undefined ? {} : { reason: describe(error) }) },
      'The broker of the queue is lost; events are still stored, and deliveries go on when it is back.',
    );
  }

  /** A connection works. */
  back(connection: object): void {
    if (!this.#lost.delete(connection) || this.#lost.size > 0) return;
    this.#told.clear();
    this.#quietUntil = performance.now() + AFTERMATH_MS;
    this.logger.info({ dropped: this.#dropped }, 'The broker of the queue is back.');
    this.#dropped = 0;
  }

  /** A connection that was closed on purpose is neither lost nor back. */
  forget(connection: object): void {
    this.#lost.delete(connection);
  }

  /** Something else went wrong; while the broker is lost, and shortly after, it follows from that. */
  problem(fields: object, error: unknown): void {
    if (this.#lost.size > 0 || performance.now() < this.#quietUntil) return;
    const reason = describe(error);
    // Ids of messages differ each time; the kind of problem is what counts.
    const sort = reason.replace(/[0-9]+/g, '#');
    if (this.#told.has(sort)) return;
    if (this.#told.size >= 100) this.#told.clear();
    this.#told.add(sort);
    this.logger.warn({ ...fields, reason }, 'The queue reported a problem; it goes on.');
  }

  /** References were dropped: too many wait for the broker. */
  drop(destination: string, count: number): void {
    if (this.#dropped === 0) {
      this.logger.warn(
        { destination },
        'Too many references wait for the broker; the sweeper will offer the rest again.',
      );
    }
    this.#dropped += count;
  }
}
