import type { Logger } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

/** Work that nobody waits for but a stop. */
export class Running {
  readonly #logger: Logger;
  readonly #work = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param whenItFails what is logged then: nothing else comes of it. */
  add(work: Promise<unknown>, whenItFails: string): void {
    const ended: Promise<void> = work
      .catch((error: unknown) => this.#logger.warn(describeError(error), whenItFails))
      .then(() => void this.#work.delete(ended));
    this.#work.add(ended);
  }

  /** Resolves when nothing is left. */
  async ended(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }
}
