import type { TriggerRef, Where } from '@fragment/core';
import type { AdminApi } from './admin-api.js';
import { isEmpty, parametersOf } from './filter.js';
import type { Acting, CheckView, Ordered, RemoteOperator } from './operator.js';
import {
  orderOf,
  type ErasureView,
  type LaneView,
  type OrderView,
  type SentView,
} from './oversight-views.js';
import { triggerPath } from './remote-seeing.js';
import type { RunView } from './schedule-views.js';

/** What can be done, asked of an admin API, which notes it in the audit. */
export function remoteActing(api: AdminApi): Acting & Pick<RemoteOperator, 'runNow'> {
  const post = async <T>(path: string, body: object = {}): Promise<T> => (await api.post<T>(path, body)).data;
  const lane = (destination: string): string => `destinations/${encodeURIComponent(destination)}`;
  return {
    change: async (kind, where, ratePerSecond) =>
      orderedOf(await post('store/bulks', { kind, where: bodyOf(where), ...paced(ratePerSecond) })),
    async purge(where, ratePerSecond) {
      const of = isEmpty(where) ? { all: true } : { where: bodyOf(where) };
      return orderedOf(await post('store/purge', { ...of, ...paced(ratePerSecond) }));
    },
    cancelOrder: async (id) => orderOf(await post<OrderView>(`store/bulks/${encodeURIComponent(id)}/cancel`)),
    pause: (destination, reason) =>
      post<LaneView>(`${lane(destination)}/pause`, reason === undefined ? {} : { reason }),
    resume: (destination) => post<LaneView>(`${lane(destination)}/resume`),
    async check(destination) {
      const { result } = await post<Pick<CheckView, 'result'>>(`${lane(destination)}/check`);
      return { destination, result };
    },
    runNow: (of: TriggerRef) => post<RunView>(`${triggerPath(of)}/run`),
    sendTest: (message, to) => post<SentView>('test-events', { message, ...to }),
    erase: (id) => post<ErasureView>(`users/${encodeURIComponent(id)}/erase`, { confirm: id }),
  };
}

const bodyOf = (where: Where): object => Object.fromEntries(parametersOf(where));

const paced = (ratePerSecond: number | undefined): object =>
  ratePerSecond === undefined ? {} : { rate_per_second: ratePerSecond };

const orderedOf = ({ id, total, total_is_capped: countIsCapped }: OrderView): Ordered => ({
  order: id,
  count: total,
  countIsCapped,
});
