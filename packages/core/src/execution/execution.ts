import type { Execution, ExecutionSettings, RetentionSettings } from '../contracts/application.js';
import type { Destination } from '../contracts/destination.js';
import type { Queue } from '../contracts/queue.js';
import type { Source } from '../contracts/source.js';
import type { LaneRow, Store } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import type { Tracing } from '../contracts/tracing.js';
import { describeError } from '../platform/logger.js';
import { Semaphore } from '../platform/mutex.js';
import type { Planner } from '../planning/plan.js';
import { BulkRunner } from './bulk-runner.js';
import { bulkSteps } from './bulk-step.js';
import { runByHand } from './by-hand.js';
import { CronRunner } from './cron.js';
import type { DeliveryCounts } from './delivery-counts.js';
import { Lane } from './lane.js';
import { Leases } from './leases.js';
import { Purge } from './purge.js';
import { Settler } from './settler.js';
import { Sweeper } from './sweeper.js';
import { TriggerRuns, type TriggerRunParts } from './trigger-runs.js';

export interface ExecutionParts extends Pick<TriggerRunParts, 'ingest' | 'identity'> {
  readonly sources: readonly Source[];
  readonly destinations: readonly Destination[];
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ExecutionSettings;
  readonly retention: RetentionSettings;
  readonly planner: Planner;
  readonly counts: DeliveryCounts;
  readonly tracing?: Tracing | undefined;
}

/** What a scheduler does, put together: lanes, their shared state, sweeper, cron, purge. */
export function createExecution(parts: ExecutionParts): Execution {
  const { store, queue, clock, logger, settings } = parts;
  const leases = new Leases(store, clock, logger, settings);
  const settler = new Settler(store, queue, clock, logger, settings.leaseMs);
  const suspects = new Semaphore(1);
  const lanes = parts.destinations.map((d) => new Lane(d, { ...parts, leases, settler, suspects }));
  const refresher = new LaneRefresher(lanes, parts);
  const sweeper = new Sweeper({ ...parts, lanes });
  const runs = new TriggerRuns(parts);
  const cron = new CronRunner(parts, runs);
  const purge = new Purge(store, clock, logger, parts.retention);
  const bulks = new BulkRunner(store, clock, logger, bulkSteps(parts));
  return {
    async start() {
      await refresher.start();
      leases.start();
      for (const lane of lanes) lane.start();
      sweeper.start();
      cron.start();
      purge.start();
      bulks.start();
    },
    async stop(signal) {
      const parted = Promise.all([cron, purge, bulks, sweeper, refresher].map((part) => part.stop()));
      const ended = Promise.all([parted, ...lanes.map((lane) => lane.stop())]).then(() => settler.drain());
      await Promise.race([ended, aborted(signal)]);
      settler.handOver();
      leases.stop();
    },
    runTrigger: (of) => runByHand(parts, runs, of),
    sweptAt: () => sweeper.sweptAt,
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Reads the state of all lanes about once a second and lets closed ones reopen. */
class LaneRefresher {
  readonly #lanes: readonly Lane[];
  readonly #parts: ExecutionParts;
  #stopped = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;

  constructor(lanes: readonly Lane[], parts: ExecutionParts) {
    this.#lanes = lanes;
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#stopped = new AbortController();
    const readAt = this.#parts.clock.now();
    const rows = await this.#read();
    for (const lane of this.#lanes) {
      const row = rows.get(lane.destination.name);
      // A lane that was held when the last process ended is tried at once: its key may have been corrected.
      lane.gate.apply(row?.state === 'held' ? { ...row, until: new Date(readAt) } : row, readAt);
      lane.tick(this.#stopped.signal);
    }
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#timer?.clear();
    await this.#running;
  }

  async #read(): Promise<ReadonlyMap<string, LaneRow>> {
    return new Map((await this.#parts.store.lanes()).map((row) => [row.destination, row]));
  }

  #arm(): void {
    this.#timer = this.#parts.clock.setTimer(() => {
      this.#running = this.#refresh().finally(() => {
        if (!this.#stopped.signal.aborted) this.#arm();
      });
    }, this.#parts.settings.laneRefreshMs);
  }

  async #refresh(): Promise<void> {
    try {
      const readAt = this.#parts.clock.now();
      const rows = await this.#read();
      for (const lane of this.#lanes) {
        lane.gate.apply(rows.get(lane.destination.name), readAt);
        lane.tick(this.#stopped.signal);
      }
    } catch (error) {
      this.#parts.logger.warn(describeError(error), 'the state of the lanes could not be read');
    }
  }
}
