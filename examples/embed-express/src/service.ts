import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createFragment, log, type Environment, type Fragment } from '@fragment/runtime';
import { newsletter } from './newsletter.js';
import { shop, type Order } from './shop.js';

export interface ServiceOptions {
  readonly port: number;
  readonly apiToken: string;
  readonly newsletterUrl: string | undefined;
  /** Fragment's own settings: POSTGRES_STORE_URL, REDIS_URL, FRAGMENT_WRITE_KEYS, ... */
  readonly env: Environment;
}

export interface Service {
  readonly url: string;
  readonly fragment: Fragment;
  stop(): Promise<void>;
}

/** The shop with Fragment inside: one process, one port, one login for the shop's routes and write keys for the events. */
export async function startService({ port, apiToken, newsletterUrl, env }: ServiceOptions): Promise<Service> {
  const fragment = await createFragment(
    {
      name: 'shop',
      destinations: [log(), ...(newsletterUrl ? [newsletter({ url: newsletterUrl })] : [])],
      // The events come in through the shop's own server. The admin API stays on a port of its own, on this machine only.
      gateway: { port: false },
    },
    { env },
  );

  const app = express();
  app.use(express.json());
  app.use('/cdp', fragment.gateway.router());
  app.use(shop({ apiToken, onOrder: (order) => orderPaid(fragment, order) }));

  await fragment.start();
  const server = createServer(app).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fragment,
    async stop() {
      // First nothing new comes in, then what has come in is brought to an end.
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
      await fragment.stop({ timeoutMs: 10_000 });
    },
  };
}

/** An event of the shop's own making. It is stored when this resolves; the order's id keeps a repeat from counting twice. */
async function orderPaid({ app }: Fragment, { id, customer, total }: Order): Promise<void> {
  await app.ingest('rest', 'track', {
    type: 'track',
    name: 'Order Paid',
    userId: customer,
    messageId: `order-${id}`,
    data: { type: 'track', event: 'Order Paid', userId: customer, properties: { orderId: id, total } },
  });
}
