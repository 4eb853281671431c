import { useQuery } from '@tanstack/react-query';
import { get, path, post, type ApiError } from '../api/client.js';
import { useListed, useRead } from '../api/queries.js';
import type { Bulk, BulkKind, Preview } from '../api/types.js';
import { whereOf, type Filters } from '../filters/filters.js';
import { isOver } from './progress.js';

const PROGRESS_MS = 1_000;
const LIST_MS = 5_000;

/** One order, anew every second until it is over. */
export function useOrder(order: Bulk) {
  const endpoint = path`store/bulks/${order.id}`;
  return useQuery<Bulk, ApiError>({
    queryKey: [endpoint, {}],
    queryFn: ({ signal }) => get<Bulk>(endpoint, undefined, signal),
    initialData: order,
    refetchInterval: ({ state }) => (isOver(state.data ?? order) ? false : PROGRESS_MS),
  });
}

export const useOrderById = (id: string) => useRead<Bulk>(path`store/bulks/${id}`);

export const useOrders = (cursor?: string) =>
  useListed<Bulk>('store/bulks', {
    query: { limit: 50, ...(cursor !== undefined && { cursor }) },
    refreshMs: LIST_MS,
  });

/** How many an order of each of these filters would be about, together. */
export function usePreview(kind: BulkKind, filters: readonly Filters[]) {
  const wheres = filters.map((each) => whereOf(each));
  return useQuery<Pick<Preview, 'count' | 'count_is_capped'>, ApiError>({
    queryKey: ['store/preview', kind, wheres],
    queryFn: async () => {
      const previews = await Promise.all(
        wheres.map((where) => post<Preview>('store/preview', { kind, where })),
      );
      return {
        count: previews.reduce((sum, { count }) => sum + count, 0),
        count_is_capped: previews.some(({ count_is_capped: capped }) => capped),
      };
    },
    // What matched a moment ago is no preview.
    gcTime: 0,
    staleTime: 0,
  });
}

/** One order for each of the filters: a single filter cannot name the jobs of several groups exactly. */
export async function placeOrders(
  kind: BulkKind,
  filters: readonly Filters[],
  ratePerSecond: number | undefined,
): Promise<readonly Bulk[]> {
  const orders: Bulk[] = [];
  for (const each of filters) {
    const rate = ratePerSecond === undefined ? {} : { rate_per_second: ratePerSecond };
    orders.push(await post<Bulk>('store/bulks', { kind, where: whereOf(each), ...rate }));
  }
  return orders;
}

export const cancelOrder = (id: string): Promise<Bulk> => post<Bulk>(path`store/bulks/${id}/cancel`);
