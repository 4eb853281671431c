import { setMaxListeners } from 'node:events';
import type { Clock } from '../contracts/toolkit.js';

/** Spreads calls evenly: at most `perSecond` starts a second in this process. */
export class Pace {
  readonly #clock: Clock;
  readonly #gapMs: number;
  #next = 0;

  constructor(clock: Clock, perSecond: number | undefined) {
    this.#clock = clock;
    this.#gapMs = perSecond === undefined ? 0 : 1_000 / perSecond;
  }

  async wait(signal: AbortSignal): Promise<void> {
    if (this.#gapMs === 0) return;
    const now = this.#clock.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#gapMs;
    if (at <= now) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        timer.clear();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.#clock.setTimer(end, at - now);
      setMaxListeners(0, signal);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
