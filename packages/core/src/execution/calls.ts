import type { Action, LeasedJob } from '../contracts/destination.js';

/** Splits leased jobs into calls of `load`: by action, then by the action's batch limits, in order. */
export function callsOf(
  jobs: readonly LeasedJob[],
  actions: ReadonlyMap<string, Action>,
): { action: Action; jobs: LeasedJob[] }[] {
  const calls: { action: Action; jobs: LeasedJob[] }[] = [];
  const open = new Map<string, { jobs: LeasedJob[]; bytes: number }>();
  for (const job of jobs) {
    const action = actions.get(job.action);
    if (!action) continue;
    const maxJobs = action.batch?.maxJobs ?? 1;
    const maxBytes = action.batch?.maxBytes ?? Number.POSITIVE_INFINITY;
    const bytes = Buffer.byteLength(job.event.data);
    const current = open.get(job.action);
    if (current && current.jobs.length < maxJobs && current.bytes + bytes <= maxBytes) {
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
