import type { Action, BatchLimits, LeasedJob } from '../contracts/destination.js';

/** What one call of `load` is about to deliver. */
export interface Call {
  readonly action: Action;
  readonly jobs: readonly LeasedJob[];
}

/** Whether so many jobs, of so many bytes together, may go in one call. */
export const fits = (limits: BatchLimits | undefined, jobs: number, bytes: number): boolean =>
  jobs <= (limits?.maxJobs ?? 1) && bytes <= (limits?.maxBytes ?? Number.POSITIVE_INFINITY);

/** What a job counts for in `BatchLimits.maxBytes`. */
export const bytesOf = (job: LeasedJob): number => Buffer.byteLength(job.event.data);

/** Splits leased jobs into calls of `load`: by action, then by the action's batch limits, in order. */
export function callsOf(jobs: readonly LeasedJob[], actions: ReadonlyMap<string, Action>): readonly Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { jobs: LeasedJob[]; bytes: number }>();
  for (const job of jobs) {
    const action = actions.get(job.action);
    if (!action) continue;
    const bytes = bytesOf(job);
    const current = open.get(job.action);
    if (current && fits(action.batch, current.jobs.length + 1, current.bytes + bytes)) {
      current.jobs.push(job);
      current.bytes += bytes;
      continue;
    }
    const next = { jobs: [job], bytes };
    open.set(job.action, next);
    calls.push({ action, jobs: next.jobs });
  }
  return calls;
}
