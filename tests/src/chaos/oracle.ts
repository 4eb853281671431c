import type { EventRecord, JobRecord, Store, Transition } from '@fragment/core';
import type { Journal } from './loader.js';
import { DESTINATIONS } from './service.js';
import type { Call } from './stub.js';

/** What the failure tests count. Everything but `events`, `jobs` and `dup` has to be zero. */
export interface Findings {
  readonly events: number;
  readonly jobs: number;
  /** Events answered 200 that lack a job, or whose job is not finished, or succeeded unseen by the stub. */
  readonly lost: number;
  /** Calls the stub took that repeat a key it had taken already. */
  readonly dup: number;
  /** Events stored twice under one messageId. */
  readonly doubled: number;
  readonly stuck: number;
  readonly illegal: number;
  /** Events that were never answered 200. */
  readonly unanswered: number;
}

const LEGAL: Readonly<Record<string, readonly string[]>> = {
  null: ['acknowledged'],
  acknowledged: ['awaiting'],
  awaiting: ['executing', 'discarded'],
  executing: ['succeeded', 'failed', 'discarded', 'unknown'],
  failed: ['executing', 'discarded', 'awaiting'],
  unknown: ['executing', 'discarded', 'awaiting'],
  discarded: ['awaiting'],
  succeeded: [],
};

/** Compares what was promised with what is stored and what the vendor saw. */
export async function inspect(store: Store, journal: Journal, calls: readonly Call[]): Promise<Findings> {
  const events = await allEvents(store);
  const byMessage = new Map<string, EventRecord[]>();
  for (const event of events) {
    const id = event.messageId ?? '';
    byMessage.set(id, [...(byMessage.get(id) ?? []), event]);
  }
  const taken = new Map<string, number>();
  for (const call of calls) if (call.status === 200) taken.set(call.key, (taken.get(call.key) ?? 0) + 1);
  const answered = [...journal].filter(([, answers]) => answers.at(-1) === 200).map(([id]) => id);
  const jobs = events.flatMap((event) => event.jobs);
  return {
    events: events.length,
    jobs: jobs.length,
    lost: answered.filter((id) => isLost(byMessage.get(id)?.[0], taken)).length,
    dup: [...taken.values()].reduce((sum, times) => sum + times - 1, 0),
    doubled: [...byMessage.values()].filter((same) => same.length > 1).length,
    stuck: jobs.filter(({ status }) => status !== 'succeeded' && status !== 'discarded').length,
    illegal: await illegalOnes(store, jobs),
    unanswered: journal.size - answered.length,
  };
}

/** Jobs that are neither succeeded nor discarded, at this moment. */
export async function unfinished(store: Store): Promise<number> {
  const found = await store.findJobs({ jobs: { statusNotIn: ['succeeded', 'discarded'] } }, { limit: 1 });
  return found.count;
}

async function allEvents(store: Store): Promise<EventRecord[]> {
  const events: EventRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.findEvents({}, { limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    events.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return events;
}

function isLost(event: EventRecord | undefined, taken: ReadonlyMap<string, number>): boolean {
  if (event?.jobs.length !== DESTINATIONS.length) return true;
  return event.jobs.some((job) => {
    if (job.status === 'discarded') return job.lastError === undefined;
    return job.status !== 'succeeded' || !taken.has(`${event.messageId ?? event.id}:${job.id}`);
  });
}

/** Histories with a step the state machine does not have. Those of a single try are all alike: a sample is enough. */
async function illegalOnes(store: Store, jobs: readonly JobRecord[]): Promise<number> {
  const eventful = jobs.filter((job) => job.attempt > 1 || job.lostLeases > 0 || job.status !== 'succeeded');
  let illegal = 0;
  for (const job of [...eventful.slice(0, 2_000), ...jobs.slice(0, 50)]) {
    if (!isLegal(await store.findTransitions(job.id), job)) illegal += 1;
  }
  return illegal;
}

function isLegal(history: readonly Transition[], job: JobRecord): boolean {
  let before: string | null = null;
  for (const step of history) {
    if (step.stateBefore !== before || !LEGAL[String(before)]?.includes(step.stateAfter)) return false;
    before = step.stateAfter;
  }
  return before === job.status;
}

/** How long after its due time each retried job was tried for the last time, in milliseconds, sorted; negative: too early. */
export async function lateness(store: Store): Promise<readonly number[]> {
  const jobs = (await allEvents(store)).flatMap((event) => event.jobs);
  return jobs
    .flatMap((job) =>
      job.attempt > 1 && job.startedAt ? [job.startedAt.getTime() - job.dueAt.getTime()] : [],
    )
    .sort((a, b) => a - b);
}

/** Milliseconds from one time the vendor took a key to the next time it took the same, sorted. */
export function redeliveries(calls: readonly Call[]): readonly number[] {
  const last = new Map<string, number>();
  const gaps: number[] = [];
  for (const { key, status, at } of calls) {
    if (status !== 200) continue;
    const before = last.get(key);
    if (before !== undefined) gaps.push(at - before);
    last.set(key, at);
  }
  return gaps.sort((a, b) => a - b);
}

export const p99 = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length * 0.99)] ?? 0;
