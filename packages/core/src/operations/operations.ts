import type { Application } from '../contracts/application.js';
import type { Destination } from '../contracts/destination.js';
import type { Where } from '../contracts/filters.js';
import type { Operations } from '../contracts/operations.js';
import type { EventRecord } from '../contracts/store.js';
import type { Source, Trigger } from '../contracts/source.js';
import { ownError } from '../execution/retry.js';
import { FragmentError } from '../errors/fragment-error.js';
import { DeadlineError, withDeadline } from '../platform/deadline.js';
import { toolkit } from '../platform/toolkit.js';
import { Planner } from '../planning/plan.js';
import { tailEvents } from './tail.js';

/** Jobs changed by one statement; between two of them others get their turn. */
const STEP = 1_000;
const CHECK_TIMEOUT_MS = 15_000;

/** Everything an operator can see and do with an application. */
export function operations(app: Application): Operations {
  const { store } = app;
  return {
    findEvents: (where, page = {}) => store.findEvents(where, page),
    findEvent: (id) => store.findEvent(id),
    findJobs: (where, page = {}) => store.findJobs(where, page),
    findJob: (id) => store.findJob(id),
    findTransitions: (jobId) => store.findTransitions(jobId),
    findRejections: (page = {}) => store.findRejections(page),
    stats: () => store.stats(),
    lanes: () => store.lanes(),
    retry: (where) => retry(app, where),
    discard: (where) => discard(app, where),
    replay: (where) => replay(app, where),
    pause: (destination, reason) => pause(app, destination, reason),
    resume: (destination) => resume(app, destination),
    check: (destination) => check(app, destination),
    tail: (where, signal) => tailEvents(store, app.clock, where, signal),
  };
}

async function retry(app: Application, where: Where): Promise<{ count: number }> {
  let count = 0;
  for (;;) {
    const step = await app.store.retry(where, { limit: STEP });
    app.queue.offer(step.refs);
    count += step.count;
    if (step.count < STEP) return { count };
  }
}

async function discard(app: Application, where: Where): Promise<{ count: number }> {
  const error = ownError('FRAGMENT_DELIVERY_DISCARDED_BY_OPERATOR');
  let count = 0;
  for (;;) {
    const step = await app.store.discard(where, { limit: STEP, error });
    count += step;
    if (step < STEP) return { count };
  }
}

async function replay(app: Application, where: Where): Promise<{ events: number; jobs: number }> {
  const planner = new Planner(app.destinations);
  let events = 0;
  let jobs = 0;
  let cursor: string | undefined;
  do {
    const page = await app.store.findEvents(where, {
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const plans = page.items.flatMap((event) => planAgain(app, planner, event));
    app.queue.offer(await app.store.plan(plans));
    events += plans.length;
    for (const plan of plans) jobs += plan.jobs.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { events, jobs };
}

function planAgain(
  app: Application,
  planner: Planner,
  event: EventRecord,
): Parameters<Application['store']['plan']>[0] {
  const trigger = triggerOf(app.sources, event);
  if (!trigger || event.type === 'batch') return [];
  const plan = planner.plan(event, trigger.flows ?? []);
  if ('jobs' in plan) return [{ eventId: event.id, jobs: plan.jobs }];
  app.logger.warn({ event: event.id, error: plan.error }, 'an event could not be planned again');
  return [];
}

const triggerOf = (sources: readonly Source[], event: EventRecord): Trigger | undefined =>
  sources.find((s) => s.name === event.source)?.triggers.find((t) => t.name === event.trigger);

async function pause(app: Application, name: string, reason?: string): Promise<void> {
  const { name: destination } = destinationOf(app, name);
  await app.store.setLane({
    destination,
    state: 'paused',
    failures: 0,
    reason: reason ?? 'paused by an operator',
  });
}

async function resume(app: Application, name: string): Promise<void> {
  await app.store.setLane({ destination: destinationOf(app, name).name, state: 'open', failures: 0 });
}

async function check(app: Application, name: string): Promise<'ok' | 'refused' | 'unknown'> {
  const destination = destinationOf(app, name);
  if (!destination.check) return 'unknown';
  try {
    return await withDeadline(app.clock, CHECK_TIMEOUT_MS, new AbortController().signal, async (call) => {
      return (await destination.check?.(toolkit(app.logger, app.clock, call.signal))) ?? 'unknown';
    });
  } catch (error) {
    if (error instanceof DeadlineError) return 'unknown';
    throw error;
  }
}

function destinationOf(app: Application, name: string): Destination {
  const destination = app.destinations.find((d) => d.name === name);
  if (!destination)
    throw new FragmentError('FRAGMENT_ADMIN_DESTINATION_UNKNOWN', { detail: `There is no '${name}'.` });
  return destination;
}
