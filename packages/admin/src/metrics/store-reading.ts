import type { Application, Backlog, LaneRow } from '@fragment/core';

const KEEP_MS = 5_000;
const DEADLINE_MS = 2_000;
/** A reading that takes long is made less often, so that it never is what the store is busy with. */
const SHARE = 20;

export interface StoreState {
  /** Did the last reading succeed, in time? */
  readonly up: boolean;
  readonly lanes: readonly LaneRow[];
  /** Undefined while the store is away: what it last said would hide that. */
  readonly backlog: Backlog | undefined;
}

const AWAY: StoreState = { up: false, lanes: [], backlog: undefined };

/** What metrics ask of the store: one reading for a whole scrape, kept for a few seconds, within a deadline. */
export class StoreReading {
  readonly #app: Pick<Application, 'store' | 'clock'>;
  #state: StoreState = AWAY;
  #until = Number.NEGATIVE_INFINITY;
  #running: Promise<StoreState> | undefined;

  constructor(app: Pick<Application, 'store' | 'clock'>) {
    this.#app = app;
  }

  /** Never throws. */
  async current(): Promise<StoreState> {
    if (this.#app.clock.now() < this.#until) return this.#state;
    this.#running ??= this.#read().finally(() => (this.#running = undefined));
    return this.#inTime(this.#running);
  }

  async #read(): Promise<StoreState> {
    const { store, clock } = this.#app;
    const begin = clock.now();
    try {
      const [lanes, backlog] = await Promise.all([store.lanes(), store.backlog()]);
      this.#state = { up: true, lanes, backlog };
    } catch {
      this.#state = AWAY;
    }
    const end = clock.now();
    this.#until = end + Math.max(KEEP_MS, (end - begin) * SHARE);
    return this.#state;
  }

  #inTime(reading: Promise<StoreState>): Promise<StoreState> {
    return new Promise((resolve) => {
      const late = this.#app.clock.setTimer(() => resolve(AWAY), DEADLINE_MS);
      void reading.then((state) => {
        late.clear();
        resolve(state);
      });
    });
  }
}
