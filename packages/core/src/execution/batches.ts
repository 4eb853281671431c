import type { Action, LeasedJob } from '../contracts/destination.js';
import type { Clock, Timer } from '../contracts/toolkit.js';
import { bytesOf, fits, type Call } from './calls.js';

interface OpenBatch {
  readonly action: Action;
  readonly jobs: LeasedJob[];
  bytes: number;
  /** When it goes, full or not. */
  endsAt: number;
  timer?: Timer;
}

/** Whether any of these lets its batches wait for more jobs. */
export const mayWait = (actions: readonly Action[]): boolean =>
  actions.some((action) => (action.batch?.maxWaitMs ?? 0) > 0);

/** The batches of a lane that are not full yet, one per action, whatever messages and leases their jobs came with. */
export class OpenBatches {
  readonly #actions: ReadonlyMap<string, Action>;
  readonly #clock: Clock;
  readonly #ended: (call: Call) => void;
  readonly #open = new Map<string, OpenBatch>();

  /** @param ended is called with a batch that has waited as long as it may. */
  constructor(actions: ReadonlyMap<string, Action>, clock: Clock, ended: (call: Call) => void) {
    this.#actions = actions;
    this.#clock = clock;
    this.#ended = ended;
  }

  /** Takes jobs in. Returns the batches that go now: those that are full, and those whose oldest job has waited enough. */
  add(jobs: readonly LeasedJob[]): readonly Call[] {
    const now = this.#clock.now();
    const going: Call[] = [];
    const changed = new Set<OpenBatch>();
    for (const job of jobs) {
      const action = this.#actions.get(job.action);
      if (!action) continue;
      const bytes = bytesOf(job);
      const current = this.#open.get(job.action);
      if (current && !fits(action.batch, current.jobs.length + 1, current.bytes + bytes)) {
        going.push(this.#close(current));
      }
      const batch = this.#open.get(job.action) ?? this.#start(action);
      batch.jobs.push(job);
      batch.bytes += bytes;
      batch.endsAt = Math.min(batch.endsAt, endOf(job, action, now));
      if (!fits(action.batch, batch.jobs.length + 1, batch.bytes + 1)) going.push(this.#close(batch));
      else changed.add(batch);
    }
    for (const batch of changed) {
      if (this.#open.get(batch.action.name) !== batch) continue;
      if (batch.endsAt <= now) going.push(this.#close(batch));
      else this.#arm(batch, now);
    }
    return going;
  }

  /** Takes every job out again. */
  takeAll(): readonly LeasedJob[] {
    return [...this.#open.values()].flatMap((batch) => this.#close(batch).jobs);
  }

  #start(action: Action): OpenBatch {
    const batch: OpenBatch = { action, jobs: [], bytes: 0, endsAt: Number.POSITIVE_INFINITY };
    this.#open.set(action.name, batch);
    return batch;
  }

  #arm(batch: OpenBatch, now: number): void {
    batch.timer?.clear();
    batch.timer = this.#clock.setTimer(() => this.#ended(this.#close(batch)), batch.endsAt - now);
  }

  #close(batch: OpenBatch): Call {
    batch.timer?.clear();
    this.#open.delete(batch.action.name);
    return batch;
  }
}

/** The store's clock may be ahead of this one, so no job waits longer than from now. */
const endOf = (job: LeasedJob, action: Action, now: number): number =>
  Math.min(job.dueAt.getTime(), now) + (action.batch?.maxWaitMs ?? 0);
