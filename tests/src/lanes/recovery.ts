import { waitFor, type TestPostgres } from '@fragment/testing';
import { openWorld } from '../acceptance/world.js';
import { plainDestination } from './destination.js';
import { takeIn } from './load.js';
import { peakPerSecond, startVendor } from './vendor.js';

export interface RecoveryReport {
  readonly backlog: number;
  /** Calls a second that the destination asks for. */
  readonly limit: number;
  /** Calls a second from the first that was taken to the last. */
  readonly rate: number;
  /** The most calls in any second. */
  readonly peak: number;
  readonly undelivered: number;
}

/** R19: a destination comes back after an outage, with a backlog before its door. */
export async function runRecovery(o: {
  readonly database: TestPostgres;
  readonly backlog: number;
  readonly limit: number;
}): Promise<RecoveryReport> {
  const vendor = await startVendor();
  const world = await openWorld({
    database: o.database,
    destinations: [
      plainDestination({
        name: 'a',
        url: vendor.url,
        transport: 'undici',
        limits: { callsPerSecond: o.limit },
      }),
    ],
  });
  const lane = async () => (await world.ops.lanes()).find(({ destination }) => destination === 'a');
  try {
    vendor.set('a', 'fails');
    await takeIn(world, o.backlog);
    await waitFor(async () => (await lane())?.state === 'tripped', { message: 'the lane to trip' });
    vendor.set('a', 'takes');
    const back = vendor.calls.length;
    const expectedMs = (o.backlog / o.limit) * 1_000;
    const succeeded = async () => (await world.ops.stats()).lanes[0]?.counts.succeeded ?? 0;
    await waitFor(async () => (await succeeded()) === o.backlog, {
      timeoutMs: expectedMs * 3 + 20_000,
      intervalMs: 200,
    }).catch(() => undefined);
    const calls = vendor.calls.slice(back);
    const seconds = ((calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0)) / 1_000;
    return {
      backlog: o.backlog,
      limit: o.limit,
      rate: Math.round((calls.length - 1) / seconds),
      peak: peakPerSecond(calls),
      undelivered: o.backlog - (await succeeded()),
    };
  } finally {
    await world.stop();
    await vendor.stop();
  }
}
