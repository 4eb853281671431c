import type { Clock } from '../contracts/toolkit.js';

/** The machine's clock. Its timers never keep a process alive: what must end in time is awaited by `stop`. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(fn, ms) {
    // setTimeout fires at once for waits beyond 2^31-1 ms; a cron schedule may be months away.
    const timer = setTimeout(fn, Math.min(ms, 2_147_483_647));
    timer.unref();
    return { clear: () => clearTimeout(timer) };
  },
};
