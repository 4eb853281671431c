import { setMaxListeners } from 'node:events';
import type { Clock } from '../contracts/toolkit.js';

/** A start that comes later than this after its time takes a new one, or everything that a busy process kept waiting starts at once. */
const LATE_MS = 100;

/** Spreads calls evenly: at most `perSecond` starts a second in this process. */
export class Pace {
  readonly #clock: Clock;
  readonly #gapMs: number;
  #next = 0;
  #waiting = 0;

  constructor(clock: Clock, perSecond: number | undefined) {
    this.#clock = clock;
    this.#gapMs = perSecond === undefined ? 0 : 1_000 / perSecond;
  }

  async wait(signal: AbortSignal): Promise<void> {
    if (this.#gapMs === 0) return;
    for (;;) {
      const now = this.#clock.now();
      const at = this.#take(now);
      if (at > now) await this.#until(at - now, signal);
      if (signal.aborted || this.#clock.now() - at <= LATE_MS) return;
    }
  }

  /** The next start. Never further away than those that wait for theirs ask for, even if somebody set the clock back. */
  #take(now: number): number {
    const last = now + this.#gapMs * (this.#waiting + 1);
    const at = Math.min(Math.max(now, this.#next), last);
    this.#next = at + this.#gapMs;
    return at;
  }

  async #until(ms: number, signal: AbortSignal): Promise<void> {
    this.#waiting += 1;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        timer.clear();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#clock.setTimer(end, ms);
      setMaxListeners(0, signal);
      signal.addEventListener('abort', end, { once: true });
    });
    this.#waiting -= 1;
  }
}
