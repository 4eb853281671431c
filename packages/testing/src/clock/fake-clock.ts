import type { Clock, Timer } from '@fragment/core';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves the time on, and calls each timer that falls due at its own moment, in the order they fall due. */
  advance(ms: number): Promise<void>;
  /** How many timers are set. */
  readonly pending: number;
}

interface Entry {
  readonly at: number;
  readonly fn: () => void;
}

/** `start`: milliseconds since the epoch, or a date; default 2030-01-01T00:00:00Z. */
export function fakeClock({
  start = '2030-01-01T00:00:00Z',
}: { start?: number | string | Date } = {}): FakeClock {
  let time = new Date(start).getTime();
  const timers = new Set<Entry>();

  /** The earliest due by then; of several at one moment the one that was set first. */
  const nextDue = (until: number): Entry | undefined => {
    let next: Entry | undefined;
    for (const timer of timers) {
      if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  };

  return {
    now: () => time,
    setTimer(fn, ms): Timer {
      const entry = { at: time + Math.max(0, ms), fn };
      timers.add(entry);
      return { clear: () => void timers.delete(entry) };
    },
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        timers.delete(due);
        time = due.at;
        due.fn();
        await settle();
      }
      time = until;
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Lets promises that are already resolved run on, and set their next timers, before the time moves further. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
