import { scheduleOf } from '../application/settings.js';
import type { ExecutionSettings } from '../contracts/application.js';
import type { Action, Destination, LeasedJob, Schedule } from '../contracts/destination.js';
import type { Consumer, Queue } from '../contracts/queue.js';
import type { JobRef } from '../contracts/job-ref.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger } from '../contracts/toolkit.js';
import type { Tracing } from '../contracts/tracing.js';
import { describeError } from '../platform/logger.js';
import type { Semaphore } from '../platform/mutex.js';
import { Batcher } from './batcher.js';
import { mayWait } from './batches.js';
import { Breaker } from './breaker.js';
import { CallRunner } from './call-runner.js';
import { callsOf } from './calls.js';
import { Delivery, type Answer } from './delivery.js';
import type { DeliveryCounts } from './delivery-counts.js';
import { Followers } from './followers.js';
import { LaneGate } from './lane-state.js';
import type { Leases } from './leases.js';
import { NOT_GIVEN_BACK, Running } from './running.js';
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
  readonly #runner: CallRunner;
  readonly #running: Running;
  readonly #followers = new Followers(() => this.#takeBehind());
  readonly #breaker: Breaker;
  readonly #limit: number;
  /** So many jobs in hand leave no room for another message. */
  readonly #enough: number;
  #stopping = new AbortController();
  #consumer: Consumer | undefined;
  /** Where batches may wait for more jobs. */
  #batcher: Batcher | undefined;
  #probing: Promise<void> | undefined;

  constructor(destination: Destination, parts: LaneParts) {
    this.destination = destination;
    this.#parts = parts;
    const { store, clock, settings } = parts;
    const logger = parts.logger.child({ lane: destination.name });
    this.gate = new LaneGate(destination.name, store, clock, logger, settings.breaker);
    this.schedules = new Map(destination.actions.map((a) => [a.name, scheduleOf(destination, a)]));
    this.#actions = new Map(destination.actions.map((a) => [a.name, a]));
    this.#breaker = new Breaker(settings.breaker);
    const delivery = new Delivery({
      destination,
      schedules: this.schedules,
      gate: this.gate,
      breaker: this.#breaker,
      pauses: new UserPauses(clock),
      ...parts,
      logger,
    });
    this.#running = new Running(logger);
    this.#runner = new CallRunner({ ...parts, destination, gate: this.gate, delivery });
    // One round of calls: what one process holds the others cannot deliver, and if it dies all of it is suspected.
    const largest = Math.max(1, ...destination.actions.map((a) => a.batch?.maxJobs ?? 1));
    this.#limit = Math.min(settings.leaseLimit, Math.max(LEAST_LEASE, this.#runner.concurrency * largest));
    this.#enough = Math.max(settings.messages * this.#limit, 2 * largest);
  }

  start(): void {
    const { queue, settings, clock } = this.#parts;
    const { name, actions, ordering } = this.destination;
    this.#stopping = new AbortController();
    const stopping = this.#stopping.signal;
    const settled = ordering === 'user' ? () => this.#followers.look() : () => undefined;
    this.#batcher = mayWait(actions)
      ? new Batcher(this.#actions, { clock, runner: this.#runner, running: this.#running, stopping, settled })
      : undefined;
    this.#consumer = queue.consume(name, { concurrency: settings.messages }, (ref, signal) =>
      this.take(ref, signal),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#batcher?.giveBack();
    await Promise.all([this.#consumer?.close(), this.#probing, this.#followers.ended()]);
    await this.#running.ended();
  }

  /** Works on one message until all of it is in hand, and there is room for more. A message for a closed lane is dropped: the sweeper offers again. */
  async take(ref: JobRef, signal: AbortSignal): Promise<void> {
    try {
      if ('ids' in ref && ref.alone) await this.#takeAlone(ref, signal);
      else await this.#takeAll(ref, signal);
    } catch (error) {
      // Nothing is lost: what was leased is settled or its lease ends, and the rest is still due.
      this.#warn(error, 'jobs could not be leased');
    }
  }

  /**
   * Gives back what waits in a closed lane; opens a slowed one, probes a tripped or held one, when its time has come.
   * Called about once a second.
   */
  tick(signal: AbortSignal): void {
    if (this.gate.isOpen) return;
    this.#batcher?.giveBack();
    if (this.gate.state === 'paused' || !this.gate.isDue || this.#probing) return;
    this.#probing = this.#reopen(signal).finally(() => {
      this.#probing = undefined;
    });
  }

  async #takeAll(ref: JobRef, signal: AbortSignal): Promise<void> {
    if (this.destination.ordering === 'user' && !this.#batcher) return this.#takeInOrder(ref, signal);
    let rest = ref;
    while (!signal.aborted && this.gate.isOpen) {
      const jobs = await this.#lease(rest, this.#limit);
      if (this.#batcher) this.#batcher.add(jobs);
      else if (jobs.length > 0) this.#running.add(jobs.length, this.#work(jobs, signal), NOT_GIVEN_BACK);
      // The next message may use what room there is; without a bound everything that is due would be leased.
      await this.#running.fewerThan(this.#enough);
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

  /** Batches of an ordered lane outlive the messages of their jobs, and of what waited behind these. */
  async #takeBehind(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted || !this.gate.isOpen) return;
    try {
      const refs = await this.#parts.store.due({ destination: this.destination.name, limit: this.#limit });
      for (const ref of refs) await this.take(ref, signal);
    } catch (error) {
      this.#warn(error, 'what waited behind other jobs could not be read; the sweeper offers it');
    }
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

  /** Delivers what was leased, and resolves when it is written. */
  #work(jobs: readonly LeasedJob[], signal: AbortSignal, probe = false): Promise<Answer> {
    this.#runner.hold(jobs);
    return this.#runner.run(callsOf(jobs, this.#actions), signal, probe);
  }

  async #reopen(signal: AbortSignal): Promise<void> {
    if (this.gate.state === 'slowed') {
      await this.gate.open();
      return;
    }
    const { store, settings } = this.#parts;
    try {
      const lock = await store.lock(`lanes/${this.destination.name}/probe`, settings.leaseMs);
      if (!lock) return;
      try {
        await this.#probe(signal);
      } finally {
        await lock.release();
      }
    } catch (error) {
      this.#warn(error, 'a closed lane could not be probed');
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

  #warn(error: unknown, message: string): void {
    this.#parts.logger.warn({ ...describeError(error), lane: this.destination.name }, message);
  }
}

/** The part of a range that was not leased yet, so that no step looks at what the steps before it have finished. */
const beyond = (ref: JobRef, jobs: readonly LeasedJob[]): JobRef => {
  const last = jobs.at(-1);
  return last && 'from' in ref ? { ...ref, from: last.event.id } : ref;
};
