/** An hour. Jobs that wait belong to one process, which keeps their leases alive all the while. */
const LONGEST_MS = 3_600_000;

/** What is wrong with the `maxWaitMs` of a batch; undefined when nothing is. */
export function batchWaitFault(maxWaitMs: unknown): string | undefined {
  const right =
    maxWaitMs === undefined || (typeof maxWaitMs === 'number' && maxWaitMs >= 0 && maxWaitMs <= LONGEST_MS);
  return right ? undefined : `must be milliseconds from 0 to ${LONGEST_MS}`;
}
