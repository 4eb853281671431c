import type { Action, LeasedJob } from '../contracts/destination.js';
import type { Clock } from '../contracts/toolkit.js';
import { OpenBatches } from './batches.js';
import type { CallRunner } from './call-runner.js';
import type { Call } from './calls.js';
import type { Running } from './running.js';

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
    this.#batches = new OpenBatches(actions, parts.clock, (call) => void this.#run(call));
  }

  /** Takes in leased jobs. Resolves when more may come: when each full batch has begun. */
  async add(jobs: readonly LeasedJob[]): Promise<void> {
    const { runner, stopping } = this.#parts;
    runner.hold(jobs);
    if (stopping.aborted) return runner.giveBack(jobs);
    for (const call of this.#batches.add(jobs)) await this.#run(call);
  }

  /** Gives back what waits: the lane is closed, or the process stops. */
  giveBack(): void {
    const given = this.#parts.runner.giveBack(this.#batches.takeAll());
    this.#parts.running.add(given, 'waiting jobs could not be given back; their leases will end');
  }

  #run(call: Call): Promise<void> {
    const { runner, running, stopping, settled } = this.#parts;
    const { begun, ended } = runner.run([call], stopping);
    running.add(ended.finally(settled), 'the jobs of a call could not be given back; their leases will end');
    return begun;
  }
}
