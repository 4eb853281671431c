// `pnpm bench [--quick] [--rounds N] [--queue redis|postgres] [--destinations]`: durable ingest and delivery against a
// floor and a naive pipeline, interleaved in one run, then each destination; with `--destinations` only these. What counts
// are the ratios; the absolute figures belong to the machine.
import { parseArgs } from 'node:util';
import { testPostgres, testRedis } from '@fragment/testing';
import { fragment, naive, type Contender } from './contenders.js';
import { destinationRates, type DestinationFigures } from './destinations-rate.js';
import { drive, type DriveResult } from './driver.js';
import { trackEvent } from './event.js';
import type { PartOptions } from './part.js';
import { freePort, startPart } from './processes.js';
import { destinationsReport, report, type Round } from './report.js';
import { startSink } from './sink.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    queue: { type: 'string', default: 'redis' },
    json: { type: 'boolean', default: false },
    destinations: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
const seconds = values.quick ? 5 : 10;
const destinationJobs = values.quick
  ? { batched: 30_000, single: 6_000 }
  : { batched: 60_000, single: 20_000 };
const CONNECTIONS = 64;
const WARM_UP_MS = 3_000;

async function ingest(gateway: string, o: PartOptions): Promise<DriveResult> {
  const part = await startPart(gateway, o);
  try {
    const load = { port: o.port, path: '/v1/track', connections: CONNECTIONS, body: trackEvent };
    // The first requests pay for compilation and for opening connections to the database.
    await drive({ ...load, seconds: WARM_UP_MS / 1_000 });
    return await drive({ ...load, seconds });
  } finally {
    await part.stop();
  }
}

/** Jobs delivered and stored a second, working off the backlog that the ingest left behind. */
async function deliver(contender: Contender, o: PartOptions): Promise<number> {
  const part = await startPart(`${contender.name}Scheduler`, o);
  try {
    // Compilation and the opening of connections belong to the start, not to the rate.
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    const before = await contender.delivered(o);
    const begin = performance.now();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const after = await contender.delivered(o);
    return ((after - before) / (performance.now() - begin)) * 1_000;
  } finally {
    await part.stop();
  }
}

async function measure(contender: Contender, o: PartOptions): Promise<Round[typeof contender.name]> {
  await contender.prepare(o);
  const answers = await ingest(`${contender.name}Gateway`, o);
  if (answers.failed > 0)
    throw new Error(`${contender.name}: ${answers.failed} requests were not answered 200`);
  const stored = await contender.events(o);
  const jobsPerSecond = await deliver(contender, o);
  return {
    eventsPerSecond: answers.ok / answers.seconds,
    p50Ms: answers.p50Ms,
    p99Ms: answers.p99Ms,
    stored,
    jobsPerSecond,
  };
}

async function measureRound(round: number, o: PartOptions): Promise<Round> {
  const floor = await ingest('floorGateway', o);
  // Who goes first changes, so that neither always finds the machine warmer.
  const first = round % 2 === 0 ? await measure(fragment, o) : undefined;
  const other = await measure(naive, o);
  return {
    floorPerSecond: floor.ok / floor.seconds,
    fragment: first ?? (await measure(fragment, o)),
    naive: other,
  };
}

const postgres = await testPostgres({
  own: true,
  durable: true,
  settings: { shared_buffers: '1GB', max_wal_size: '8GB' },
});
const redis = values.queue === 'redis' ? await testRedis({ own: true }) : undefined;
const sink = await startSink();
try {
  const o = {
    port: await freePort(),
    postgres: postgres.url,
    sink: sink.url,
    ...(redis ? { redis: redis.url } : {}),
  };
  const done: Round[] = [];
  for (let round = 0; !values.destinations && round < rounds; round += 1) {
    done.push(await measureRound(round, o));
    process.stderr.write(`round ${round + 1} of ${rounds} done\n`);
  }
  const destinations: DestinationFigures[] = [];
  for await (const figures of destinationRates(o, destinationJobs)) {
    destinations.push(figures);
    process.stderr.write(`${figures.name}, ${figures.batched ? 'batched' : 'single'} done\n`);
  }
  const queue = redis ? 'Redis' : 'PostgreSQL';
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ rounds: done, destinations })}\n`
      : `${done.length > 0 ? `${report(done, queue)}\n` : ''}${destinationsReport(destinations)}`,
  );
} finally {
  await sink.stop();
  await redis?.stop();
  await postgres.stop();
}
