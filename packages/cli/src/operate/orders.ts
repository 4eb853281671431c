import { FragmentError, type JobStatus, type Operations, type Where } from '@fragment/core';
import type { Change, ChangeKind, Preview } from './operator.js';

const ABLE: Readonly<Record<ChangeKind, readonly JobStatus[]>> = {
  retry: ['failed', 'discarded', 'unknown'],
  discard: ['awaiting', 'failed', 'unknown'],
};

/** How many jobs a change would be about: those that match and can be changed so. */
export async function preview(operations: Operations, kind: ChangeKind, where: Where): Promise<Preview> {
  const asked = where.jobs?.statusIn;
  const statusIn = asked ? ABLE[kind].filter((status) => asked.includes(status)) : ABLE[kind];
  if (statusIn.length === 0) return { count: 0, countIsCapped: false };
  const { count, countIsCapped } = await operations.findJobs(
    { ...where, jobs: { ...where.jobs, statusIn } },
    { limit: 1 },
  );
  return { count, countIsCapped };
}

/** What an order is about. */
export interface Order {
  readonly kind: ChangeKind;
  readonly where: Where;
  readonly ratePerSecond: number;
}

/** Gives an order that a scheduler carries out at its rate. */
export function order(_operations: Operations, { kind, ratePerSecond }: Order): Promise<Change> {
  const detail = `No scheduler can be ordered yet to ${kind} ${ratePerSecond} jobs a second: it waits for bulk orders.`;
  return Promise.reject(new FragmentError('FRAGMENT_CLI_LATER', { detail }));
}
