import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway } from '@fragment/gateway';
import express from 'express';
import { openWorld, type World, type WorldOptions } from '../acceptance/world.js';

/** A place where the gateway can stand. The suites of the wire run in each of them. */
export interface Mounting {
  readonly place: string;
  readonly open: (o: WorldOptions) => Promise<World>;
}

export const mountings: readonly Mounting[] = [
  { place: 'listening by itself', open: openWorld },
  {
    place: 'below a prefix of an Express application that parses bodies',
    open: (o) => openWorld({ ...o, host: expressHost }),
  },
];

/** More than the gateway takes, so that the gateway says what is too large. */
const limit = '2mb';

async function expressHost(intake: Gateway): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const app = express();
  // RudderStack's library sends JSON as a form, which cannot be told from what a form parser makes of it.
  const verify = (req: object, _res: unknown, rawBody: Buffer): void => void Object.assign(req, { rawBody });
  app.use(express.json({ limit }), express.urlencoded({ limit, extended: true, verify }));
  app.use(express.text({ limit }), express.raw({ limit }));
  app.use('/cdp', intake.router());
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cdp`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
