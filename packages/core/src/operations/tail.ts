import type { Where } from '../contracts/filters.js';
import type { EventRecord } from '../contracts/records.js';
import type { Store } from '../contracts/store.js';
import type { Clock } from '../contracts/toolkit.js';

const POLL_MS = 500;
/** Commits of several gateways interleave: an event may become visible a little after a newer one. */
const OVERLAP_MS = 5_000;
const PAGE = 200;

/** Events whose jobs are looked at again. */
const WATCHED = 500;

/**
 * Events as they become visible, oldest first, and again whenever a job of them has changed its status. Ends when the
 * signal aborts.
 */
export async function* tailEvents(
  store: Store,
  clock: Clock,
  where: Where,
  signal: AbortSignal,
): AsyncGenerator<EventRecord, void, undefined> {
  const started = clock.now();
  const seen = new Map<string, string>();
  while (!signal.aborted) {
    const since = Math.max(started, clock.now() - OVERLAP_MS);
    const events = { ...where.events, receivedAfter: new Date(since) };
    const { items } = await store.findEvents({ ...where, events }, { limit: PAGE, counted: false });
    const fresh = items.filter(({ id }) => !seen.has(id)).reverse();
    for (const event of [...fresh, ...(await changed(store, seen))]) {
      seen.set(event.id, stateOf(event));
      yield event;
    }
    forget(seen);
    await pause(clock, signal);
  }
}

/** Those whose jobs are not where they were when they were last told of. */
async function changed(store: Store, seen: ReadonlyMap<string, string>): Promise<readonly EventRecord[]> {
  const open = [...seen].filter(([, state]) => !isFinal(state)).map(([id]) => id);
  if (open.length === 0) return [];
  const { items } = await store.findEvents({ events: { idsIn: open } }, { limit: WATCHED, counted: false });
  return items.filter((event) => stateOf(event) !== seen.get(event.id)).reverse();
}

const stateOf = (event: EventRecord): string =>
  event.jobs.map(({ status, attempt }) => `${status}:${attempt}`).join();

const isFinal = (state: string): boolean => !/awaiting|executing|failed|unknown/.test(state);

/** The oldest first: a map keeps the order in which its keys came. */
function forget(seen: Map<string, string>): void {
  for (const id of seen.keys()) {
    if (seen.size <= WATCHED) return;
    seen.delete(id);
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
