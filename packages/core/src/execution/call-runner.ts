import type { Destination, LeasedJob } from '../contracts/destination.js';
import type { Store } from '../contracts/store.js';
import type { Clock } from '../contracts/toolkit.js';
import { Semaphore } from '../platform/mutex.js';
import type { Call } from './calls.js';
import type { Answer, Delivery } from './delivery.js';
import { Gathered } from './gathered.js';
import type { LaneGate } from './lane-state.js';
import type { Leases } from './leases.js';
import { Pace } from './pace.js';

export interface CallRunnerParts {
  readonly destination: Destination;
  readonly store: Store;
  readonly clock: Clock;
  readonly leases: Leases;
  readonly gate: LaneGate;
  readonly delivery: Delivery;
}

/** Calls of `load` in flight in one process, where a destination does not say. */
const DEFAULT_CONCURRENCY = 32;

/** Makes the calls of one lane: each waits for its place and its turn, and its jobs' leases are kept alive meanwhile. */
export class CallRunner {
  readonly concurrency: number;
  readonly #parts: CallRunnerParts;
  readonly #places: Semaphore;
  readonly #pace: Pace;

  constructor(parts: CallRunnerParts) {
    const { limits } = parts.destination;
    this.concurrency = limits?.concurrency ?? DEFAULT_CONCURRENCY;
    this.#parts = parts;
    this.#places = new Semaphore(this.concurrency);
    this.#pace = new Pace(parts.clock, limits?.callsPerSecond);
  }

  /** Keeps the leases of these jobs alive until `run` or `giveBack` has ended with them. */
  hold(jobs: readonly LeasedJob[]): void {
    for (const job of jobs) this.#parts.leases.hold(job.token);
  }

  /**
   * Makes calls of jobs that are held; gives back at once what has not begun when the lane closes or the process stops.
   * @param probe these calls decide whether a closed lane opens.
   * @returns what the calls say of the destination together, when everything is written.
   */
  async run(calls: readonly Call[], signal: AbortSignal, probe = false): Promise<Answer> {
    const { store } = this.#parts;
    const unbegun = new Gathered<LeasedJob>((jobs) => store.release(jobs));
    const writes: Promise<void>[] = [];
    const answersOf = calls.map(async ({ action, jobs }): Promise<Answer> => {
      const leave = await this.#mayBegin(signal, probe);
      try {
        if (!leave) {
          unbegun.add(jobs);
          return 'unasked';
        }
        const held = this.#stillHeld(jobs);
        if (held.length === 0) return 'unasked';
        const delivered = await this.#parts.delivery.deliver(action, held, {
          lost: this.#lostOf(held),
          probe,
        });
        writes.push(delivered.settled);
        return delivered.answer;
      } finally {
        leave?.();
      }
    });
    try {
      const answers = await Promise.all(answersOf);
      await Promise.all([...writes, unbegun.written()]);
      return together(answers);
    } finally {
      for (const { jobs } of calls) this.#drop(jobs);
    }
  }

  /** Gives jobs back that are held and of which no call was made. */
  async giveBack(jobs: readonly LeasedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    try {
      await this.#parts.store.release(jobs);
    } finally {
      this.#drop(jobs);
    }
  }

  /** Waits for a place and for the pace; undefined when the lane has closed or the process stops meanwhile. */
  async #mayBegin(signal: AbortSignal, probe: boolean): Promise<(() => void) | undefined> {
    const leave = await this.#places.acquire(signal);
    const open = (): boolean => !signal.aborted && (probe || this.#parts.gate.isOpen);
    if (open()) await this.#pace.wait(signal);
    if (open()) return leave;
    leave?.();
    return undefined;
  }

  /** A lease that was lost while its job waited for the call is somebody else's by now. */
  #stillHeld(jobs: readonly LeasedJob[]): readonly LeasedJob[] {
    const { leases } = this.#parts;
    const isHeld = (job: LeasedJob): boolean => leases.holds(job.token);
    return jobs.every(isHeld) ? jobs : jobs.filter(isHeld);
  }

  /** A call whose jobs are of several leases goes on when one is lost: only the results of that one are refused. */
  #lostOf(jobs: readonly LeasedJob[]): AbortSignal | undefined {
    const token = jobs[0]?.token;
    if (token === undefined || jobs.some((job) => job.token !== token)) return undefined;
    return this.#parts.leases.lostSignal(token);
  }

  #drop(jobs: readonly LeasedJob[]): void {
    for (const job of jobs) this.#parts.leases.drop(job.token);
  }
}

const together = (answers: readonly Answer[]): Answer => {
  if (answers.includes('fails')) return 'fails';
  return answers.includes('works') ? 'works' : 'unasked';
};
