import type { Destination, JobResult, LeasedJob } from '@fragment/core';

export interface Recorder {
  readonly destination: Destination;
  /** Every job of every call of `load`, in order. */
  readonly taken: readonly LeasedJob[];
}

type Answer = Omit<JobResult, 'job'>;

/** A destination inside this process: keeps what it is given, and answers each job as it is told. Default: succeeded. */
export function recorder(
  name: string,
  o: Partial<Destination> & {
    /** Their names. Default `track`. */
    readonly does?: readonly string[];
    readonly answer?: (job: LeasedJob) => Answer | Promise<Answer>;
  } = {},
): Recorder {
  const { does = ['track'], answer = succeeds, ...more } = o;
  const taken: LeasedJob[] = [];
  const load = (jobs: readonly LeasedJob[]): Promise<JobResult[]> => {
    taken.push(...jobs);
    return Promise.all(jobs.map(async (job) => ({ ...(await answer(job)), job: job.id }) as JobResult));
  };
  const actions = does.map((action) => ({ name: action, load }));
  return { taken, destination: { name, accepts: 'segment', actions, ...more } };
}

export const succeeds = (): Answer => ({ outcome: 'succeeded' });

export const failure = { code: 'TEST', message: 'As the test wants it.' } as const;

/** Stands still in its middle until it is opened. */
export class Gate {
  #open: () => void = () => undefined;
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));
  #waiting = 0;

  /** How many have come to it so far. */
  get waiting(): number {
    return this.#waiting;
  }

  pass(): Promise<void> {
    this.#waiting += 1;
    return this.#opened;
  }

  open(): void {
    this.#open();
  }
}
