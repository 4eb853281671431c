import type { Action, LeasedJob } from '../contracts/destination.js';
import type { Clock } from '../contracts/toolkit.js';
import { OpenBatches } from './batches.js';
import type { CallRunner } from './call-runner.js';
import type { Call } from './calls.js';
import { NOT_GIVEN_BACK, type Running } from './running.js';

export interface BatcherParts {
  readonly clock: Clock;
  readonly runner: CallRunner;
  readonly running: Running;
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal;
  /** Called when the results of a call are written. */
  readonly settled: () => void;
}

/**
 * Lets the batches of a lane fill from message to message. A message is done when its jobs are in here: their leases
 * hold them, so many small messages make one large call.
 */
export class Batcher {
  readonly #parts: BatcherParts;
  readonly #batches: OpenBatches;

  constructor(actions: ReadonlyMap<string, Action>, parts: BatcherParts) {
    this.#parts = parts;
    this.#batches = new OpenBatches(actions, parts.clock, (call) => this.#run(call));
  }

  /** Takes in leased jobs, and makes the calls whose batches are full. */
  add(jobs: readonly LeasedJob[]): void {
    const { runner, running, stopping } = this.#parts;
    runner.hold(jobs);
    if (stopping.aborted) running.add(0, runner.giveBack(jobs), NOT_GIVEN_BACK);
    else for (const call of this.#batches.add(jobs)) this.#run(call);
  }

  /** Gives back what waits: the lane is closed, or the process stops. */
  giveBack(): void {
    const { runner, running } = this.#parts;
    running.add(0, runner.giveBack(this.#batches.takeAll()), NOT_GIVEN_BACK);
  }

  #run(call: Call): void {
    const { runner, running, stopping, settled } = this.#parts;
    running.add(call.jobs.length, runner.run([call], stopping).finally(settled), NOT_GIVEN_BACK);
  }
}
