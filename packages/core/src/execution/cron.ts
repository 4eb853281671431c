import type { CronTrigger, Source } from '../contracts/source.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';
import { parseSchedule, type Recurrence } from '../schedule/schedule.js';
import type { TriggerRuns } from './trigger-runs.js';

/** How long a tick stays taken; longer than the clocks of two schedulers ever differ. */
const TICK_LOCK_MS = 10 * 60_000;

export interface CronParts {
  readonly sources: readonly Source[];
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Runs cron triggers. Every scheduler has the same timetable, and the store decides who runs a tick: one event per
 * tick whatever their number. A tick whose scheduler dies while it runs is not run again.
 */
export class CronRunner {
  readonly #parts: CronParts;
  readonly #runs: TriggerRuns;
  readonly #timers = new Map<string, Timer>();
  readonly #running = new Set<Promise<void>>();
  #stopped = true;

  constructor(parts: CronParts, runs: TriggerRuns) {
    this.#parts = parts;
    this.#runs = runs;
  }

  start(): void {
    this.#stopped = false;
    this.#runs.start();
    for (const source of this.#parts.sources) {
      for (const trigger of source.triggers) {
        if (trigger.mode !== 'cron') continue;
        const recurrence = parseSchedule(trigger.schedule);
        if (recurrence) this.#arm(source, trigger, recurrence, new Date(this.#parts.clock.now()));
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.clear();
    this.#timers.clear();
    await Promise.all([this.#runs.stop(), ...this.#running]);
  }

  #arm(source: Source, trigger: CronTrigger, recurrence: Recurrence, after: Date): void {
    const { clock } = this.#parts;
    const scheduledAt = recurrence.next(after);
    if (!scheduledAt || this.#stopped) return;
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
    const name = `triggers/${source.name}/${trigger.name}`;
    const tick = scheduledAt.toISOString();
    try {
      // Never given back: it must outlive the slowest clock among the schedulers.
      if (!(await this.#parts.store.lock(`${name}/${tick}`, TICK_LOCK_MS))) return;
    } catch (error) {
      this.#parts.logger.error(
        { ...describeError(error), trigger: name, tick },
        'the store could not be asked who runs a tick; it is left out',
      );
      return;
    }
    await this.#runs.begin(source, trigger, { scheduledAt, byHand: false }).ended;
  }
}
