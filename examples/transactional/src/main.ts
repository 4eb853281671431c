import { once } from 'node:events';
import express, { type ErrorRequestHandler } from 'express';
import knexFactory from 'knex';
import { openPostgres } from '@fragment/postgres-embedded';
import { client, createFragment, log } from '@fragment/runtime';
import { openShop, PaymentRefused, type Order } from './shop.js';

const { PORT = '3000', POSTGRES_STORE_URL } = process.env;

// One database for the shop and for Fragment: that is what makes one transaction of both possible.
const embedded = POSTGRES_STORE_URL ? undefined : await openPostgres({ dataDir: '.fragment/postgres' });
const url = embedded?.url ?? POSTGRES_STORE_URL;
const knex = knexFactory({ client: 'pg', connection: url, pool: { min: 0 } });
const fragment = await createFragment(
  { name: 'shop', postgres: url, destinations: [log()], gateway: { port: false } },
  { env: process.env },
);
await fragment.start();
const shop = await openShop(knex, client(fragment.app));

const refused: ErrorRequestHandler = (error, _req, res, next) => {
  if (error instanceof PaymentRefused) res.status(402).json({ error: error.message });
  else next(error);
};

const app = express();
app.use(express.json());
app.get('/orders', async (_req, res) => void res.json(await shop.orders()));
app.post('/orders', async (req, res) => {
  const { id, customer, total } = req.body as Order;
  await shop.placeOrder({ id, customer, total });
  res.status(201).json({ id });
});
app.use(refused);
const server = app.listen(Number(PORT), '127.0.0.1');
await once(server, 'listening');
console.log(`The shop listens on http://127.0.0.1:${PORT} and takes orders at /orders.`);

async function stop(): Promise<void> {
  server.close();
  await once(server, 'close');
  await fragment.stop();
  // What was opened here is closed here, the database last.
  await knex.destroy();
  await embedded?.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
