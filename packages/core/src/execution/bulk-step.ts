import type { BulkRecord } from '../contracts/bulk.js';
import type { Where } from '../contracts/filters.js';
import { replayPage, type ReplayParts } from '../planning/plan-again.js';
import type { BulkStep } from './bulk-runner.js';
import { ownError } from './retry.js';

/** What each kind of order does in one step. */
export function bulkSteps(parts: ReplayParts): BulkStep {
  const { store, queue } = parts;
  return async (order, { limit, after }) => {
    const where = bounded(order);
    if (order.kind === 'replay') {
      const page = { limit, ...(after === undefined ? {} : { cursor: after }) };
      const { visited, jobs, nextCursor } = await replayPage(parts, where, page);
      return { visited, done: jobs, last: nextCursor };
    }
    const from = { limit, ...(after === undefined ? {} : { after }) };
    if (order.kind === 'retry') {
      const { count, last, refs } = await store.retry(where, from);
      queue.offer(refs);
      return { visited: count, done: count, last };
    }
    if (order.kind === 'purge') {
      const { visited, count, last } = await store.purgeEvents(where, from);
      return { visited, done: count, last };
    }
    const error = ownError('FRAGMENT_DELIVERY_DISCARDED_BY_OPERATOR');
    const { count, last } = await store.discard(where, { ...from, error });
    return { visited: count, done: count, last };
  };
}

/** What came in after the order was given is none of it. */
function bounded({ where, createdAt }: BulkRecord): Where {
  const before = where.events?.receivedBefore;
  const receivedBefore = before !== undefined && before < createdAt ? before : createdAt;
  return { ...where, events: { ...where.events, receivedBefore } };
}
