import type { IngestCount } from '../contracts/ingest.js';
import type { DeliveryTally, StatisticsRow } from '../contracts/statistics.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';
import { deliveryGrowth, ingestGrowth } from './growth.js';

const WRITE_MS = 5_000;
const MINUTE_MS = 60_000;

/** What one process has counted since it started. */
export interface Counted {
  ingest(): readonly IngestCount[];
  delivery(): readonly DeliveryTally[];
}

/**
 * Adds what this process has counted to the statistics in the store, every few seconds. What could not be written is
 * part of the next growth, so a store that is away for a while costs nothing but the right minute.
 */
export class StatisticsWriter {
  readonly #store: Pick<Store, 'addStatistics'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #counted: Counted;
  #ingest: readonly IngestCount[] = [];
  #delivery: readonly DeliveryTally[] = [];
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #stopped = true;

  constructor(store: Pick<Store, 'addStatistics'>, clock: Clock, logger: Logger, counted: Counted) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#counted = counted;
  }

  start(): void {
    this.#stopped = false;
    this.#arm();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.clear();
    await this.#writing;
    await this.#write();
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#writing = this.#write().finally(() => {
        if (!this.#stopped) this.#arm();
      });
    }, WRITE_MS);
  }

  async #write(): Promise<void> {
    const ingest = this.#counted.ingest().map((count) => ({ ...count }));
    const delivery = this.#counted.delivery().map((tally) => ({ ...tally, latency: [...tally.latency] }));
    const minute = new Date(Math.floor(this.#clock.now() / MINUTE_MS) * MINUTE_MS);
    const rows: readonly StatisticsRow[] = [
      ...ingestGrowth(this.#ingest, ingest),
      ...deliveryGrowth(this.#delivery, delivery),
    ].map((tally) => ({ minute, ...tally }));
    try {
      if (rows.length > 0) await this.#store.addStatistics(rows);
      this.#ingest = ingest;
      this.#delivery = delivery;
    } catch (error) {
      this.#logger.warn(describeError(error), 'statistics could not be written; they are written later');
    }
  }
}
