import type { Action, Destination, JobResult, LeasedJob } from './contracts/destination.js';
import type { PlannedEvent, StoredEvent } from './contracts/events.js';
import type { Queue } from './contracts/queue.js';
import type { JobRef } from './contracts/job-ref.js';
import type { RejectionRecord } from './contracts/records.js';
import type {
  AppendOutcome,
  AppendOptions,
  LaneRow,
  LaneState,
  Settlement,
  Store,
} from './contracts/store.js';
import type { Clock, Timer } from './contracts/toolkit.js';

/** A clock that stands until it is moved. */
export class StoppedClock implements Clock {
  #now = Date.parse('2026-01-02T03:04:05.000Z');
  #timers: { at: number; fn: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  setTimer(fn: () => void, ms: number): Timer {
    const timer = { at: this.#now + ms, fn };
    this.#timers.push(timer);
    return { clear: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  /** Moves without running anything: a process that was busy meanwhile, or whose clock was set. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Moves on and runs what became due, in order, letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    await settled();
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((t) => t !== next);
      next.fn();
      await settled();
    }
    this.#now = end;
    await settled();
  }
}

/** Lets everything that can run without time passing run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export const storedEvent = (over: Partial<StoredEvent> = {}): StoredEvent => ({
  id: '01900000-0000-7000-8000-000000000001',
  source: 'rest',
  trigger: 'track',
  type: 'track',
  messageId: 'm1',
  userId: 'u1',
  timestamp: new Date('2026-01-02T03:04:05.000Z'),
  receivedAt: new Date('2026-01-02T03:04:05.000Z'),
  data: '{}',
  ...over,
});

export const plannedEvent = (over: Partial<PlannedEvent> = {}): PlannedEvent => ({
  ...storedEvent(),
  jobs: [],
  ...over,
});

export const leasedJob = (over: Partial<LeasedJob> = {}): LeasedJob => ({
  id: '01900000-0000-7000-8000-000000000001.0',
  token: 'token',
  attempt: 1,
  countedAttempts: 0,
  destination: 'crm',
  action: 'track',
  event: storedEvent(),
  idempotencyKey: 'm1:01900000-0000-7000-8000-000000000001.0',
  depth: 0,
  dueAt: new Date('2026-01-02T03:04:05.000Z'),
  createdAt: new Date('2026-01-02T03:04:05.000Z'),
  ...over,
});

type Load = Action['load'];
export const destinationOf = (load: Load, over: Partial<Destination> = {}): Destination => ({
  name: 'crm',
  actions: [{ name: 'track', load }],
  ...over,
});

export const everyJob = (
  jobs: readonly LeasedJob[],
  result: (job: LeasedJob) => JobResult,
): Promise<JobResult[]> => Promise.resolve(jobs.map(result));

interface Row {
  job: LeasedJob;
  status: 'waiting' | 'executing' | 'ended';
  settlements: Settlement[];
}

/** The few methods of a store that a lane uses, in memory, on an injected clock. */
export class LaneStore {
  readonly rows = new Map<string, Row>();
  readonly states: Omit<LaneRow, 'updatedAt'>[] = [];
  readonly locks = new Set<string>();
  /** What was asked of `lease`, in order. */
  readonly asked: JobRef[] = [];
  /** Tokens that `renew` reports as lost. */
  lostTokens: readonly string[] = [];
  /** What `discardOlder` was asked for, in order. */
  readonly aged: { readonly actions: readonly string[] | undefined; readonly before: Date }[] = [];
  /** Jobs that `discardOlder` still finds. */
  tooOld = 0;
  /** Is told what is renewed. */
  renewed: (tokens: readonly string[]) => void = () => undefined;
  /** Orders as a store does: no job of a user who has an earlier unfinished one. */
  oneOfEachUser = false;
  lane: LaneRow | undefined;
  down = false;
  #tokens = 0;

  add(...jobs: LeasedJob[]): void {
    for (const job of jobs) this.rows.set(job.id, { job, status: 'waiting', settlements: [] });
  }

  settlements(id: string): readonly Settlement[] {
    return this.rows.get(id)?.settlements ?? [];
  }

  get waiting(): number {
    return [...this.rows.values()].filter((row) => row.status === 'waiting').length;
  }

  asStore(): Store {
    const store: Partial<Store> = {
      lease: ({ limit, ref }) => {
        this.asked.push(ref);
        this.#check();
        // A reference without ids stands for everything.
        const wanted = 'ids' in ref && ref.ids.length > 0 ? ref.ids : [...this.rows.keys()];
        const rows = [...this.rows.values()]
          .filter((row) => row.status === 'waiting' && wanted.includes(row.job.id))
          .filter((row) => !this.oneOfEachUser || this.#isFirstOfItsUser(row))
          .slice(0, limit);
        this.#tokens += 1;
        const token = `token-${this.#tokens}`;
        for (const row of rows) {
          row.status = 'executing';
          row.job = { ...row.job, token, attempt: row.job.attempt + (row.settlements.length > 0 ? 1 : 0) };
        }
        return Promise.resolve(rows.map((row) => row.job));
      },
      renew: (tokens) => {
        this.renewed(tokens);
        return Promise.resolve(this.lostTokens);
      },
      release: (jobs) => {
        for (const { id } of jobs) this.#row(id).status = 'waiting';
        return Promise.resolve();
      },
      settle: (settlements) => {
        this.#check();
        for (const settlement of settlements) {
          const row = this.#row(settlement.id);
          row.settlements.push(settlement);
          row.status =
            settlement.outcome === 'failed' || settlement.outcome === 'unknown' ? 'waiting' : 'ended';
        }
        return Promise.resolve({ refused: [], retries: [], followups: [] });
      },
      due: ({ destination }) => {
        const ids = [...this.rows.values()].filter((r) => r.status === 'waiting').map((r) => r.job.id);
        return Promise.resolve(ids.length > 0 ? [{ destination, ids }] : []);
      },
      expire: () => Promise.resolve(0),
      discardOlder: (r) => Promise.resolve(this.#discard(r)),
      lanes: () => Promise.resolve(this.lane ? [this.lane] : []),
      setLane: (row, o) => {
        const state: LaneState = this.lane?.state ?? 'open';
        if (o?.expect !== undefined && o.expect !== state) return Promise.resolve(false);
        this.states.push(row);
        this.lane = { ...row, updatedAt: new Date(0) };
        return Promise.resolve(true);
      },
      lock: (name) => {
        if (this.locks.has(name)) return Promise.resolve(undefined);
        this.locks.add(name);
        const release = (): Promise<void> => Promise.resolve(void this.locks.delete(name));
        return Promise.resolve({ renew: () => Promise.resolve(true), release });
      },
    };
    return store as Store;
  }

  #discard({ actions, before, limit }: Parameters<Store['discardOlder']>[0]): number {
    this.aged.push({ actions, before });
    const jobs = Math.min(limit, this.tooOld);
    this.tooOld -= jobs;
    return jobs;
  }

  #isFirstOfItsUser(row: Row): boolean {
    const unfinished = [...this.rows.values()].filter((other) => other.status !== 'ended');
    return unfinished.find((other) => other.job.event.userId === row.job.event.userId) === row;
  }

  #check(): void {
    if (this.down) throw new Error('the store is away');
  }

  #row(id: string): Row {
    const row = this.rows.get(id);
    if (!row) throw new Error(`no job ${id}`);
    return row;
  }
}

/** Remembers what it was offered and hands messages over when it is told to. */
export class HandQueue {
  readonly offered: { refs: readonly JobRef[]; delayMs: number | undefined }[] = [];
  readonly signal = new AbortController();
  depthNow = 0;
  #fn: ((ref: JobRef, signal: AbortSignal) => Promise<void>) | undefined;

  async deliver(ref: JobRef = { destination: 'crm', ids: [] }): Promise<void> {
    await this.#fn?.(ref, this.signal.signal);
    await settled();
  }

  asQueue(): Queue {
    return {
      name: 'hand',
      offer: (refs, o) => this.offered.push({ refs, delayMs: o?.delayMs }),
      depth: () => Promise.resolve(this.depthNow),
      consume: (_destination, _o, fn) => {
        this.#fn = fn;
        const close = (): Promise<void> => {
          this.signal.abort();
          return Promise.resolve();
        };
        return { close };
      },
      ping: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }
}

/** A store whose commits end when the test says so. */
export class CommitStore {
  readonly commits: (readonly PlannedEvent[])[] = [];
  readonly rejections: Omit<RejectionRecord, 'id'>[] = [];
  readonly options: (AppendOptions | undefined)[] = [];
  readonly ends: ((error?: Error) => void)[] = [];
  manual = false;

  asStore(): Store {
    const store: Partial<Store> = {
      append: (events, o) => {
        this.commits.push(events);
        this.options.push(o);
        const outcomes = events.map((event): AppendOutcome => {
          if (event.messageId === 'seen') return { outcome: 'duplicate', eventId: 'first' };
          if (event.messageId === 'bad')
            return { outcome: 'refused', code: 'FRAGMENT_INGEST_EVENT_REFUSED', message: 'bad' };
          return { outcome: 'stored' };
        });
        if (!this.manual) return Promise.resolve(outcomes);
        return new Promise((resolve, reject) => {
          this.ends.push((error) => (error ? reject(error) : resolve(outcomes)));
        });
      },
      reject: (items) => Promise.resolve(void this.rejections.push(...items)),
      lock: () => Promise.resolve(undefined),
    };
    return store as Store;
  }
}
