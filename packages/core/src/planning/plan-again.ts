import type { Page, Where } from '../contracts/filters.js';
import type { Queue } from '../contracts/queue.js';
import type { EventRecord } from '../contracts/records.js';
import type { Source, Trigger } from '../contracts/source.js';
import type { Store } from '../contracts/store.js';
import type { Logger } from '../contracts/toolkit.js';
import type { Planner } from './plan.js';

export interface ReplayParts {
  readonly store: Store;
  readonly queue: Queue;
  readonly sources: readonly Source[];
  readonly planner: Planner;
  readonly logger: Logger;
}

/** Plans the events of one page of all that match again and adds the jobs: what replay is. */
export async function replayPage(
  parts: ReplayParts,
  where: Where,
  page: Page,
): Promise<{ events: number; visited: number; jobs: number; nextCursor: string | undefined }> {
  const { items, nextCursor } = await parts.store.findEvents(where, { ...page, counted: false });
  const plans = items.flatMap((event) => planAgain(parts, event));
  parts.queue.offer(await parts.store.plan(plans));
  const jobs = plans.reduce((sum, plan) => sum + plan.jobs.length, 0);
  return { events: plans.length, visited: items.length, jobs, nextCursor };
}

function planAgain(
  { sources, planner, logger }: ReplayParts,
  event: EventRecord,
): Parameters<Store['plan']>[0] {
  const trigger = triggerOf(sources, event);
  if (!trigger || event.type === 'batch') return [];
  const plan = planner.plan(event, trigger.flows ?? []);
  if ('jobs' in plan) return [{ eventId: event.id, jobs: plan.jobs }];
  logger.warn({ event: event.id, error: plan.error }, 'an event could not be planned again');
  return [];
}

const triggerOf = (sources: readonly Source[], event: EventRecord): Trigger | undefined =>
  sources.find((s) => s.name === event.source)?.triggers.find((t) => t.name === event.trigger);
