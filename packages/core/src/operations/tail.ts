import type { Where } from '../contracts/filters.js';
import type { EventRecord, Store } from '../contracts/store.js';
import type { Clock } from '../contracts/toolkit.js';

const POLL_MS = 500;
/** Commits of several gateways interleave: an event may become visible a little after a newer one. */
const OVERLAP_MS = 5_000;
const PAGE = 200;

/** New events as they become visible, oldest first, each once. Ends when the signal aborts. */
export async function* tailEvents(
  store: Store,
  clock: Clock,
  where: Where,
  signal: AbortSignal,
): AsyncGenerator<EventRecord, void, undefined> {
  const started = clock.now();
  const seen = new Map<string, number>();
  while (!signal.aborted) {
    const since = Math.max(started, clock.now() - OVERLAP_MS);
    const events = { ...where.events, receivedAfter: new Date(since) };
    const { items } = await store.findEvents({ ...where, events }, { limit: PAGE });
    for (const event of [...items].reverse()) {
      if (seen.has(event.id)) continue;
      seen.set(event.id, event.receivedAt.getTime());
      yield event;
    }
    for (const [id, at] of seen) if (at < since - OVERLAP_MS) seen.delete(id);
    await pause(clock, signal);
  }
}

const pause = (clock: Clock, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      timer.clear();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimer(end, POLL_MS);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
