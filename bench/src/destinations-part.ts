import { createApplication } from '@fragment/core';
import { scheduler } from '@fragment/scheduler';
import { postgresStore } from '@fragment/store-postgres';
import { measured, single } from './destinations.js';
import type { Part } from './part.js';
import { queueOf } from './queue.js';

/** A scheduler with one destination, that of `o.destination`. */
export const destinationScheduler: Part = async (o) => {
  const { name = '', batched = true } = o.destination ?? {};
  const destination = measured[name]?.destination(o.sink);
  if (!destination) throw new Error(`there is no destination ${name}`);
  const app = createApplication({
    sources: [],
    destinations: [batched ? destination : single(destination)],
    store: postgresStore({ connection: o.postgres }),
    queue: queueOf(o),
    scheduler: scheduler({ port: o.port }),
  });
  await app.start();
};
