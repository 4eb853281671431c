import { setTimeout as sleep } from 'node:timers/promises';
import { createApplication } from '@fragment/core';
import { segmentflow } from '@fragment/segmentflow';
import { rest } from '@fragment/source-rest';
import { postgresStore } from '@fragment/store-postgres';
import type { FakeVendor } from '@fragment/testing';
import { fragment } from './contenders.js';
import { measured, type Measured } from './destinations.js';
import type { PartOptions } from './part.js';
import { startPart, type RunningPart } from './processes.js';
import { queueOf } from './queue.js';

export interface DestinationFigures {
  readonly name: string;
  readonly batched: boolean;
  readonly jobsPerSecond: number;
  readonly requestsPer1000: number;
  /** CPU time of the scheduler, in microseconds; undefined where the system does not tell. */
  readonly cpuPerJob: number | undefined;
}

/** What is measured lies between these shares of the backlog: the start belongs to compilation, the end to the last batch. */
const FROM = 0.2;
const TO = 0.95;
const AT_ONCE = 1_000;

/**
 * Lets every destination work off a backlog of so many jobs, in batches and one by one. Batches need more: they end in
 * large steps.
 */
export async function* destinationRates(
  o: PartOptions,
  jobs: { readonly batched: number; readonly single: number },
): AsyncGenerator<DestinationFigures> {
  for (const [name, one] of Object.entries(measured)) {
    for (const batched of [true, false]) {
      const vendor = await one.vendor?.();
      try {
        yield await rateOf(
          name,
          one,
          vendor,
          { ...o, sink: vendor?.url ?? o.sink, destination: { name, batched } },
          batched ? jobs.batched : jobs.single,
        );
      } finally {
        await vendor?.stop();
      }
    }
  }
}

async function rateOf(
  name: string,
  one: Measured,
  vendor: FakeVendor | undefined,
  o: PartOptions,
  jobs: number,
): Promise<DestinationFigures> {
  await fragment.prepare(o);
  await fill(one, o, jobs);
  const part = await startPart('destinationScheduler', o);
  try {
    const begin = await reached(o, part, jobs * FROM);
    const end = await reached(o, part, jobs * TO);
    await reached(o, part, jobs);
    const worked = end.jobs - begin.jobs;
    return {
      name,
      batched: o.destination?.batched ?? true,
      jobsPerSecond: (worked / (end.at - begin.at)) * 1_000,
      requestsPer1000: ((vendor?.requests.length ?? 0) / jobs) * 1_000,
      cpuPerJob:
        begin.cpu === undefined || end.cpu === undefined ? undefined : ((end.cpu - begin.cpu) / worked) * 1e6,
    };
  } finally {
    await part.stop();
  }
}

interface Moment {
  readonly jobs: number;
  readonly at: number;
  readonly cpu: number | undefined;
}

async function reached(o: PartOptions, part: RunningPart, share: number): Promise<Moment> {
  for (;;) {
    const jobs = await fragment.delivered(o);
    if (jobs >= share) return { jobs, at: performance.now(), cpu: part.cpuSeconds() };
    await sleep(20);
  }
}

/** A backlog, taken in as the gateway takes it in. */
async function fill(one: Measured, o: PartOptions, jobs: number): Promise<void> {
  const app = createApplication({
    sources: [rest({ flows: segmentflow })],
    destinations: [one.destination(o.sink)],
    store: postgresStore({ connection: o.postgres }),
    queue: queueOf(o),
  });
  await app.start();
  const takeIn = () => {
    const data = one.message();
    const { messageId, userId } = JSON.parse(data) as { messageId: string; userId: string };
    return app.ingest('rest', one.type, { data, type: one.type, messageId, userId });
  };
  try {
    for (let left = jobs; left > 0; left -= AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, takeIn));
  } finally {
    await app.stop();
  }
}
