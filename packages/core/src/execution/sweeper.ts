import type { ExecutionSettings } from '../contracts/application.js';
import type { Queue } from '../contracts/queue.js';
import type { Store, StoreLock } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';
import type { Lane } from './lane.js';
import { ownError } from './retry.js';

/** A lane with fewer waiting messages than this is offered what is due. */
const NEARLY_EMPTY = 2;
/** Jobs offered to one lane at once. A lane that has more is looked at again soon. */
const OFFER_LIMIT = 10_000;
const LIST_SIZE = 500;
/** Jobs offered past a full queue: those that were lost are the oldest, and must not wait behind a backlog. */
const URGENT_LIMIT = 1_000;
const URGENT_EVERY_MS = 10_000;
const SOON = 8;
const DISCARD_LIMIT = 5_000;
/** The search for jobs past their age reads the whole backlog and finds little: it runs this often in one such age. */
const AGE_LOOKS = 100;
const AGE_EVERY_MS = { least: 30_000, most: 600_000 };

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
  /** When jobs past their age were last looked for, by lane and age. */
  readonly #lookedAt = new Map<string, number>();
  #sweptAt: Date | undefined;
  #urgentAt = Number.NEGATIVE_INFINITY;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  /** When this process last swept to the end. */
  get sweptAt(): Date | undefined {
    return this.#sweptAt;
  }

  start(): void {
    this.#stopped = false;
    this.#urgentAt = this.#parts.clock.now();
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
    const { clock, settings } = this.#parts;
    this.#running = this.#sweep().then((more) => {
      if (this.#stopped) return;
      this.#timer = clock.setTimer(() => this.#run(), more ? settings.sweepMs / SOON : settings.sweepMs);
    });
  }

  /** @returns whether a lane has more than it was offered. */
  async #sweep(): Promise<boolean> {
    const { store, lanes, logger, clock } = this.#parts;
    let more = false;
    try {
      if (!(await this.#isMine())) return false;
      const expired = await store.expire();
      if (expired > 0) logger.warn({ jobs: expired }, 'leases expired; their jobs run again');
      const urgent = this.#isUrgent(expired);
      for (const lane of lanes) if (lane.gate.isOpen && (await this.#offer(lane, urgent))) more = true;
      await this.#discardOld();
      this.#sweptAt = new Date(clock.now());
    } catch (error) {
      logger.warn(describeError(error), 'the sweep failed; it is tried again');
    }
    return more;
  }

  async #isMine(): Promise<boolean> {
    const forMs = this.#parts.settings.sweepMs * 3;
    if (this.#lock && (await this.#lock.renew(forMs))) return true;
    this.#lock = await this.#parts.store.lock('sweeper', forMs);
    return this.#lock !== undefined;
  }

  #isUrgent(expired: number): boolean {
    const now = this.#parts.clock.now();
    if (expired === 0 && now - this.#urgentAt < URGENT_EVERY_MS) return false;
    this.#urgentAt = now;
    return true;
  }

  async #offer(lane: Lane, urgent: boolean): Promise<boolean> {
    const { store, queue, logger } = this.#parts;
    const destination = lane.destination.name;
    let limit = OFFER_LIMIT;
    try {
      if ((await queue.depth(destination)) >= NEARLY_EMPTY) {
        if (!urgent) return false;
        limit = URGENT_LIMIT;
      }
    } catch (error) {
      logger.debug({ ...describeError(error), lane: destination }, 'the depth of a queue is not known');
      return false;
    }
    const refs = await store.due({ destination, limit, listSize: LIST_SIZE });
    if (refs.length > 0) queue.offer(refs);
    return refs.length >= OFFER_LIMIT / LIST_SIZE;
  }

  async #discardOld(): Promise<void> {
    for (const lane of this.#parts.lanes) {
      // An operator's pause stops the clock: nobody may lose what they put aside on purpose.
      if (lane.gate.state === 'paused') continue;
      for (const [maxAgeMs, actions] of actionsByAge(lane)) await this.#discardOlder(lane, maxAgeMs, actions);
    }
  }

  async #discardOlder(lane: Lane, maxAgeMs: number, actions: readonly string[]): Promise<void> {
    const { store, clock, logger } = this.#parts;
    const destination = lane.destination.name;
    const now = clock.now();
    const key = `${destination} ${maxAgeMs}`;
    const everyMs = Math.min(Math.max(maxAgeMs / AGE_LOOKS, AGE_EVERY_MS.least), AGE_EVERY_MS.most);
    if (now - (this.#lookedAt.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    this.#lookedAt.set(key, now);
    const jobs = await store.discardOlder({
      destination,
      actions,
      before: new Date(now - maxAgeMs),
      error: ownError('FRAGMENT_DELIVERY_MAX_AGE'),
      limit: DISCARD_LIMIT,
    });
    if (jobs > 0) logger.warn({ lane: destination, actions, jobs }, 'jobs were discarded for their age');
    // There are more: the next sweep goes on.
    if (jobs >= DISCARD_LIMIT) this.#lookedAt.delete(key);
  }
}

/** Actions that give their jobs up at the same age are looked through together. */
function actionsByAge(lane: Lane): ReadonlyMap<number, readonly string[]> {
  const byAge = new Map<number, string[]>();
  for (const [action, { maxAgeMs }] of lane.schedules) {
    byAge.set(maxAgeMs, [...(byAge.get(maxAgeMs) ?? []), action]);
  }
  return byAge;
}
