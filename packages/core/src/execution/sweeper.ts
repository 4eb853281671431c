import type { ExecutionSettings } from '../contracts/application.js';
import type { Queue } from '../contracts/queue.js';
import type { Store, StoreLock } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';
import type { Lane } from './lane.js';
import { ownError } from './retry.js';

/** A lane with fewer waiting messages than this is offered what is due. */
const NEARLY_EMPTY = 8;
/** Jobs offered to one lane in one sweep. */
const OFFER_LIMIT = 20_000;
const DISCARD_LIMIT = 5_000;
/** The search for jobs past their age looks at much and finds little: once in so many sweeps. */
const AGE_EVERY = 15;

export interface SweeperParts {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ExecutionSettings;
  readonly lanes: readonly Lane[];
}

/**
 * Makes up for whatever was lost: ends the leases of processes that died, offers due jobs the queue does not know of,
 * discards what became too old. One process at a time; another takes over when that one dies.
 */
export class Sweeper {
  readonly #parts: SweeperParts;
  #timer: Timer | undefined;
  #lock: StoreLock | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #sweeps = 0;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopped = false;
    this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.clear();
    await this.#running;
    await this.#lock?.release();
    this.#lock = undefined;
  }

  #run(): void {
    this.#running = this.#sweep().finally(() => {
      if (this.#stopped) return;
      this.#timer = this.#parts.clock.setTimer(() => this.#run(), this.#parts.settings.sweepMs);
    });
  }

  async #sweep(): Promise<void> {
    const { store, lanes, logger } = this.#parts;
    try {
      if (!(await this.#isMine())) return;
      const expired = await store.expire();
      if (expired > 0) logger.warn({ jobs: expired }, 'leases expired; their jobs run again');
      for (const lane of lanes) if (lane.gate.isOpen) await this.#offer(lane);
      if (this.#sweeps % AGE_EVERY === 0) for (const lane of lanes) await this.#discardOld(lane);
      this.#sweeps += 1;
    } catch (error) {
      logger.warn(describeError(error), 'the sweep failed; it is tried again');
    }
  }

  async #isMine(): Promise<boolean> {
    const forMs = this.#parts.settings.sweepMs * 3;
    if (this.#lock && (await this.#lock.renew(forMs))) return true;
    this.#lock = await this.#parts.store.lock('sweeper', forMs);
    return this.#lock !== undefined;
  }

  async #offer(lane: Lane): Promise<void> {
    const { store, queue, logger } = this.#parts;
    const destination = lane.destination.name;
    try {
      if ((await queue.depth(destination)) >= NEARLY_EMPTY) return;
    } catch (error) {
      logger.debug({ ...describeError(error), lane: destination }, 'the depth of a queue is not known');
      return;
    }
    const refs = await store.due({ destination, limit: OFFER_LIMIT });
    if (refs.length > 0) queue.offer(refs);
  }

  async #discardOld(lane: Lane): Promise<void> {
    // An operator's pause stops the clock: nobody may lose what they put aside on purpose.
    if (lane.gate.state === 'paused') return;
    const { store, clock, logger } = this.#parts;
    const destination = lane.destination.name;
    for (const [action, { maxAgeMs }] of lane.schedules) {
      const before = new Date(clock.now() - maxAgeMs);
      const error = ownError('FRAGMENT_DELIVERY_MAX_AGE');
      const jobs = await store.discardOlder({
        destination,
        actions: [action],
        before,
        error,
        limit: DISCARD_LIMIT,
      });
      if (jobs > 0) logger.warn({ lane: destination, action, jobs }, 'jobs were discarded for their age');
    }
  }
}
