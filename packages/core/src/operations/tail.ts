import type { JobFilter, Where } from '../contracts/filters.js';
import type { EventRecord } from '../contracts/records.js';
import type { Store } from '../contracts/store.js';
import type { Clock } from '../contracts/toolkit.js';
import { Watch } from './watch.js';

const POLL_MS = 500;
/** Commits of several processes interleave: what has happened may become visible a little after something newer. */
const OVERLAP_MS = 5_000;
/** The store counts back from when it is asked, which is a little later than we believe. */
const SLACK_MS = 1_000;
/** A job whose next try comes so soon is worth looking at before: the try may be over when the next look comes. */
const AHEAD_MS = 2_000;
const PAGE = 200;
/** Events that a single look asks for by their ids: as many as a page may have. */
const FOLLOWED = 500;

/**
 * Events as they become visible, oldest first, and again whenever a job of them has changed its status; also events that
 * came before, once something happens to them. Ends when the signal aborts.
 */
export async function* tailEvents(
  store: Store,
  clock: Clock,
  where: Where,
  signal: AbortSignal,
): AsyncGenerator<EventRecord, void, undefined> {
  const started = clock.now();
  const tail = new Tail(store, where);
  while (!signal.aborted) {
    yield* await tail.look(started, clock.now());
    await pause(clock, signal);
  }
}

class Tail {
  readonly #store: Store;
  readonly #where: Where;
  readonly #lasting: Where;
  /** Whether an event may come to match that does not match yet. */
  readonly #mayChange: boolean;
  readonly #watch = new Watch();

  constructor(store: Store, where: Where) {
    this.#store = store;
    this.#where = where;
    const { jobs: all = {} } = where;
    const jobs = lastingOf(all);
    this.#lasting = { ...where, jobs };
    this.#mayChange = Object.keys(jobs).length < Object.keys(all).length;
  }

  /** What is to be told of now: events received since it started, and what became of all others. */
  async look(started: number, now: number): Promise<readonly EventRecord[]> {
    const since = Math.max(started, now - OVERLAP_MS);
    const fresh = await this.#received(this.#where, since);
    const told = fresh.filter((event) => this.#watch.tells(event));
    if (this.#mayChange) this.#watch.waitFor(await this.#received(this.#lasting, since));
    told.push(...(await this.#changed(Math.min(now - started + SLACK_MS, OVERLAP_MS))));
    this.#watch.forget();
    return told;
  }

  async #received(where: Where, since: number): Promise<readonly EventRecord[]> {
    const { receivedAfter: asked } = where.events ?? {};
    const receivedAfter = new Date(Math.max(since, asked?.getTime() ?? since));
    return this.#find({ ...where, events: { ...where.events, receivedAfter } }, PAGE);
  }

  /** Those whose jobs are not where they were, and those that something has begun to happen to. */
  async #changed(withinMs: number): Promise<readonly EventRecord[]> {
    const stirring = await this.#store.stirring({ withinMs, aheadMs: AHEAD_MS, limit: PAGE });
    const strange = stirring.filter((id) => !this.#watch.knows(id));
    const known = this.#watch.open(stirring).slice(-FOLLOWED);
    const told: EventRecord[] = [];
    const undecided: EventRecord[] = [];
    for (const event of await this.#byIds({}, known)) {
      if (!this.#watch.hasChanged(event)) continue;
      if (this.#watch.wasTold(event.id)) told.push(event);
      else undecided.push(event);
    }
    undecided.push(...(await this.#byIds(this.#lasting, strange)));
    const matching = this.#mayChange
      ? await this.#byIds(
          this.#where,
          undecided.map(({ id }) => id),
        )
      : undecided;
    this.#watch.waitFor(undecided);
    return [...told, ...matching].filter((event) => this.#watch.tells(event));
  }

  async #byIds(where: Where, ids: readonly string[]): Promise<readonly EventRecord[]> {
    const { idsIn } = where.events ?? {};
    const wanted = idsIn === undefined ? ids : ids.filter((id) => idsIn.includes(id));
    if (wanted.length === 0) return [];
    return this.#find({ ...where, events: { ...where.events, idsIn: wanted } }, FOLLOWED);
  }

  /** Oldest first. */
  async #find(where: Where, limit: number): Promise<readonly EventRecord[]> {
    const { items } = await this.#store.findEvents(where, { limit, counted: false });
    return items.toReversed();
  }
}

/** Fields of a filter that a job may come to match, or cease to. */
const PASSING: ReadonlySet<string> = new Set<keyof JobFilter>([
  'createdBefore',
  'createdAfter',
  'statusIn',
  'statusNotIn',
  'minAttempts',
  'maxAttempts',
  'errorCode',
]);

/** What a job that does not match now will never match. */
const lastingOf = (jobs: JobFilter): JobFilter =>
  Object.fromEntries(Object.entries(jobs).filter(([name]) => !PASSING.has(name)));

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
