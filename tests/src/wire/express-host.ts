import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway } from '@fragment/gateway';
import express, { type ErrorRequestHandler } from 'express';

/** More than the gateway takes, so that the gateway says what is too large. */
const limit = '2mb';

/** Marks what the host's parsers refuse: they answer for themselves, the gateway never sees it. */
export const hostMark = 'x-refused-by-host';

const refuse: ErrorRequestHandler = (
  { status, message }: { status: number; message: string },
  _,
  res,
  next,
) => {
  if (res.headersSent) next(message);
  else res.status(status).set(hostMark, '1').json({ message });
};

/** An Express application that parses whatever it is sent, with the gateway below its `/cdp`. */
export async function expressHost(
  intake: Gateway,
  port = 0,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const app = express();
  // RudderStack's library sends JSON as a form, which cannot be told from what a form parser makes of it.
  const verify = (req: object, _res: unknown, rawBody: Buffer): void => void Object.assign(req, { rawBody });
  app.use(express.json({ limit }), express.urlencoded({ limit, extended: true, verify }));
  app.use(express.text({ limit }), express.raw({ limit }));
  app.use(refuse);
  app.use('/cdp', intake.router());
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cdp`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
