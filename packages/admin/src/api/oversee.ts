import { FragmentError, type StoreStats } from '@fragment/core';
import { laneOf } from '../resources/application.js';
import {
  auditResource,
  bulkResource,
  failureResource,
  healthResource,
  statisticsResource,
} from '../resources/oversight.js';
import { listAnswer, whole } from './answers.js';
import type { Answer, Endpoint, EndpointContext } from './endpoint.js';
import { filterParameters, pageParameters, rangeParameters } from './parameters.js';

const HOUR_MS = 3_600_000;
const DEFAULT_STEPS = 60;

/** How it goes, and what was done about it. */
export const oversightEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/overview',
    role: 'read',
    summary: 'Lanes with their jobs by status, and health',
    handle: overview,
  },
  {
    method: 'GET',
    path: '/api/statistics',
    role: 'read',
    summary: 'What came in and went out over a range of time, in steps',
    parameters: rangeParameters,
    handle: statistics,
  },
  {
    method: 'GET',
    path: '/api/store/failures',
    role: 'read',
    summary: 'Jobs that did not succeed, by reason',
    parameters: { ...filterParameters, limit: { kind: 'limit' } },
    handle: async ({ operations, query }) =>
      whole((await operations.failureGroups(query.where, { limit: query.page.limit })).map(failureResource)),
  },
  {
    method: 'GET',
    path: '/api/store/bulks',
    role: 'read',
    summary: 'Orders to retry, discard, replay or purge many, newest first',
    parameters: pageParameters,
    handle: async ({ operations, query }) =>
      listAnswer(await operations.findBulks(query.page), query, bulkResource),
  },
  {
    method: 'GET',
    path: '/api/store/bulks/:bulk_id',
    role: 'read',
    summary: 'One order and how far it is',
    handle: async ({ operations, param }) => {
      const bulk = await operations.findBulk(param('bulk_id'));
      if (!bulk) throw new FragmentError('FRAGMENT_ADMIN_BULK_UNKNOWN');
      return { data: bulkResource(bulk) };
    },
  },
  {
    method: 'GET',
    path: '/api/audit',
    role: 'admin',
    summary: 'Who did what, newest first',
    parameters: pageParameters,
    handle: async ({ operations, query }) =>
      listAnswer(await operations.findAudit(query.page), query, auditResource),
  },
  {
    method: 'GET',
    path: '/api/health',
    role: 'read',
    summary: 'The checks of the application with their messages',
    handle: async ({ app }) => ({ data: healthResource(await app.health()) }),
  },
];

async function overview({ app, operations }: EndpointContext): Promise<Answer> {
  const [stats, rows, health] = await Promise.all([operations.stats(), operations.lanes(), app.health()]);
  const registered = app.destinations.map(({ name }) => name);
  const names = [...new Set([...registered, ...stats.lanes.map(({ destination }) => destination)])];
  const lanes = names.map((name) => ({
    ...laneOf(name, rows),
    registered: registered.includes(name),
    ...countsOf(stats, name),
  }));
  const { events, rejections, planErrors } = stats;
  return { data: { lanes, events, rejections, plan_errors: planErrors, health: healthResource(health) } };
}

function countsOf(stats: StoreStats, name: string) {
  const lane = stats.lanes.find(({ destination }) => destination === name);
  const none = { awaiting: 0, executing: 0, succeeded: 0, failed: 0, discarded: 0, unknown: 0 };
  return { counts: lane?.counts ?? none, oldest_due_at: lane?.oldestDueAt ?? null };
}

/** Default: the last hour. A step that is not given makes about sixty of the range. */
async function statistics({ app, operations, query }: EndpointContext): Promise<Answer> {
  const { from: asked, to: end, step } = query.range;
  const to = end ?? new Date(app.clock.now());
  const from = asked ?? new Date(to.getTime() - HOUR_MS);
  if (from >= to) {
    const validations = [{ message: 'from must be before to', path: ['query', 'from'], field: 'from' }];
    throw new FragmentError('FRAGMENT_ADMIN_QUERY_INVALID', { validations });
  }
  const unit = to.getTime() - from.getTime() > DEFAULT_STEPS * HOUR_MS ? HOUR_MS : 60_000;
  const own = Math.max(1, Math.round((to.getTime() - from.getTime()) / DEFAULT_STEPS / unit)) * unit;
  const range = {
    from,
    to,
    stepMs: step === undefined ? own : Math.max(60_000, Math.ceil(step / 60_000) * 60_000),
  };
  return { data: statisticsResource(await operations.statistics(range)) };
}
