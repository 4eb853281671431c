import type { Operations, Where } from '@fragment/core';
import type { Change, ChangeKind, Preview } from './operator.js';

/** How many jobs a change would be about: those that match and can be changed so. */
export async function preview(operations: Operations, kind: ChangeKind, where: Where): Promise<Preview> {
  const { count, countIsCapped } = await operations.preview(kind, where);
  return { count, countIsCapped };
}

/** What an order is about. */
export interface Order {
  readonly kind: ChangeKind;
  readonly where: Where;
  readonly ratePerSecond: number;
}

/** Gives an order that a scheduler carries out at its rate. */
export async function order(operations: Operations, o: Order): Promise<Change> {
  const { id, total, totalIsCapped } = await operations.order({ ...o, actor: 'cli' });
  return { order: id, count: total, countIsCapped: totalIsCapped };
}
