import type { Settlement, Store } from '@fragment/core';
import { waitFor, type TestPostgres } from '@fragment/testing';
import { openWorld, type World, type WorldOptions } from '../acceptance/world.js';
import { loadOf, type DatabaseLoad, type LoadByPart } from './database-load.js';
import { plainDestination } from './destination.js';
import { takeIn, takeInSteadily } from './load.js';
import { startVendor, type Mood, type VendorCall } from './vendor.js';

const DESTINATIONS = ['a', 'b'] as const;
/** A bucket is this part of the base of the backoff: a second of the default's five. */
const BUCKETS_PER_BASE = 5;
const NEVER = { minCalls: 1e9, consecutive: 1e9 };
/** Retries that fewer jobs got to than this have no buckets worth counting. */
const FEW = 500;

export interface StormOptions {
  /** Made by `countingPostgres`. */
  readonly database: TestPostgres;
  /** Default: the queue is in the database too. */
  readonly redis?: string | undefined;
  /** Events that come at once, then so many a second for so long. */
  readonly traffic: { readonly burst: number; readonly perSecond: number; readonly seconds: number };
  readonly retryBaseMs: number;
  /** How long the breaker keeps a lane closed at first. */
  readonly openMs: number;
  /** Every job of the burst is tried so often where no breaker keeps it back. */
  readonly tries: number;
}

/** How far apart jobs that were tried equally often are put, in buckets. */
export interface Spread {
  readonly retry: number;
  readonly jobs: number;
  readonly fullest: number;
  readonly mean: number;
}

export interface Storm {
  readonly events: number;
  readonly tries: number;
  readonly load: LoadByPart;
}

/** How many times what the calm asked of the database. */
export type LoadRatio = Readonly<Record<keyof DatabaseLoad, number>>;

export interface StormReport {
  /** The traffic, all of it taken. */
  readonly calm: Storm;
  /** The same, all of it answered 500. */
  readonly storm: Storm;
  /** The same storm without a breaker, which would leave of it no more than its probes. */
  readonly unbroken: Storm;
  /** The waits that were asked for in the unbroken storm, by how often a job had failed. */
  readonly spread: readonly Spread[];
  /** Retries that reached the vendor in the unbroken storm: those of its fullest second and of a mean one. */
  readonly arrivals: { readonly fullest: number; readonly mean: number };
  /** The storm, all of it against all of the calm. */
  readonly load: LoadRatio;
  /** One try of the unbroken storm against one delivery of the calm, both without their share of the intake. */
  readonly loadPerTry: LoadRatio;
}

/**
 * R20: everything fails at once and goes on failing. Whether the retries come back together, and what the storm asks
 * of the database, next to the same traffic without one.
 */
export async function runStorm(o: StormOptions): Promise<StormReport> {
  const calm = await run(o, { mood: 'takes', until: allTaken });
  const storm = await run(o, {
    mood: 'fails',
    breaker: { openMs: o.openMs, maxOpenMs: 10 * o.openMs },
    until: lanesProbed,
  });
  const unbroken = await run(o, { mood: 'fails', breaker: NEVER, until: allTried });
  return {
    calm: calm.storm,
    storm: storm.storm,
    unbroken: unbroken.storm,
    spread: spreadOf(unbroken.waits, o.retryBaseMs),
    arrivals: arrivalsOf(unbroken.calls.filter(({ attempt }) => attempt > 1)),
    load: ratioOf(({ load }, what) => load.intake[what] + deliveryOf(load, what), storm.storm, calm.storm),
    loadPerTry: ratioOf(
      ({ load, tries }, what) => deliveryOf(load, what) / tries,
      unbroken.storm,
      calm.storm,
    ),
  };
}

const deliveryOf = ({ delivery, queue }: LoadByPart, what: keyof DatabaseLoad): number =>
  delivery[what] + queue[what];

function ratioOf(
  measure: (storm: Storm, what: keyof DatabaseLoad) => number,
  storm: Storm,
  calm: Storm,
): LoadRatio {
  const ratio = (what: keyof DatabaseLoad): number =>
    Math.round((100 * measure(storm, what)) / measure(calm, what)) / 100;
  return {
    statements: ratio('statements'),
    rows: ratio('rows'),
    walBytes: ratio('walBytes'),
    busyMs: ratio('busyMs'),
  };
}

interface Wait {
  /** 1: after the first try. */
  readonly retry: number;
  readonly ms: number;
}

interface Course {
  readonly mood: Mood;
  readonly breaker?: NonNullable<WorldOptions['execution']>['breaker'];
  /** Resolves when what this run is for has happened. */
  readonly until: (o: StormOptions, world: World, calls: readonly VendorCall[]) => Promise<void>;
}

async function run(
  o: StormOptions,
  course: Course,
): Promise<{ storm: Storm; waits: readonly Wait[]; calls: readonly VendorCall[] }> {
  const vendor = await startVendor();
  for (const name of DESTINATIONS) vendor.set(name, course.mood);
  const waits: Wait[] = [];
  const world = await openWorld({
    database: o.database,
    redis: o.redis,
    destinations: DESTINATIONS.map((name) =>
      plainDestination({ name, url: vendor.url, transport: 'undici' }),
    ),
    wrapStore: (store) => noting(store, waits),
    execution: {
      leaseMs: 30_000,
      renewMs: 10_000,
      sweepMs: 2_000,
      laneRefreshMs: Math.min(1_000, o.openMs / 4),
      retry: { baseMs: o.retryBaseMs, capMs: 180 * o.retryBaseMs, random: Math.random },
      ...(course.breaker && { breaker: course.breaker }),
    },
  });
  let events = o.traffic.burst;
  try {
    await takeIn(world, o.traffic.burst);
    events += await takeInSteadily(world, o.traffic.perSecond, o.traffic.seconds);
    await course.until(o, world, vendor.calls);
  } finally {
    await world.stop();
    await vendor.stop();
  }
  const load = await loadOf(o.database, world.schema);
  return { storm: { events, tries: vendor.calls.length, load }, waits, calls: vendor.calls };
}

/** Writes down what each failure asks the store for. */
const noting = (store: Store, waits: Wait[]): Store => ({
  ...store,
  settle: (settlements: readonly Settlement[]) => {
    for (const one of settlements)
      if ('retryInMs' in one) waits.push({ retry: one.attempt, ms: one.retryInMs });
    return store.settle(settlements);
  },
});

async function allTaken(
  { traffic }: StormOptions,
  world: World,
  calls: readonly VendorCall[],
): Promise<void> {
  const jobs = (traffic.burst + traffic.perSecond * traffic.seconds) * DESTINATIONS.length;
  const taken = async (): Promise<boolean> => {
    if (calls.length < jobs) return false;
    const { lanes } = await world.ops.stats();
    return lanes.reduce((sum, { counts }) => sum + counts.succeeded, 0) === jobs;
  };
  await waitFor(taken, { timeoutMs: 60_000, intervalMs: 100, message: 'all to be taken' });
}

/** The storm lasts as long as the first three waits of a retry may, for nobody to be spared by an early end. */
const lanesProbed = async ({ retryBaseMs }: StormOptions, world: World): Promise<void> => {
  const begin = performance.now();
  const probed = async (): Promise<boolean> => {
    if (performance.now() - begin < 7 * retryBaseMs) return false;
    const failures = (await world.ops.lanes()).map(({ failures }) => failures);
    return failures.filter((count) => count >= 3).length === DESTINATIONS.length;
  };
  await waitFor(probed, { timeoutMs: 60_000, intervalMs: 100, message: 'the lanes to be probed' });
};

async function allTried(
  { traffic, tries }: StormOptions,
  _: World,
  calls: readonly VendorCall[],
): Promise<void> {
  const jobs = traffic.burst * DESTINATIONS.length;
  const tried = (): boolean => calls.filter(({ attempt }) => attempt === tries).length >= jobs;
  await waitFor(tried, { timeoutMs: 120_000, intervalMs: 100, message: 'all to be tried again' });
}

function count(buckets: number[], at: number): void {
  buckets[at] = (buckets[at] ?? 0) + 1;
}

function spreadOf(waits: readonly Wait[], baseMs: number): readonly Spread[] {
  const spread: Spread[] = [];
  for (let retry = 1; ; retry += 1) {
    const asked = waits.filter((wait) => wait.retry === retry);
    if (asked.length < FEW) return spread;
    const buckets = new Array<number>(BUCKETS_PER_BASE * 2 ** (retry - 1)).fill(0);
    for (const { ms } of asked) {
      const bucket = Math.floor((ms / baseMs) * BUCKETS_PER_BASE);
      count(buckets, Math.min(bucket, buckets.length - 1));
    }
    const mean = asked.length / buckets.length;
    spread.push({ retry, jobs: asked.length, fullest: Math.max(...buckets), mean: Math.round(mean) });
  }
}

/** By whole seconds from the first to the last, without the last, which was not over. */
function arrivalsOf(calls: readonly VendorCall[]): { fullest: number; mean: number } {
  const begin = calls[0]?.at ?? 0;
  const seconds = new Array<number>(Math.floor(((calls.at(-1)?.at ?? 0) - begin) / 1_000)).fill(0);
  for (const { at } of calls) {
    const second = Math.floor((at - begin) / 1_000);
    if (second < seconds.length) count(seconds, second);
  }
  const sum = seconds.reduce((total, calls) => total + calls, 0);
  return { fullest: Math.max(0, ...seconds), mean: Math.round(sum / Math.max(1, seconds.length)) };
}
