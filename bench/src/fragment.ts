import { admin } from '@fragment/admin';
import { createApplication, type Destination } from '@fragment/core';
import { gateway } from '@fragment/gateway';
import { classify, createHttpClient, resultFor } from '@fragment/http-client';
import { scheduler } from '@fragment/scheduler';
import { segmentflow } from '@fragment/segmentflow';
import { rest } from '@fragment/source-rest';
import { postgresStore } from '@fragment/store-postgres';
import { DESTINATIONS, type Part, type PartOptions } from './part.js';
import { queueOf } from './queue.js';

/** One request per job, like the naive pipeline: what batching saves is another measurement. */
function destination(name: string, sink: string): Destination {
  const client = createHttpClient({ baseUrl: sink, allowPrivate: true, transport: 'undici' });
  return {
    name,
    accepts: 'segment',
    limits: { concurrency: 32 },
    actions: [
      {
        name: 'track',
        load: async ([job], { signal }) => {
          if (!job) return [];
          const reply = await client.request({
            method: 'POST',
            path: `/${name}`,
            headers: { 'content-type': 'application/json', 'idempotency-key': job.idempotencyKey },
            body: job.event.data,
            signal,
          });
          return [resultFor(job.id, classify(reply))];
        },
      },
    ],
  };
}

async function start(o: PartOptions, service: 'gateway' | 'scheduler'): Promise<void> {
  const app = createApplication({
    sources: [rest({ flows: segmentflow })],
    destinations: DESTINATIONS.map((name) => destination(name, o.sink)),
    store: postgresStore({ connection: o.postgres }),
    queue: queueOf(o),
    ...(service === 'gateway'
      ? { gateway: gateway({ port: o.port }) }
      : { scheduler: scheduler({ port: o.port, admin: admin() }) }),
  });
  await app.start();
}

export const fragmentGateway: Part = (o) => start(o, 'gateway');
export const fragmentScheduler: Part = (o) => start(o, 'scheduler');
