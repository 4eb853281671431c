import type { Logger } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

/** What is logged when jobs cannot be given back. */
export const NOT_GIVEN_BACK = 'jobs could not be given back; their leases will end';

/** What a lane has in hand and no message waits for: calls until their results are written, jobs that are given back. */
export class Running {
  readonly #logger: Logger;
  readonly #work = new Set<Promise<void>>();
  #jobs = 0;
  #waiting: (() => void)[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param whenItFails what is logged then: nothing else comes of it. */
  add(jobs: number, work: Promise<unknown>, whenItFails: string): void {
    this.#jobs += jobs;
    const ended: Promise<void> = work
      .catch((error: unknown) => this.#logger.warn(describeError(error), whenItFails))
      .then(() => {
        this.#work.delete(ended);
        this.#jobs -= jobs;
        for (const look of this.#waiting.splice(0)) look();
      });
    this.#work.add(ended);
  }

  /** Resolves when fewer than so many jobs are in hand. */
  async fewerThan(jobs: number): Promise<void> {
    while (this.#jobs >= jobs) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when nothing is left. */
  async ended(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }
}
