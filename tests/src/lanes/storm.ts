import type { Store } from '@fragment/core';
import { waitFor, type TestPostgres } from '@fragment/testing';
import { openWorld, quick } from '../acceptance/world.js';
import { plainDestination } from './destination.js';
import { takeIn, takeInSteadily } from './load.js';
import { startVendor, type VendorCall } from './vendor.js';

const DESTINATIONS = ['a', 'b'] as const;
/** The default: a first retry comes at any moment of these. */
const BASE_MS = 5_000;

export interface StormReport {
  /** Events that failed at once when the outage began, and those that came a second afterwards. */
  readonly burst: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** First retries of the burst: in the fullest second, and in a mean one. */
  readonly peak: number;
  readonly mean: number;
  /** All calls of the storm after the burst's own, by the same measure. */
  readonly peakOfAll: number;
  readonly meanOfAll: number;
  /** Statements of the scheduler a second, while nothing happens and in the storm. */
  readonly statementsPerSecond: number;
}

/**
 * R20: every destination answers 500. Without a breaker, which would leave of a storm no more than its probes: what is
 * measured is the backoff.
 */
export async function runStorm(o: {
  readonly database: TestPostgres;
  readonly burst: number;
  readonly perSecond: number;
  readonly seconds: number;
}): Promise<StormReport> {
  const vendor = await startVendor();
  for (const name of DESTINATIONS) vendor.set(name, 'fails');
  let statements = 0;
  const world = await openWorld({
    database: o.database,
    destinations: DESTINATIONS.map((name) =>
      plainDestination({ name, url: vendor.url, transport: 'undici' }),
    ),
    wrapStore: (store) => counting(store, () => (statements += 1)),
    execution: {
      retry: { ...quick.retry, baseMs: BASE_MS, capMs: 15 * 60_000, random: Math.random },
      breaker: { ...quick.breaker, minCalls: 1e9, consecutive: 1e9 },
    },
  });
  try {
    const begin = performance.now();
    await takeIn(world, o.burst);
    const tried = o.burst * DESTINATIONS.length;
    await waitFor(() => vendor.calls.length >= tried, {
      timeoutMs: 30_000,
      message: 'the burst to be tried',
    });
    const burst = new Set(vendor.calls.filter(({ attempt }) => attempt === 1).map(({ job }) => job));
    const burstEnd = performance.now();
    await takeInSteadily(world, o.perSecond, o.seconds);
    const seconds = (performance.now() - burstEnd) / 1_000;
    const retries = vendor.calls.filter(({ attempt, job }) => attempt === 2 && burst.has(job));
    const first = bucketsOf(retries, burstEnd, BASE_MS / 1_000);
    const all = bucketsOf(vendor.calls, burstEnd, Math.floor(seconds));
    return {
      burst: o.burst,
      perSecond: o.perSecond,
      seconds: o.seconds,
      peak: Math.max(...first),
      mean: Math.round(mean(first)),
      peakOfAll: Math.max(...all),
      meanOfAll: Math.round(mean(all)),
      statementsPerSecond: Math.round(statements / ((performance.now() - begin) / 1_000)),
    };
  } finally {
    await world.stop();
    await vendor.stop();
  }
}

/** Calls by second, from a moment on. */
function bucketsOf(calls: readonly VendorCall[], from: number, seconds: number): readonly number[] {
  const buckets = Array.from({ length: seconds }, () => 0);
  for (const { at } of calls) {
    const second = Math.floor((at - from) / 1_000);
    if (second >= 0 && second < seconds) buckets[second] = (buckets[second] ?? 0) + 1;
  }
  return buckets;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The same store, with what the scheduler asks of it counted. */
function counting(store: Store, count: () => void): Store {
  return {
    ...store,
    lease: (request) => {
      count();
      return store.lease(request);
    },
    settle: (settlements) => {
      count();
      return store.settle(settlements);
    },
    due: (request) => {
      count();
      return store.due(request);
    },
  };
}
