import type { CronTrigger, Source } from '../contracts/source.js';
import type { Extraction } from '../contracts/events.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { withDeadline } from '../platform/deadline.js';
import { describeError } from '../platform/logger.js';
import { toolkit } from '../platform/toolkit.js';
import { parseSchedule, type Recurrence } from '../schedule/schedule.js';

/** How long a tick stays taken; longer than the clocks of two schedulers ever differ. */
const TICK_LOCK_MS = 10 * 60_000;
const TICK_TIMEOUT_MS = 5 * 60_000;

export interface CronParts {
  readonly sources: readonly Source[];
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ingest: (source: Source, trigger: CronTrigger, extraction: Extraction) => Promise<unknown>;
}

/**
 * Runs cron triggers. Every scheduler has the same timetable, and the store decides who runs a tick: one event per
 * tick whatever their number. A tick whose scheduler dies while it runs is not run again.
 */
export class CronRunner {
  readonly #parts: CronParts;
  readonly #timers = new Map<string, Timer>();
  readonly #running = new Set<Promise<void>>();
  #stopped = new AbortController();

  constructor(parts: CronParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopped = new AbortController();
    for (const source of this.#parts.sources) {
      for (const trigger of source.triggers) {
        if (trigger.mode !== 'cron') continue;
        const recurrence = parseSchedule(trigger.schedule);
        if (recurrence) this.#arm(source, trigger, recurrence, new Date(this.#parts.clock.now()));
      }
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.values()) timer.clear();
    this.#timers.clear();
    this.#stopped.abort();
    await Promise.all(this.#running);
  }

  #arm(source: Source, trigger: CronTrigger, recurrence: Recurrence, after: Date): void {
    const { clock } = this.#parts;
    const scheduledAt = recurrence.next(after);
    if (!scheduledAt || this.#stopped.signal.aborted) return;
    const fire = (): void => {
      const early = scheduledAt.getTime() - clock.now();
      // Timers have an upper bound and may run early by a millisecond.
      if (early > 0) this.#timers.set(key, clock.setTimer(fire, early));
      else {
        const run = this.#tick(source, trigger, scheduledAt).finally(() => this.#running.delete(run));
        this.#running.add(run);
        this.#arm(source, trigger, recurrence, new Date(Math.max(scheduledAt.getTime(), clock.now() - 1)));
      }
    };
    const key = `${source.name}/${trigger.name}`;
    this.#timers.set(key, clock.setTimer(fire, Math.max(0, scheduledAt.getTime() - clock.now())));
  }

  async #tick(source: Source, trigger: CronTrigger, scheduledAt: Date): Promise<void> {
    const { store, clock, logger, ingest } = this.#parts;
    const name = `triggers/${source.name}/${trigger.name}`;
    const tick = scheduledAt.toISOString();
    try {
      // Never given back: it must outlive the slowest clock among the schedulers.
      if (!(await store.lock(`${name}/${tick}`, TICK_LOCK_MS))) return;
      const extraction = await withDeadline(clock, TICK_TIMEOUT_MS, this.#stopped.signal, (call) =>
        trigger.extract({ scheduledAt }, toolkit(logger, clock, call.signal)),
      );
      if (extraction) await ingest(source, trigger, { messageId: `${trigger.name}@${tick}`, ...extraction });
    } catch (error) {
      logger.error({ ...describeError(error), trigger: name, tick }, 'a cron trigger failed');
    }
  }
}
