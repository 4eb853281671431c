import type { Operations, Where } from '@fragment/core';
import type { ChangeKind, Ordered, Preview } from './operator.js';

/** How many a change would be about: those that match and can be changed so. */
export async function preview(
  operations: Operations,
  kind: ChangeKind | 'purge',
  where: Where,
): Promise<Preview> {
  const { count, countIsCapped } = await operations.preview(kind, where);
  return { count, countIsCapped };
}

/** What an order is about. */
export interface Order {
  readonly kind: ChangeKind | 'purge';
  readonly where: Where;
  readonly ratePerSecond?: number;
}

/** Gives an order that a scheduler carries out, at its rate where it has one. */
export async function order(operations: Operations, o: Order): Promise<Ordered> {
  const { id, total, totalIsCapped } = await operations.order({ ...o, actor: 'cli' });
  return { order: id, count: total, countIsCapped: totalIsCapped };
}
