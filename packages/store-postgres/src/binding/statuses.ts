import type { JobStatus } from '@fragment/core';

/** The numbers in `jobs.status` and `attempts.state`. They are stored: never renumber them. */
export const STATUS = {
  awaiting: 0,
  executing: 1,
  succeeded: 2,
  failed: 3,
  discarded: 4,
  unknown: 5,
} as const satisfies Record<JobStatus, number>;

const BY_NUMBER = Object.fromEntries(
  Object.entries(STATUS).map(([name, number]) => [number, name]),
) as Record<number, JobStatus>;

export const statusName = (number: number): JobStatus => BY_NUMBER[number] ?? 'unknown';

/** What a lease may take. */
export const WAITING = `(${STATUS.awaiting}, ${STATUS.failed}, ${STATUS.unknown})`;
export const FINISHED: ReadonlySet<JobStatus> = new Set(['succeeded', 'discarded']);
/** These always have a `last_error`. */
export const WITH_ERROR: ReadonlySet<JobStatus> = new Set(['failed', 'unknown', 'discarded']);
