import type { EventRecord } from '../contracts/records.js';

const MOST = 1_000;

interface Sight {
  readonly state: string;
  readonly told: boolean;
}

/** Events that a tail has seen, each with the state of its jobs at that moment. Remembers those it saw last. */
export class Watch {
  // A map keeps the order in which its keys came: whatever is seen anew is put at its end.
  readonly #sights = new Map<string, Sight>();

  knows(id: string): boolean {
    return this.#sights.has(id);
  }

  wasTold(id: string): boolean {
    return this.#sights.get(id)?.told ?? false;
  }

  hasChanged(event: EventRecord): boolean {
    return this.#sights.get(event.id)?.state !== stateOf(event);
  }

  /** Notes an event that matches. Is there anything new to tell? */
  tells(event: EventRecord): boolean {
    const news = !this.wasTold(event.id) || this.hasChanged(event);
    this.#see(event, true);
    return news;
  }

  /** Notes events that do not match, or not yet. One that was told of stays so. */
  waitFor(events: readonly EventRecord[]): void {
    for (const event of events) if (!this.wasTold(event.id)) this.#see(event, false);
  }

  /** Known events that may have changed: whose jobs had not all ended; last, whatever their state, those of these ids. */
  open(stirring: readonly string[]): readonly string[] {
    const ids = new Set<string>();
    for (const id of stirring) {
      const sight = this.#sights.get(id);
      if (sight === undefined) continue;
      ids.add(id);
      this.#sights.delete(id);
      this.#sights.set(id, sight);
    }
    return [...this.#sights].filter(([id, { state }]) => ids.has(id) || !isFinal(state)).map(([id]) => id);
  }

  forget(): void {
    for (const id of this.#sights.keys()) {
      if (this.#sights.size <= MOST) return;
      this.#sights.delete(id);
    }
  }

  #see(event: EventRecord, told: boolean): void {
    this.#sights.delete(event.id);
    this.#sights.set(event.id, { state: stateOf(event), told });
  }
}

const stateOf = (event: EventRecord): string =>
  event.jobs.map(({ status, attempt }) => `${status}:${attempt}`).join();

const isFinal = (state: string): boolean => !/awaiting|executing|failed|unknown/.test(state);
