import type { AdminApi } from './admin-api.js';
import { parametersOf } from './filter.js';
import type { Acting } from './operator.js';
import {
  orderOf,
  type ErasureView,
  type LaneView,
  type OrderView,
  type SentView,
} from './oversight-views.js';

/** What can be done, asked of an admin API, which notes it in the audit. */
export function remoteActing(api: AdminApi): Acting {
  const post = async <T>(path: string, body: object = {}): Promise<T> => (await api.post<T>(path, body)).data;
  const lane = (destination: string): string => `destinations/${encodeURIComponent(destination)}`;
  return {
    async change(kind, where, ratePerSecond) {
      const order = await post<OrderView>('store/bulks', {
        kind,
        where: Object.fromEntries(parametersOf(where)),
        ...(ratePerSecond !== undefined && { rate_per_second: ratePerSecond }),
      });
      return { order: order.id, count: order.total, countIsCapped: order.total_is_capped };
    },
    cancelOrder: async (id) => orderOf(await post<OrderView>(`store/bulks/${encodeURIComponent(id)}/cancel`)),
    pause: (destination, reason) =>
      post<LaneView>(`${lane(destination)}/pause`, reason === undefined ? {} : { reason }),
    resume: (destination) => post<LaneView>(`${lane(destination)}/resume`),
    sendTest: (message, to) => post<SentView>('test-events', { message, ...to }),
    erase: (id) => post<ErasureView>(`users/${encodeURIComponent(id)}/erase`, { confirm: id }),
  };
}
