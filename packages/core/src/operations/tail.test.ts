import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JobStatus, Where } from '../contracts/filters.js';
import type { EventRecord, JobRecord } from '../contracts/records.js';
import type { Store } from '../contracts/store.js';
import { StoppedClock, storedEvent } from '../fixtures.fixture.js';
import { tailEvents } from './tail.js';

const HOUR_MS = 3_600_000;

const jobOf = (status: JobStatus, attempt: number, destination: string): JobRecord => ({
  id: 'e.0',
  eventId: 'e',
  seq: 0,
  destination,
  action: 'track',
  status,
  attempt,
  lostLeases: 0,
  createdAt: new Date(0),
  dueAt: new Date(0),
});

/** What a tail asks of a store, over events that a test sets. */
class TailStore {
  /** The newest first, as lists are. */
  events: EventRecord[] = [];
  stirring: string[] = [];
  readonly asked: { readonly withinMs: number; readonly aheadMs: number; readonly limit: number }[] = [];
  lists = 0;

  /** An event with one job; one that is there already gets a new job in place of its own. */
  set(id: string, status: JobStatus, o: { at?: number; attempt?: number; destination?: string } = {}): void {
    const before = this.events.find((event) => event.id === id);
    const receivedAt = before?.receivedAt ?? new Date(o.at ?? 0);
    const event = {
      ...storedEvent({ id, receivedAt }),
      jobs: [jobOf(status, o.attempt ?? 1, o.destination ?? 'crm')],
    };
    this.events = before
      ? this.events.map((other) => (other === before ? event : other))
      : [event, ...this.events];
  }

  asStore(): Store {
    const store: Partial<Store> = {
      findEvents: (where, { limit = 100 }) => {
        this.lists += 1;
        const items = this.events.filter((event) => matches(event, where)).slice(0, limit);
        return Promise.resolve({ items, count: 0, countIsCapped: false, limit, offset: 0 });
      },
      stirring: (o) => {
        this.asked.push(o);
        return Promise.resolve(this.stirring);
      },
    };
    return store as Store;
  }
}

function matches(event: EventRecord, { events = {}, jobs = {} }: Where): boolean {
  const { idsIn, receivedAfter } = events;
  const { statusIn, destinationsIn } = jobs;
  return (
    (idsIn?.includes(event.id) ?? true) &&
    (receivedAfter === undefined || event.receivedAt > receivedAfter) &&
    ((statusIn ?? destinationsIn) === undefined ||
      event.jobs.some(
        ({ status, destination }) =>
          (statusIn?.includes(status) ?? true) && (destinationsIn?.includes(destination) ?? true),
      ))
  );
}

describe('the tail', () => {
  let clock: StoppedClock;
  let store: TailStore;
  let end: AbortController;
  let reading: Promise<void>;
  let told: string[];
  beforeEach(() => {
    clock = new StoppedClock();
    store = new TailStore();
    end = new AbortController();
    told = [];
  });
  afterEach(async () => {
    end.abort();
    await clock.advance(1_000);
    await reading;
  });

  async function follow(where: Where = {}): Promise<void> {
    reading = (async () => {
      for await (const { id, jobs } of tailEvents(store.asStore(), clock, where, end.signal))
        told.push(`${id} ${jobs[0]?.status ?? 'none'}`);
    })();
    await clock.advance(0);
  }
  /** What it tells of within the next look. */
  async function next(): Promise<readonly string[]> {
    told.length = 0;
    await clock.advance(500);
    return [...told];
  }
  const now = (): { at: number } => ({ at: clock.now() });
  const old = (): { at: number } => ({ at: clock.now() - HOUR_MS });

  it('tells of an event when it is new, and again when a job of it has changed', async () => {
    await follow();
    await clock.advance(100);
    store.set('a', 'awaiting', now());
    expect(await next()).toEqual(['a awaiting']);
    await clock.advance(10_000);
    store.set('a', 'failed');
    store.set('b', 'awaiting', now());
    expect(await next()).toEqual(['b awaiting', 'a failed']);
    expect(await next()).toEqual([]);
    store.set('a', 'succeeded', { attempt: 2 });
    expect(await next()).toEqual(['a succeeded']);
    expect(await next()).toEqual([]);
  });

  it('tells of an event that was received before a newer one and committed after it', async () => {
    await follow();
    await clock.advance(6_000);
    store.set('newer', 'awaiting', now());
    await clock.advance(2_000);
    store.set('late', 'awaiting', { at: clock.now() - 4_000 });
    await clock.advance(500);
    expect(told).toEqual(['newer awaiting', 'late awaiting']);
  });

  it('tells of an old event once something happens to it, and from then on to its end', async () => {
    store.set('old', 'failed', old());
    store.set('other', 'failed', old());
    await follow();
    expect(await next()).toEqual([]);
    store.stirring = ['old'];
    expect(await next()).toEqual(['old failed']);
    expect(await next()).toEqual([]);
    store.stirring = [];
    store.set('old', 'executing', { attempt: 2 });
    expect(await next()).toEqual(['old executing']);
    await clock.advance(10_000);
    store.set('old', 'succeeded', { attempt: 2 });
    expect(await next()).toEqual(['old succeeded']);
  });

  it('tells of an event whose jobs had ended when one of them is retried', async () => {
    await follow();
    await clock.advance(100);
    store.set('a', 'discarded', now());
    expect(await next()).toEqual(['a discarded']);
    await clock.advance(60_000);
    store.set('a', 'awaiting');
    expect(await next()).toEqual([]);
    store.stirring = ['a'];
    expect(await next()).toEqual(['a awaiting']);
    store.set('a', 'discarded', { attempt: 2 });
    expect(await next()).toEqual(['a discarded']);
    expect(await next()).toEqual([]);
  });

  it('asks for what happened since it began, a little further back than its last look', async () => {
    await follow();
    await clock.advance(10_000);
    expect(store.asked.slice(0, 2).map(({ withinMs }) => withinMs)).toEqual([1_000, 1_500]);
    expect(store.asked.at(-1)).toEqual({ withinMs: 5_000, aheadMs: 2_000, limit: 200 });
  });

  it('lists once a look while nothing happens', async () => {
    store.set('old', 'failed', old());
    await follow();
    store.lists = 0;
    await clock.advance(5_000);
    expect(store.lists).toBe(10);
  });

  it('tells by its filter: an event of which the job comes to match later, and of no other', async () => {
    store.set('old', 'discarded', old());
    store.set('foreign', 'discarded', { ...old(), destination: 'mail' });
    await follow({ jobs: { statusIn: ['succeeded'], destinationsIn: ['crm'] } });
    await clock.advance(100);
    store.set('new', 'awaiting', now());
    store.stirring = ['old', 'foreign'];
    store.set('old', 'awaiting');
    store.set('foreign', 'awaiting', { destination: 'mail' });
    expect(await next()).toEqual([]);
    store.stirring = [];
    await clock.advance(20_000);
    store.set('old', 'succeeded', { attempt: 2 });
    store.set('foreign', 'succeeded', { attempt: 2, destination: 'mail' });
    store.set('new', 'succeeded');
    expect([...(await next())].sort()).toEqual(['new succeeded', 'old succeeded']);
    expect(await next()).toEqual([]);
  });

  it('goes on telling of an event that no longer matches: what it showed is no longer true', async () => {
    await follow({ jobs: { statusIn: ['failed'] } });
    await clock.advance(100);
    store.set('a', 'failed', now());
    expect(await next()).toEqual(['a failed']);
    store.set('a', 'succeeded', { attempt: 2 });
    expect(await next()).toEqual(['a succeeded']);
  });

  it('follows the selection that it was given, and no receipt before the one asked for', async () => {
    store.set('a', 'failed', old());
    store.set('b', 'failed', old());
    await follow({ events: { idsIn: ['a'], receivedAfter: new Date(0) } });
    store.stirring = ['b', 'a'];
    expect(await next()).toEqual(['a failed']);
    const since = new Date(clock.now() + HOUR_MS);
    end.abort();
    await clock.advance(1_000);
    end = new AbortController();
    await follow({ events: { receivedAfter: since } });
    store.set('c', 'awaiting', { at: clock.now() + 1_000 });
    expect(await next()).toEqual([]);
  });

  it('remembers the 1,000 it saw last, and does not tell twice of what still stirs', async () => {
    store.set('old', 'discarded', old());
    store.stirring = ['old'];
    await follow();
    expect(told).toEqual(['old discarded']);
    for (let round = 0; round < 8; round += 1) {
      for (let n = 0; n < 200; n += 1) store.set(`${round}-${n}`, 'succeeded', { at: clock.now() + 1 });
      expect(await next()).toHaveLength(200);
    }
    store.stirring = ['0-0'];
    expect(await next()).toEqual(['0-0 succeeded']);
  });
});
