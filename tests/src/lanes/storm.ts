import { waitFor, type TestPostgres } from '@fragment/testing';
import { openWorld, quick } from '../acceptance/world.js';
import { plainDestination } from './destination.js';
import { takeIn } from './load.js';
import { startVendor, type VendorCall } from './vendor.js';

const DESTINATIONS = ['a', 'b'] as const;
/** The default: a first retry comes at any moment of these. */
const BASE_MS = 5_000;

export interface StormReport {
  /** Jobs that failed at once. */
  readonly jobs: number;
  /** Of their first retries, those in the fullest second after the failure, and in a mean one. */
  readonly peak: number;
  readonly mean: number;
  /** The latest of them after its time. */
  readonly latestMs: number;
}

/**
 * R20: everything fails at once. Without a breaker, which would leave of the storm no more than its probes: what is
 * measured is whether the retries come back together.
 */
export async function runStorm(o: {
  readonly database: TestPostgres;
  readonly events: number;
}): Promise<StormReport> {
  const vendor = await startVendor();
  for (const name of DESTINATIONS) vendor.set(name, 'fails');
  const world = await openWorld({
    database: o.database,
    destinations: DESTINATIONS.map((name) =>
      plainDestination({ name, url: vendor.url, transport: 'undici' }),
    ),
    execution: {
      retry: { ...quick.retry, baseMs: BASE_MS, capMs: 15 * 60_000, random: Math.random },
      breaker: { ...quick.breaker, minCalls: 1e9, consecutive: 1e9 },
    },
  });
  try {
    await takeIn(world, o.events);
    const jobs = o.events * DESTINATIONS.length;
    const retried = () => vendor.calls.filter(({ attempt }) => attempt === 2).length;
    await waitFor(() => retried() === jobs, {
      timeoutMs: 120_000,
      intervalMs: 50,
      message: 'all to be tried again',
    });
    const waits = waitsOf(vendor.calls);
    const buckets = Array.from({ length: BASE_MS / 1_000 }, (_, second) => inSecond(waits, second));
    return {
      jobs,
      peak: Math.max(...buckets),
      mean: jobs / buckets.length,
      latestMs: Math.max(0, Math.round(Math.max(...waits) - BASE_MS)),
    };
  } finally {
    await world.stop();
    await vendor.stop();
  }
}

/** Milliseconds from the first try of each job to its second. */
function waitsOf(calls: readonly VendorCall[]): readonly number[] {
  const keyOf = ({ destination, job }: VendorCall): string => `${destination} ${job}`;
  const first = new Map(calls.filter(({ attempt }) => attempt === 1).map((call) => [keyOf(call), call.at]));
  return calls
    .filter(({ attempt }) => attempt === 2)
    .map((call) => call.at - (first.get(keyOf(call)) ?? call.at));
}

const inSecond = (waits: readonly number[], second: number): number =>
  waits.filter((ms) => Math.floor(ms / 1_000) === second).length;
