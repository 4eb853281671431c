import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  newId,
  type Exchange,
  type JobStatus,
  type LeasedJob,
  type PlannedEvent,
  type Settlement,
  type Store,
} from '@fragment/core';
import { illegalTransitions, requiring, testPostgres, type TestPostgres } from '@fragment/testing';
import fc from 'fast-check';
import { postgresStore } from './index.js';

const RUNS = Number(process.env['FRAGMENT_MODEL_RUNS'] ?? 20);
const ERROR = { code: 'X', message: 'x' };
/** A success keeps what went over the wire or nothing, by turns. */
const kept = (attempt: number): { exchange?: Exchange } =>
  attempt % 2 === 0 ? {} : { exchange: { status: 200, request: 'POST /', response: 'ok' } };
const ALONE_AFTER = 2;
const DISCARD_AFTER = 5;

/** What a job must look like, by the rules of the contract and nothing else. */
interface ModelJob {
  status: JobStatus;
  attempt: number;
  counted: number;
  lost: number;
  failures: number;
  /** Its status when it was leased. */
  before: JobStatus;
}

interface Held {
  readonly job: LeasedJob;
  /** Its lease ends at once: the next sweep takes it. */
  readonly doomed: boolean;
}

type Step =
  | { readonly do: 'append'; readonly jobs: number }
  | { readonly do: 'lease'; readonly limit: number; readonly doomed: boolean; readonly alone: boolean }
  | {
      readonly do: 'settle';
      readonly pick: number;
      readonly outcome: Settlement['outcome'];
      readonly counts: boolean;
      readonly followup: boolean;
    }
  | { readonly do: 'settle stale'; readonly pick: number }
  | { readonly do: 'release' | 'sweep' | 'retry' | 'discard'; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('append' as const), jobs: fc.integer({ min: 1, max: 3 }) }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('lease' as const),
      limit: fc.integer({ min: 1, max: 3 }),
      doomed: fc.boolean(),
      alone: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      pick: fc.nat(20),
      outcome: fc.constantFrom(
        'succeeded' as const,
        'failed' as const,
        'unknown' as const,
        'discarded' as const,
      ),
      counts: fc.boolean(),
      followup: fc.boolean(),
    }),
  },
  fc.record({ do: fc.constant('settle stale' as const), pick: fc.nat(20) }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('release' as const, 'sweep' as const, 'retry' as const, 'discard' as const),
      pick: fc.nat(20),
    }),
  },
);

const waits = (status: JobStatus): boolean =>
  status === 'awaiting' || status === 'failed' || status === 'unknown';

/** The store and its model side by side: each step is done to both, then they must agree. */
class Pair {
  readonly jobs = new Map<string, ModelJob>();
  readonly #store: Store;
  readonly #destination = `model-${newId()}`;
  #held: Held[] = [];
  #stale: LeasedJob[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  async run(s: Step): Promise<void> {
    if (s.do === 'append') await this.#append(s.jobs);
    else if (s.do === 'lease') await this.#lease(s);
    else if (s.do === 'settle') await this.#settle(s);
    else if (s.do === 'settle stale') await this.#settleStale(s.pick);
    else if (s.do === 'release') await this.#release(s.pick);
    else if (s.do === 'sweep') await this.#sweep();
    else if (s.do === 'retry') await this.#retry();
    else await this.#discard(s.pick);
  }

  async check(): Promise<void> {
    const { items } = await this.#store.findJobs(
      { jobs: { destinationsIn: [this.#destination] } },
      { limit: 500 },
    );
    expect(new Map(items.map((j) => [j.id, [j.status, j.attempt, j.lostLeases]]))).toEqual(
      new Map([...this.jobs].map(([id, j]) => [id, [j.status, j.attempt, j.lost]])),
    );
  }

  async checkHistories(): Promise<void> {
    for (const [id, { status }] of this.jobs) {
      const transitions = await this.#store.findTransitions(id);
      expect(illegalTransitions(transitions)).toEqual([]);
      expect(transitions.at(-1)?.stateAfter).toBe(status);
    }
  }

  /** Ends what this run left held, so that the next run's sweeps find nothing of it. */
  async end(): Promise<void> {
    await this.#store.release(this.#held.map(({ job }) => job));
  }

  #model(id: string): ModelJob {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Error(`The model does not know ${id}.`);
    return job;
  }

  #added(): ModelJob {
    return { status: 'awaiting', attempt: 0, counted: 0, lost: 0, failures: 0, before: 'awaiting' };
  }

  async #append(count: number): Promise<void> {
    const now = new Date();
    const event: PlannedEvent = {
      id: newId(),
      source: 'model',
      trigger: 'http',
      timestamp: now,
      receivedAt: now,
      data: '{}',
      jobs: Array.from({ length: count }, (_, seq) => ({
        seq,
        destination: this.#destination,
        action: 'track',
      })),
    };
    expect(await this.#store.append([event])).toEqual([{ outcome: 'stored' }]);
    for (const { seq } of event.jobs) this.jobs.set(`${event.id}.${seq}`, this.#added());
  }

  async #lease({ limit, doomed, alone }: Step & { do: 'lease' }): Promise<void> {
    const destination = this.#destination;
    const all = [...this.jobs.keys()].sort(byId);
    const ref = alone
      ? { destination, ids: all, alone }
      : {
          destination,
          from: '00000000-0000-0000-0000-000000000000',
          to: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
        };
    const leased = await this.#store.lease({ ref, actions: ['track'], limit, leaseMs: doomed ? 0 : 600_000 });
    const expected = all
      .filter((id) => waits(this.#model(id).status) && (alone || this.#model(id).lost < ALONE_AFTER))
      .slice(0, alone ? 1 : limit);
    expect(leased.map(({ id }) => id)).toEqual(expected);
    for (const job of leased) {
      const model = this.#model(job.id);
      expect([job.attempt, job.countedAttempts]).toEqual([model.attempt + 1, model.counted]);
      Object.assign(model, { before: model.status, status: 'executing', attempt: model.attempt + 1 });
      this.#held.push({ job, doomed });
    }
  }

  #take(pick: number): Held | undefined {
    if (this.#held.length === 0) return undefined;
    return this.#held.splice(pick % this.#held.length, 1)[0];
  }

  async #settle({ pick, outcome, counts, followup }: Step & { do: 'settle' }): Promise<void> {
    const held = this.#take(pick);
    if (held === undefined) return;
    const { id, token, attempt } = held.job;
    const model = this.#model(id);
    const base = { id, token, attempt, ...(followup ? { followups: [{ action: 'track' }] } : {}) };
    const failure = outcome === 'failed' || outcome === 'unknown';
    const result = await this.#store.settle([
      outcome === 'succeeded'
        ? { ...base, outcome, ...kept(attempt) }
        : outcome === 'discarded'
          ? { ...base, outcome, error: ERROR }
          : { ...base, outcome, error: ERROR, retryInMs: 0, countsAsAttempt: counts },
    ]);
    expect(result.refused).toEqual([]);
    expect(result.retries.flatMap((retry) => retry.ids)).toEqual(failure ? [id] : []);
    const inserted = result.followups.flatMap((ref) => ('ids' in ref ? ref.ids : []));
    expect(inserted).toHaveLength(
      followup && held.job.depth < 8 && (!failure || model.failures === 0) ? 1 : 0,
    );
    for (const followupId of inserted) this.jobs.set(followupId, this.#added());
    model.status = outcome;
    if (failure) model.failures += 1;
    if (failure && counts) model.counted += 1;
    this.#stale.push(held.job);
  }

  async #settleStale(pick: number): Promise<void> {
    const job = this.#stale[pick % Math.max(1, this.#stale.length)];
    if (job === undefined) return;
    const result = await this.#store.settle([
      { id: job.id, token: job.token, attempt: job.attempt, outcome: 'succeeded' },
    ]);
    expect(result).toEqual({ refused: [job.id], retries: [], followups: [] });
  }

  async #release(pick: number): Promise<void> {
    const held = this.#take(pick);
    if (held === undefined) return;
    await this.#store.release([held.job]);
    const model = this.#model(held.job.id);
    Object.assign(model, { status: model.before, attempt: model.attempt - 1 });
    this.#stale.push(held.job);
  }

  async #sweep(): Promise<void> {
    const doomed = this.#held.filter((held) => held.doomed);
    expect(await this.#store.expire()).toBe(doomed.length);
    this.#held = this.#held.filter((held) => !held.doomed);
    for (const { job } of doomed) {
      const model = this.#model(job.id);
      model.lost += 1;
      model.failures += 1;
      model.status = model.lost >= DISCARD_AFTER ? 'discarded' : 'failed';
      this.#stale.push(job);
    }
  }

  async #retry(): Promise<void> {
    await this.#store.retry({ jobs: { destinationsIn: [this.#destination] } }, { limit: 500 });
    for (const model of this.jobs.values()) {
      if (model.status === 'discarded') Object.assign(model, { status: 'awaiting', failures: 0 });
      else if (model.status !== 'failed' && model.status !== 'unknown') continue;
      model.counted = 0;
      model.lost = Math.min(model.lost, ALONE_AFTER);
    }
  }

  async #discard(limit: number): Promise<void> {
    const waiting = [...this.jobs.keys()].sort(byId).filter((id) => waits(this.#model(id).status));
    const ended = waiting.slice(0, limit % 3);
    const where = { jobs: { destinationsIn: [this.#destination] } };
    const { count, last } = await this.#store.discard(where, { limit: limit % 3, error: ERROR });
    expect([count, last]).toEqual([ended.length, ended.at(-1)]);
    for (const id of ended) this.#model(id).status = 'discarded';
  }
}

const byId = (a: string, b: string): number => {
  const [left, right] = [a.slice(0, 36), b.slice(0, 36)];
  return left === right ? Number(a.slice(37)) - Number(b.slice(37)) : left < right ? -1 : 1;
};

const describeWithPostgres = await requiring('postgres', describe);

describeWithPostgres('the store on Postgres does what its model does', () => {
  let database: TestPostgres;
  let store: Store;

  beforeAll(async () => {
    database = await testPostgres();
    store = postgresStore({
      connection: database.url,
      poison: { aloneAfter: ALONE_AFTER, discardAfter: DISCARD_AFTER },
    });
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    await database.stop();
  });

  it(
    'in any order of steps',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
          const pair = new Pair(store);
          try {
            for (const s of [{ do: 'append', jobs: 3 } as const, ...steps]) {
              await pair.run(s);
              await pair.check();
            }
            await pair.checkHistories();
          } finally {
            await pair.end();
          }
        }),
        { numRuns: RUNS },
      );
    },
    60_000 + RUNS * 2_000,
  );
});
