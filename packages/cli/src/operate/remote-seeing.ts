import type { TriggerRef } from '@fragment/core';
import type { AdminApi, Parameters } from './admin-api.js';
import {
  eventDetailOf,
  jobDetailOf,
  type EventAnswer,
  type JobAnswer,
  type JobDetail,
  type TransitionAnswer,
} from './detail-views.js';
import { parametersOf } from './filter.js';
import type { PageRequest, Seeing, ViewPage } from './operator.js';
import {
  orderOf,
  type RejectionView,
  type AuditView,
  type ErasureView,
  type FailureView,
  type LaneLoadView,
  type OrderView,
  type UserView,
} from './oversight-views.js';
import { schedulesOf, type RunView, type ServiceView, type SourceAnswer } from './schedule-views.js';
import { eventOf, jobOf, type EventView } from './views.js';

/** Transitions in one answer, at most. */
const HISTORY_PAGE = 500;

/** What can be seen, asked of an admin API. */
export function remoteSeeing(api: AdminApi): Seeing {
  const get = async <T>(path: string, parameters: Parameters = []): Promise<T> =>
    (await api.get<T, unknown>(path, parameters)).data;
  const withHistory = async (job: JobAnswer): Promise<JobDetail> =>
    jobDetailOf(job, await historyOf(api, job.id));
  return {
    findEvents: (where, page) => pageOf(api, 'store/events', page, eventOf, parametersOf(where)),
    async findEvent(id) {
      const event = await get<EventAnswer>(`store/events/${encodeURIComponent(id)}`);
      const jobs: JobDetail[] = [];
      for (const job of event.jobs) jobs.push(await withHistory(job));
      return eventDetailOf(event, jobs);
    },
    findJobs: (where, page) => pageOf(api, 'store/jobs', page, jobOf, parametersOf(where)),
    findJob: async (id) => withHistory(await get<JobAnswer>(`store/jobs/${encodeURIComponent(id)}`)),
    findRejections: (page) => pageOf<RejectionView>(api, 'store/rejections', page),
    failures: (where, limit) =>
      get<FailureView[]>('store/failures', [...parametersOf(where), ['limit', limit]]),
    lanes: async () => (await get<{ readonly lanes: LaneLoadView[] }>('overview')).lanes,
    findOrders: (page) => pageOf(api, 'store/bulks', page, orderOf),
    findOrder: async (id) => orderOf(await get<OrderView>(`store/bulks/${encodeURIComponent(id)}`)),
    findUser: (id) => get<UserView>(`users/${encodeURIComponent(id)}`),
    findErasures: (page) => pageOf<ErasureView>(api, 'erasures', page),
    findAudit: (page) => pageOf<AuditView>(api, 'audit', page),
    async schedules() {
      const sources = await get<readonly { readonly name: string }[]>('sources');
      const answers = await Promise.all(sources.map(({ name }) => get<SourceAnswer>(sourcePath(name))));
      return answers.flatMap(schedulesOf);
    },
    findRuns: (of, page) => pageOf<RunView>(api, `${triggerPath(of)}/runs`, page),
    services: () => get<readonly ServiceView[]>('services'),
    async preview(kind, where) {
      const body = { kind, where: Object.fromEntries(parametersOf(where)) };
      const { data } = await api.post<Counted>('store/preview', body);
      return { count: data.count, countIsCapped: data.count_is_capped };
    },
    async *tail(where, signal) {
      for await (const event of api.stream<EventView>('store/stream', parametersOf(where), signal))
        yield eventOf(event);
    },
  };
}

const sourcePath = (source: string): string => `sources/${encodeURIComponent(source)}`;

export const triggerPath = ({ source, trigger }: TriggerRef): string =>
  `${sourcePath(source)}/triggers/${encodeURIComponent(trigger)}`;

interface PageMeta {
  readonly count: number;
  readonly count_is_capped?: boolean;
  readonly next_cursor?: string | null;
}

interface Counted {
  readonly count: number;
  readonly count_is_capped: boolean;
}

/** @param view takes of an answered item what is printed. Default: all of it. */
async function pageOf<V>(
  api: AdminApi,
  path: string,
  { limit, cursor }: PageRequest,
  view: (item: V) => V = (item) => item,
  filter: Parameters = [],
): Promise<ViewPage<V>> {
  const paging: Parameters = [
    ['limit', limit],
    ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
  ];
  const { data, meta } = await api.get<readonly V[], PageMeta>(path, [...filter, ...paging]);
  return {
    items: data.map(view),
    count: meta.count,
    countIsCapped: meta.count_is_capped ?? false,
    nextCursor: meta.next_cursor ?? undefined,
  };
}

/** All of it: a job that was tried for days has more than one page. */
async function historyOf(api: AdminApi, jobId: string): Promise<readonly TransitionAnswer[]> {
  const path = `store/jobs/${encodeURIComponent(jobId)}/transitions`;
  const history: TransitionAnswer[] = [];
  for (;;) {
    const { data, meta } = await api.get<readonly TransitionAnswer[], PageMeta>(path, [
      ['limit', HISTORY_PAGE],
      ['offset', history.length],
    ]);
    history.push(...data);
    if (data.length === 0 || history.length >= meta.count) return history;
  }
}
