// The gateway under attack, in a process of its own: tells its port, and its memory when asked.
import { createApplication, type Queue } from '@fragment/core';
import { gateway } from '@fragment/gateway';
import { rest } from '@fragment/source-rest';
import { postgresStore } from '@fragment/store-postgres';
import { KEYS, type ServiceOptions } from './service.js';

const { postgres, maxPendingEvents } = JSON.parse(process.argv[2] ?? '{}') as ServiceOptions;

/** Nothing is delivered here. */
const queue: Queue = {
  name: 'none',
  offer: () => undefined,
  depth: () => Promise.resolve(0),
  consume: () => ({ close: () => Promise.resolve() }),
  ping: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
const app = createApplication({
  sources: [rest({ writeKeys: KEYS })],
  destinations: [],
  store: postgresStore({ connection: postgres }),
  queue,
  gateway: gateway({ port: 0 }),
  ...(maxPendingEvents === undefined ? {} : { ingest: { maxPendingEvents } }),
});
const started = await app.start({ scheduler: false });
process.send?.({ port: started.gateway?.port });
process.on('message', () => process.send?.({ rss: process.memoryUsage().rss }));
process.on('disconnect', () => process.exit());
