import { timingSafeEqual } from 'node:crypto';
import express, { type RequestHandler, type Router } from 'express';

export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly total: number;
}

export interface ShopOptions {
  readonly login: RequestHandler;
  /** What else is to happen when an order comes in. */
  readonly onOrder: (order: Order) => Promise<unknown>;
}

/** What the service did before Fragment came: its own routes behind its own login. */
export function shop({ login, onOrder }: ShopOptions): Router {
  const router = express.Router();
  router.get('/health', (_req, res) => void res.json({ ok: true }));
  router.post('/orders', login, async (req, res) => {
    const { id, customer, total } = (req.body ?? {}) as Partial<Order>;
    if (typeof id !== 'string' || typeof customer !== 'string' || typeof total !== 'number') {
      res.status(400).json({ error: 'An order has an id, a customer and a total.' });
      return;
    }
    await onOrder({ id, customer, total });
    res.status(201).json({ id });
  });
  return router;
}

/** The service's login: a token in `Authorization: Bearer <token>`. */
export function requireToken(token: string): RequestHandler {
  const expected = Buffer.from(`Bearer ${token}`);
  return (req, res, next) => {
    const given = Buffer.from(req.headers.authorization ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) next();
    else res.status(401).json({ error: 'Who are you?' });
  };
}
