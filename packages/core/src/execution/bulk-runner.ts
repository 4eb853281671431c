import type { BulkProgress, BulkRecord } from '../contracts/bulk.js';
import type { Store, StoreLock } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

const LOOK_MS = 1_000;
/** For so long an order rests whose process died. */
const LOCK_MS = 10_000;
const BEAT_MS = 3_000;
/** What one step changes at most: a cancellation is never further away than one step. */
const STEP = 500;

/** Carries out one step of an order. `last` is undefined when there is nothing more. */
export type BulkStep = (
  order: BulkRecord,
  o: { readonly limit: number; readonly after: string | undefined },
) => Promise<{ readonly visited: number; readonly done: number; readonly last?: string | undefined }>;

type OpenBulk = BulkRecord & { readonly cursor?: string };

/**
 * Carries out what operators ordered for many jobs: one process per order, step by step, at the rate that was asked
 * for. Each step is written down, so another process goes on where one died.
 */
export class BulkRunner {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #step: BulkStep;
  readonly #running = new Map<string, Promise<void>>();
  #stopped = new AbortController();
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;

  constructor(store: Store, clock: Clock, logger: Logger, step: BulkStep) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#step = step;
  }

  start(): void {
    this.#stopped = new AbortController();
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#timer?.clear();
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#looking = this.#look().finally(() => {
        if (!this.#stopped.signal.aborted) this.#arm();
      });
    }, LOOK_MS);
  }

  async #look(): Promise<void> {
    try {
      for (const order of await this.#store.openBulks()) {
        if (this.#running.has(order.id) || this.#stopped.signal.aborted) continue;
        const lock = await this.#store.lock(`bulk/${order.id}`, LOCK_MS);
        if (lock) this.#begin(order, lock);
      }
    } catch (error) {
      this.#logger.warn(describeError(error), 'bulk orders could not be read');
    }
  }

  #begin(order: OpenBulk, lock: StoreLock): void {
    const endKeeping = this.#keep(lock);
    const run = this.#run(order, lock).finally(async () => {
      endKeeping();
      this.#running.delete(order.id);
      await lock.release();
    });
    this.#running.set(order.id, run);
  }

  /** However long a step takes, or the wait for the next one. That it was lost is noticed before the next step. */
  #keep(lock: StoreLock): () => void {
    let timer: Timer;
    const arm = (): void => {
      timer = this.#clock.setTimer(() => {
        lock.renew(LOCK_MS).catch(() => false);
        arm();
      }, BEAT_MS);
    };
    arm();
    return () => timer.clear();
  }

  /** Never rejects. A step that fails ends the order, unless the store was away: then the order waits. */
  async #run(order: OpenBulk, lock: StoreLock): Promise<void> {
    const logger = this.#logger.child({ bulk: order.id, kind: order.kind });
    let at: BulkProgress & { readonly cursor?: string } = {
      state: 'running',
      done: order.done,
      visited: order.visited,
      ...(order.cursor === undefined ? {} : { cursor: order.cursor }),
    };
    try {
      while (!this.#stopped.signal.aborted && at.state === 'running') {
        const startedAt = this.#clock.now();
        at = await this.#next(order, at);
        if (!(await this.#store.setBulk(order.id, at))) return;
        if (at.state === 'running' && !(await this.#mayGoOn(order, at, startedAt))) return;
        if (!(await lock.renew(LOCK_MS))) return;
      }
      if (at.state === 'done') logger.info({ done: at.done }, 'a bulk order is done');
    } catch (error) {
      const { code, error: reason } = describeError(error);
      logger.warn({ code, error: reason }, 'a bulk order was interrupted');
      if (code === 'FRAGMENT_STORE_UNAVAILABLE') return;
      await this.#store.setBulk(order.id, { ...at, state: 'failed', error: reason }).catch(() => false);
    }
  }

  async #next(order: OpenBulk, at: BulkProgress): Promise<BulkProgress> {
    const limit = Math.min(STEP, Math.max(1, Math.round(order.ratePerSecond ?? STEP)));
    const { visited, done, last } = await this.#step(order, { limit, after: at.cursor });
    return {
      state: last === undefined ? 'done' : 'running',
      done: at.done + done,
      visited: at.visited + visited,
      ...(last === undefined ? {} : { cursor: last }),
    };
  }

  /** Waits for the next step; false when the order was cancelled meanwhile. */
  async #mayGoOn(order: OpenBulk, at: BulkProgress, startedAt: number): Promise<boolean> {
    if (order.ratePerSecond === undefined) return true;
    await this.#pause(order, startedAt);
    return this.#store.setBulk(order.id, at);
  }

  /** Until the time that this step was worth at the rate of the order is over. */
  async #pause({ ratePerSecond }: BulkRecord, startedAt: number): Promise<void> {
    if (ratePerSecond === undefined) return;
    const limit = Math.min(STEP, Math.max(1, Math.round(ratePerSecond)));
    const until = startedAt + (limit / ratePerSecond) * 1_000;
    const ms = until - this.#clock.now();
    if (ms <= 0) return;
    await new Promise<void>((resolve) => {
      const { signal } = this.#stopped;
      const end = (): void => {
        timer.clear();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#clock.setTimer(end, ms);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
