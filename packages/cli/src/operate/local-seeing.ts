import {
  FragmentError,
  type Application,
  type Found,
  type JobRecord,
  type Operations,
  type Source,
  type StoreStats,
  type TriggerRef,
} from '@fragment/core';
import { eventDetail, jobDetail, type JobDetail } from './detail-views.js';
import type { Seeing, ViewPage } from './operator.js';
import {
  auditView,
  erasureView,
  failureView,
  laneView,
  orderView,
  rejectionView,
  userView,
  type LaneLoadView,
} from './oversight-views.js';
import { runView, scheduleViews, serviceView } from './schedule-views.js';
import { eventView, jobView } from './views.js';

/** What can be seen, read from the store. */
export function localSeeing({ destinations, sources, clock }: Application, operations: Operations): Seeing {
  return {
    findEvents: async (where, page) => pageOf(await operations.findEvents(where, page), eventView),
    async findEvent(id) {
      const event = found(await operations.findEvent(id), 'FRAGMENT_ADMIN_EVENT_UNKNOWN');
      const jobs: JobDetail[] = [];
      for (const job of event.jobs) jobs.push(await withHistory(operations, job));
      return eventDetail(event, jobs);
    },
    findJobs: async (where, page) => pageOf(await operations.findJobs(where, page), jobView),
    findJob: async (id) =>
      withHistory(operations, found(await operations.findJob(id), 'FRAGMENT_ADMIN_JOB_UNKNOWN')),
    findRejections: async (page) => pageOf(await operations.findRejections(page), rejectionView),
    failures: async (where, limit) => (await operations.failureGroups(where, { limit })).map(failureView),
    async lanes() {
      const [stats, rows] = await Promise.all([operations.stats(), operations.lanes()]);
      const registered = destinations.map(({ name }) => name);
      const names = new Set([...registered, ...stats.lanes.map(({ destination }) => destination)]);
      return [...names].map((name) => ({
        ...laneView(name, rows),
        registered: registered.includes(name),
        ...loadOf(stats, name),
      }));
    },
    findOrders: async (page) => pageOf(await operations.findBulks(page), orderView),
    findOrder: async (id) => orderView(found(await operations.findBulk(id), 'FRAGMENT_ADMIN_BULK_UNKNOWN')),
    findUser: async (id) => userView(found(await operations.findUser(id), 'FRAGMENT_ADMIN_USER_UNKNOWN')),
    findErasures: async (page) => pageOf(await operations.findErasures(page), erasureView),
    findAudit: async (page) => pageOf(await operations.findAudit(page), auditView),
    async schedules() {
      return scheduleViews(sources, await operations.lastRuns(), new Date(clock.now()));
    },
    async findRuns(of, page) {
      checkIsThere(sources, of);
      return pageOf(await operations.findRuns(of, page), runView);
    },
    services: async () => (await operations.services()).map(serviceView),
    async preview(kind, where) {
      const { count, countIsCapped } = await operations.preview(kind, where);
      return { count, countIsCapped };
    },
    async *tail(where, signal) {
      for await (const event of operations.tail(where, signal)) yield eventView(event);
    },
  };
}

/** @throws {FragmentError} FRAGMENT_ADMIN_SOURCE_UNKNOWN */
function checkIsThere(sources: readonly Source[], { source, trigger }: TriggerRef): void {
  const known = sources.find(({ name }) => name === source);
  if (!known) {
    throw new FragmentError('FRAGMENT_ADMIN_SOURCE_UNKNOWN', { detail: `There is no '${source}'.` });
  }
  if (known.triggers.some(({ name }) => name === trigger)) return;
  throw new FragmentError('FRAGMENT_ADMIN_SOURCE_UNKNOWN', {
    detail: `'${source}' has no trigger '${trigger}'.`,
  });
}

function pageOf<T, V>(
  { items, count, countIsCapped, nextCursor }: Found<T>,
  view: (item: T) => V,
): ViewPage<V> {
  return { items: items.map(view), count, countIsCapped, nextCursor };
}

/** @throws {FragmentError} what the admin API answers with 404 */
export function found<T>(item: T | undefined, code: UnknownCode): T {
  if (item === undefined) throw new FragmentError(code);
  return item;
}

type UnknownCode = `FRAGMENT_ADMIN_${'EVENT' | 'JOB' | 'BULK' | 'USER'}_UNKNOWN`;

const withHistory = async (operations: Operations, job: JobRecord): Promise<JobDetail> =>
  jobDetail(job, await operations.findTransitions(job.id));

function loadOf(stats: StoreStats, name: string): Pick<LaneLoadView, 'counts' | 'oldest_due_at'> {
  const lane = stats.lanes.find(({ destination }) => destination === name);
  const none = { awaiting: 0, executing: 0, succeeded: 0, failed: 0, discarded: 0, unknown: 0 };
  return { counts: lane?.counts ?? none, oldest_due_at: lane?.oldestDueAt?.toISOString() ?? null };
}
