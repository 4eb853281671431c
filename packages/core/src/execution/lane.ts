import { scheduleOf } from '../application/settings.js';
import type { ExecutionSettings } from '../contracts/application.js';
import type { Action, Destination, LeasedJob, Schedule } from '../contracts/destination.js';
import type { Consumer, Queue } from '../contracts/queue.js';
import type { JobRef } from '../contracts/job-ref.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger } from '../contracts/toolkit.js';
import type { Tracing } from '../contracts/tracing.js';
import { describeError } from '../platform/logger.js';
import { Semaphore } from '../platform/mutex.js';
import { Breaker } from './breaker.js';
import { callsOf } from './calls.js';
import { Delivery, type Answer } from './delivery.js';
import type { DeliveryCounts } from './delivery-counts.js';
import { Gathered } from './gathered.js';
import { LaneGate } from './lane-state.js';
import type { Leases } from './leases.js';
import { Pace } from './pace.js';
import type { Settler } from './settler.js';
import { UserPauses } from './user-pauses.js';

export interface LaneParts {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ExecutionSettings;
  readonly leases: Leases;
  readonly settler: Settler;
  readonly counts: DeliveryCounts;
  readonly tracing?: Tracing | undefined;
  /** One at a time in this process: jobs that were there when a process died, to find out which of them kills. */
  readonly suspects: Semaphore;
}

/** Below this the statement costs more than the jobs. */
const LEAST_LEASE = 64;

/** Jobs that are discarded without a request say nothing of the destination; so many may be tried in one probe. */
const MAX_PROBES = 20;

/** A retry that waits longer than this no longer holds back the later jobs of its user. */
const ORDER_BLOCK_MS = 10 * 60_000;

/** Everything of one destination that is delivered together: takes references, leases, loads, settles. */
export class Lane {
  readonly destination: Destination;
  readonly gate: LaneGate;
  readonly schedules: ReadonlyMap<string, Schedule>;
  readonly #parts: LaneParts;
  readonly #actions: ReadonlyMap<string, Action>;
  readonly #slots: Semaphore;
  readonly #pace: Pace;
  readonly #delivery: Delivery;
  readonly #breaker: Breaker;
  readonly #limit: number;
  #consumer: Consumer | undefined;
  #probing: Promise<void> | undefined;

  constructor(destination: Destination, parts: LaneParts) {
    this.destination = destination;
    this.#parts = parts;
    const { store, clock, settings } = parts;
    const logger = parts.logger.child({ lane: destination.name });
    this.gate = new LaneGate(destination.name, store, clock, logger, settings.breaker);
    this.schedules = new Map(destination.actions.map((a) => [a.name, scheduleOf(destination, a)]));
    this.#actions = new Map(destination.actions.map((a) => [a.name, a]));
    const concurrency = destination.limits?.concurrency ?? 32;
    this.#slots = new Semaphore(concurrency);
    this.#pace = new Pace(clock, destination.limits?.callsPerSecond);
    this.#breaker = new Breaker(settings.breaker);
    this.#delivery = new Delivery({
      destination,
      schedules: this.schedules,
      gate: this.gate,
      breaker: this.#breaker,
      pauses: new UserPauses(clock),
      ...parts,
      logger,
    });
    // One round of calls: what one process holds the others cannot deliver, and if it dies all of it is suspected.
    const largest = Math.max(1, ...destination.actions.map((a) => a.batch?.maxJobs ?? 1));
    this.#limit = Math.min(settings.leaseLimit, Math.max(LEAST_LEASE, concurrency * largest));
  }

  start(): void {
    const { queue, settings } = this.#parts;
    this.#consumer = queue.consume(this.destination.name, { concurrency: settings.messages }, (ref, signal) =>
      this.take(ref, signal),
    );
  }

  async stop(): Promise<void> {
    await this.#consumer?.close();
    await this.#probing;
  }

  /** Works on one message until nothing of it is due. A message for a closed lane is dropped: the sweeper offers again. */
  async take(ref: JobRef, signal: AbortSignal): Promise<void> {
    try {
      if ('ids' in ref && ref.alone) await this.#takeAlone(ref, signal);
      else await this.#takeAll(ref, signal);
    } catch (error) {
      // Nothing is lost: what was leased is settled or its lease ends, and the rest is still due.
      this.#parts.logger.warn(
        { ...describeError(error), lane: this.destination.name },
        'jobs could not be leased',
      );
    }
  }

  /** Opens a slowed lane, probes a tripped or held one, when its time has come. Called about once a second. */
  tick(signal: AbortSignal): void {
    if (this.gate.isOpen || this.gate.state === 'paused' || !this.gate.isDue || this.#probing) return;
    this.#probing = this.#reopen(signal).finally(() => {
      this.#probing = undefined;
    });
  }

  async #takeAll(ref: JobRef, signal: AbortSignal): Promise<void> {
    if (this.destination.ordering === 'user') return this.#takeInOrder(ref, signal);
    let rest = ref;
    while (!signal.aborted && this.gate.isOpen) {
      const jobs = await this.#lease(rest, this.#limit);
      if (jobs.length > 0) await this.#work(jobs, signal);
      if (jobs.length < this.#limit) return;
      rest = beyond(rest, jobs);
    }
  }

  /** A user's next job is given only once the one before has ended, so this asks until nothing is given. */
  async #takeInOrder(ref: JobRef, signal: AbortSignal): Promise<void> {
    const { store, queue } = this.#parts;
    let retried = false;
    while (!signal.aborted && this.gate.isOpen) {
      const jobs = await this.#lease(ref, this.#limit);
      if (jobs.length === 0) break;
      await this.#work(jobs, signal);
      retried ||= jobs.some((job) => job.attempt > 1);
    }
    // A retry held its user back; what waited behind it is in messages that are long gone.
    if (retried) queue.offer(await store.due({ destination: this.destination.name, limit: this.#limit }));
  }

  async #takeAlone(ref: JobRef, signal: AbortSignal): Promise<void> {
    // Waiting would keep a place from jobs that nobody suspects; the sweeper offers these again.
    const leave = this.#parts.suspects.tryAcquire();
    if (!leave) return;
    try {
      while (!signal.aborted && this.gate.isOpen) {
        const jobs = await this.#lease(ref, 1);
        if (jobs.length === 0) return;
        await this.#work(jobs, signal);
      }
    } finally {
      leave();
    }
  }

  #lease(ref: JobRef, limit: number): Promise<readonly LeasedJob[]> {
    const { store, settings } = this.#parts;
    return store.lease({
      ref,
      limit,
      actions: [...this.#actions.keys()],
      leaseMs: settings.leaseMs,
      ...(this.destination.ordering === 'user' ? { ordered: true, orderBlockMs: ORDER_BLOCK_MS } : {}),
    });
  }

  /**
   * Delivers what was leased; gives back at once what has not begun when the lane closes or the process stops.
   * @returns what the calls say of the destination together.
   */
  async #work(jobs: readonly LeasedJob[], signal: AbortSignal, probe = false): Promise<Answer> {
    const { leases, store } = this.#parts;
    const lost = new Map(jobs.map((job) => [job.id, leases.hold(job.token)]));
    const unbegun = new Gathered<LeasedJob>((given) => store.release(given));
    const writes: Promise<void>[] = [];
    const calls = callsOf(jobs, this.#actions).map(async ({ action, jobs: chunk }): Promise<Answer> => {
      const leave = await this.#mayBegin(signal, probe);
      const gone = lostOf(chunk, lost);
      try {
        // A lease that was lost while the call waited for its place is somebody else's by now.
        if (!leave || gone?.aborted) {
          unbegun.add(chunk);
          return 'unasked';
        }
        const delivered = await this.#delivery.deliver(action, chunk, { lost: gone, probe });
        writes.push(delivered.settled);
        return delivered.answer;
      } finally {
        leave?.();
      }
    });
    try {
      const answers = await Promise.all(calls);
      await Promise.all([...writes, unbegun.written()]);
      return together(answers);
    } finally {
      for (const job of jobs) leases.drop(job.token);
    }
  }

  /** Waits for a place and for the pace; undefined when the lane has closed or the process stops meanwhile. */
  async #mayBegin(signal: AbortSignal, probe: boolean): Promise<(() => void) | undefined> {
    const leave = await this.#slots.acquire(signal);
    const open = (): boolean => !signal.aborted && (probe || this.gate.isOpen);
    if (open()) await this.#pace.wait(signal);
    if (open()) return leave;
    leave?.();
    return undefined;
  }

  async #reopen(signal: AbortSignal): Promise<void> {
    if (this.gate.state === 'slowed') {
      await this.gate.open();
      return;
    }
    const { store, settings, logger } = this.#parts;
    try {
      const lock = await store.lock(`lanes/${this.destination.name}/probe`, settings.leaseMs);
      if (!lock) return;
      try {
        await this.#probe(signal);
      } finally {
        await lock.release();
      }
    } catch (error) {
      logger.warn(
        { ...describeError(error), lane: this.destination.name },
        'a closed lane could not be probed',
      );
    }
  }

  /** Lets one job try. The delivery itself closes the lane again when it fails the same way. */
  async #probe(signal: AbortSignal): Promise<void> {
    this.#breaker.reset();
    for (let tries = 0; tries < MAX_PROBES; tries += 1) {
      const [ref] = await this.#parts.store.due({ destination: this.destination.name, limit: 1 });
      const jobs = ref ? await this.#lease(ref, 1) : [];
      // Nothing waits, so nothing can be harmed: the next job is the probe.
      const answer = jobs.length === 0 ? 'works' : await this.#work(jobs, signal, true);
      if (answer === 'works') await this.gate.open();
      if (answer !== 'unasked') return;
    }
  }
}

const together = (answers: readonly Answer[]): Answer => {
  if (answers.includes('fails')) return 'fails';
  return answers.includes('works') ? 'works' : 'unasked';
};

/** The part of a range that was not leased yet, so that no step looks at what the steps before it have finished. */
const beyond = (ref: JobRef, jobs: readonly LeasedJob[]): JobRef => {
  const last = jobs.at(-1);
  return last && 'from' in ref ? { ...ref, from: last.event.id } : ref;
};

/** Jobs of one lease share its fate, and a call is of one lease. */
const lostOf = (
  chunk: readonly LeasedJob[],
  lost: ReadonlyMap<string, AbortSignal>,
): AbortSignal | undefined => chunk[0] && lost.get(chunk[0].id);
