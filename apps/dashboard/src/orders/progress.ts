import type { Bulk } from '../api/types.js';

export interface Progress {
  /** From 0 to 1; null while nobody knows, because the count of what matches was capped. */
  readonly share: number | null;
  /** What is left at the ordered rate, in milliseconds; null without a rate, or when nobody knows. */
  readonly leftMs: number | null;
}

export const isOver = ({ state }: Bulk): boolean =>
  state === 'done' || state === 'cancelled' || state === 'failed';

/** How far an order is. What an order visits may be less than what matched when it was given. */
export function progressOf(order: Bulk): Progress {
  if (order.state === 'done') return { share: 1, leftMs: null };
  if (order.total_is_capped) return { share: null, leftMs: null };
  const left = Math.max(0, order.total - order.visited);
  const share = order.total === 0 ? 0 : Math.min(1, order.visited / order.total);
  const { rate_per_second: rate } = order;
  return { share, leftMs: isOver(order) || rate === null ? null : (left / rate) * 1_000 };
}
