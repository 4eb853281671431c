import type { JobRecord } from '@fragment/core';
import { waitFor, type TestPostgres } from '@fragment/testing';
import { openWorld, quick, type World } from '../acceptance/world.js';
import { plainDestination } from './destination.js';
import { sweptHeapMb } from './heap.js';
import { takeInSteadily } from './load.js';
import { startVendor } from './vendor.js';

const HEALTHY = ['b', 'c'] as const;

export interface IsolationReport {
  readonly perSecond: number;
  readonly events: number;
  /** Jobs of the healthy destinations that did not succeed. */
  readonly undelivered: number;
  /** From the receipt of an event to its end at a healthy destination: before the other one hangs, and while it does. */
  readonly p95BeforeMs: number;
  readonly p95Ms: number;
  /** From the first call that hangs to the lane that is closed. */
  readonly trippedAfterMs: number;
  /** Calls that hung; there were as many jobs as events. */
  readonly hungCalls: number;
  /** By how much the swept heap was larger at the end than when the lane had tripped. */
  readonly heapGrowthMb: number;
}

/** R18: one destination hangs for ever; the others must not notice. */
export async function runIsolation(o: {
  readonly database: TestPostgres;
  readonly perSecond: number;
  readonly seconds: number;
  readonly deadlineMs: number;
}): Promise<IsolationReport> {
  const vendor = await startVendor();
  const world = await openWorld({
    database: o.database,
    destinations: ['a', ...HEALTHY].map((name) =>
      plainDestination({ name, url: vendor.url, timeoutMs: o.deadlineMs, transport: 'undici' }),
    ),
    execution: { breaker: { ...quick.breaker, openMs: 30_000, maxOpenMs: 300_000 } },
  });
  try {
    const before = await takeInSteadily(world, o.perSecond, o.seconds / 2);
    await delivered(world, ['a', ...HEALTHY], before);
    const [calm, hungAt] = [vendor.calls.length, new Date()];
    vendor.set('a', 'hangs');
    const tripped = whenTripped(world, o.deadlineMs);
    const during = await takeInSteadily(world, o.perSecond, o.seconds);
    const { at, heapMb } = await tripped;
    const undelivered = await delivered(world, HEALTHY, before + during);
    const heapGrowthMb = sweptHeapMb() - heapMb;
    const hung = vendor.calls.slice(calm).filter(({ destination }) => destination === 'a');
    const ended = await jobsOf(world, HEALTHY);
    return {
      perSecond: o.perSecond,
      events: before + during,
      undelivered,
      p95BeforeMs: p95(ended.filter(({ createdAt }) => createdAt < hungAt)),
      p95Ms: p95(ended.filter(({ createdAt }) => createdAt >= hungAt)),
      trippedAfterMs: Math.round(at - (hung[0]?.at ?? at)),
      hungCalls: hung.length,
      heapGrowthMb: Math.round(heapGrowthMb * 10) / 10,
    };
  } finally {
    await vendor.stop();
    await world.stop();
  }
}

/** Waits until each of them has so many jobs behind it. Returns how many are missing when that takes too long. */
async function delivered(world: World, destinations: readonly string[], count: number): Promise<number> {
  const missing = async (): Promise<number> => {
    const { lanes } = await world.ops.stats();
    const done = (name: string) =>
      lanes.find(({ destination }) => destination === name)?.counts.succeeded ?? 0;
    return destinations.reduce((sum, name) => sum + Math.max(0, count - done(name)), 0);
  };
  const none = waitFor(async () => (await missing()) === 0, { timeoutMs: 30_000, intervalMs: 50 });
  return none.then(() => 0, missing);
}

async function whenTripped(world: World, deadlineMs: number): Promise<{ at: number; heapMb: number }> {
  const isTripped = async () => (await world.ops.lanes()).some((lane) => lane.state === 'tripped');
  await waitFor(isTripped, { timeoutMs: deadlineMs + 30_000, message: 'the lane that hangs to trip' });
  return { at: performance.now(), heapMb: sweptHeapMb() };
}

async function jobsOf(world: World, destinations: readonly string[]): Promise<readonly JobRecord[]> {
  const jobs: JobRecord[] = [];
  let cursor: string | undefined;
  do {
    const where = { jobs: { destinationsIn: destinations } };
    const page = await world.ops.findJobs(where, { limit: 500, ...(cursor !== undefined && { cursor }) });
    jobs.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return jobs;
}

function p95(jobs: readonly JobRecord[]): number {
  const took = jobs.flatMap(({ createdAt, finishedAt }) =>
    finishedAt ? [finishedAt.getTime() - createdAt.getTime()] : [],
  );
  took.sort((a, b) => a - b);
  return took[Math.floor(took.length * 0.95)] ?? 0;
}
