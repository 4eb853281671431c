import type { RetentionSettings } from '../contracts/application.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

/** Deletes what is no longer kept, now and then, in one process at a time. */
export class Purge {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settings: RetentionSettings;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(store: Store, clock: Clock, logger: Logger, settings: RetentionSettings) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#settings = settings;
  }

  start(): void {
    this.#stopped = false;
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.clear();
    await this.#running;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#running = this.#run().finally(() => {
        if (!this.#stopped) this.#arm();
      });
    }, this.#settings.everyMs);
  }

  async #run(): Promise<void> {
    const { dedupMs, eventsMs, rejectionsMs, everyMs } = this.#settings;
    try {
      if (!(await this.#store.lock('purge', everyMs / 2))) return;
      const policy = { dedupMs, rejectionsMs, ...(eventsMs === undefined ? {} : { eventsMs }) };
      const purged = await this.#store.purge(policy);
      this.#logger.info(purged, 'purged');
    } catch (error) {
      this.#logger.warn(describeError(error), 'the purge failed; it is tried again');
    }
  }
}
