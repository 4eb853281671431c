import type { RetentionSettings } from '../contracts/application.js';
import type { RetentionPolicy } from '../contracts/oversight-store.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

/** The settings as the store takes them. */
export function retentionPolicy(s: RetentionSettings): RetentionPolicy {
  const { dedupMs, eventsMs, policies, rejectionsMs, statisticsMs } = s;
  return { dedupMs, policies, rejectionsMs, statisticsMs, ...(eventsMs === undefined ? {} : { eventsMs }) };
}

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
    try {
      if (!(await this.#store.lock('purge', this.#settings.everyMs / 2))) return;
      const purged = await this.#store.purge(retentionPolicy(this.#settings));
      this.#logger.info(purged, 'purged');
    } catch (error) {
      this.#logger.warn(describeError(error), 'the purge failed; it is tried again');
    }
  }
}
