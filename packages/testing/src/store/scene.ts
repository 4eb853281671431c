import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type {
  JobRecord,
  JobRef,
  LeasedJob,
  LeaseRequest,
  PlannedEvent,
  PlannedJob,
  Settlement,
  Store,
} from '@fragment/core';

let counter = 0;

/** A uuidv7 of that moment, monotonic within the process. */
export function eventId(at: Date = new Date()): string {
  counter = (counter + 1) % 0x1000000;
  const time = at.getTime().toString(16).padStart(12, '0');
  const count = counter.toString(16).padStart(6, '0');
  const random = randomBytes(6).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.slice(0, 3)}-8${count.slice(3)}-${random}`;
}

export const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
export const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
export const ACTION = 'track';
/** Long enough never to end within a test, and short enough to be waited for. */
export const LONG_MS = 600_000;
export const SHORT_MS = 40;

/** A source and a destination that no other case knows, and what a case does with them. */
export interface Scene {
  readonly store: Store;
  readonly source: string;
  readonly destination: string;
  /** An event with one job of the scene's destination, unless told otherwise. */
  event(fields?: Partial<PlannedEvent>): PlannedEvent;
  job(fields?: Partial<PlannedJob>): PlannedJob;
  /** Stores events that must be new, and returns them. */
  stored(...events: readonly PlannedEvent[]): Promise<readonly PlannedEvent[]>;
  /** Every due job of the scene's destination. */
  readonly everything: JobRef;
  lease(o?: Partial<LeaseRequest>): Promise<readonly LeasedJob[]>;
  /** The only job that can be leased. */
  leaseOne(o?: Partial<LeaseRequest>): Promise<LeasedJob>;
  record(id: string): Promise<JobRecord>;
}

export function sceneOf(store: Store): Scene {
  const suffix = randomBytes(5).toString('hex');
  const source = `source-${suffix}`;
  const destination = `destination-${suffix}`;
  const everything: JobRef = { destination, from: LOWEST_ID, to: HIGHEST_ID };
  const job = (fields: Partial<PlannedJob> = {}): PlannedJob => ({
    seq: 0,
    destination,
    action: ACTION,
    ...fields,
  });
  const scene: Scene = {
    store,
    source,
    destination,
    everything,
    job,
    event: (fields = {}) => {
      const receivedAt = fields.receivedAt ?? new Date();
      return {
        id: eventId(receivedAt),
        source,
        trigger: 'http',
        timestamp: receivedAt,
        receivedAt,
        data: '{"event":"Tested"}',
        jobs: [job()],
        ...fields,
      };
    },
    async stored(...events) {
      const outcomes = await store.append(events);
      for (const { outcome } of outcomes) assert.equal(outcome, 'stored');
      return events;
    },
    lease: (o = {}) =>
      store.lease({ ref: everything, actions: [ACTION], limit: 1000, leaseMs: LONG_MS, ...o }),
    async leaseOne(o = {}) {
      const jobs = await scene.lease(o);
      assert.equal(jobs.length, 1);
      return at(jobs, 0);
    },
    async record(id) {
      const record = await store.findJob(id);
      assert.ok(record, `job ${id} is there`);
      return record;
    },
  };
  return scene;
}

/** The element that a test counts on. */
export function at<T>(list: readonly T[], index: number): T {
  const element = list.at(index);
  assert.ok(element !== undefined, `there is an element ${index} of ${list.length}`);
  return element;
}

type Verdict = Pick<LeasedJob, 'id' | 'token' | 'attempt'>;

export const succeeded = ({
  id,
  token,
  attempt,
}: Verdict): Settlement & { readonly outcome: 'succeeded' } => ({
  id,
  token,
  attempt,
  outcome: 'succeeded',
});

export const failed = (
  { id, token, attempt }: Verdict,
  o: { outcome?: 'failed' | 'unknown'; retryInMs?: number; countsAsAttempt?: boolean; code?: string } = {},
): Settlement => ({
  id,
  token,
  attempt,
  outcome: o.outcome ?? 'failed',
  error: { code: o.code ?? 'VENDOR_BUSY', message: 'The vendor is busy.', status: 503 },
  retryInMs: o.retryInMs ?? 0,
  countsAsAttempt: o.countsAsAttempt ?? true,
});

export const discarded = ({ id, token, attempt }: Verdict): Settlement => ({
  id,
  token,
  attempt,
  outcome: 'discarded',
  error: { code: 'VENDOR_REFUSED', message: 'The vendor refused it.', status: 400 },
});

/** Settles, and expects that none was refused. */
export async function settle(store: Store, ...settlements: readonly Settlement[]): Promise<void> {
  const { refused } = await store.settle(settlements);
  assert.deepEqual(refused, []);
}

/** Jobs by their ids, sorted. */
export const ids = (jobs: readonly { readonly id: string }[]): string[] => jobs.map(({ id }) => id).sort();

/** Every id that references name. */
export const idsOf = (refs: readonly JobRef[]): string[] =>
  refs.flatMap((ref) => ('ids' in ref ? [...ref.ids] : []));

/** Runs `work` with another store on the same data, as a second process would. */
export async function withSecond<T>(
  newStore: () => Promise<Store>,
  work: (second: Store) => Promise<T>,
): Promise<T> {
  const second = await newStore();
  try {
    return await work(second);
  } finally {
    await second.close();
  }
}
