import { once } from 'node:events';
import express from 'express';
import { client, createFragment, log } from '@fragment/runtime';
import { requireToken, shop, type Order } from './shop.js';

const { PORT = '3000', SHOP_TOKEN = 'development' } = process.env;

// POSTGRES_STORE_URL and REDIS_URL say where events and queues are kept, FRAGMENT_WRITE_KEYS who may send.
const fragment = await createFragment(
  {
    name: 'shop',
    destinations: [log()],
    // Neither the gateway nor the scheduler opens a port of its own: all of it goes through the shop's server.
    gateway: { port: false },
    scheduler: { port: false },
    // No token of Fragment's for the dashboard: the shop's login stands before every request to it.
    admin: { hostLogin: true },
  },
  { env: process.env },
);
const segment = client(fragment.app);

/** An event of the shop's own making, stored when this resolves. Its messageId keeps a repeated order from counting twice. */
const orderPaid = ({ id, customer, total }: Order) =>
  segment.track({
    messageId: `order-${id}`,
    userId: customer,
    event: 'Order Paid',
    properties: { orderId: id, total },
  });

const login = requireToken(SHOP_TOKEN);
const app = express();
app.use('/cdp', fragment.gateway.router());
app.use('/admin', login, fragment.admin.router());
app.use(express.json());
app.use(shop({ login, onOrder: orderPaid }));

await fragment.start();
const server = app.listen(Number(PORT), '127.0.0.1');
await once(server, 'listening');
console.log(`The shop listens on http://127.0.0.1:${PORT} and takes events at /cdp/v1/track.`);

async function stop(): Promise<void> {
  // First nothing new comes in, then what has come in is brought to an end.
  server.close();
  await once(server, 'close');
  await fragment.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
