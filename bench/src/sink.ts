import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Sink {
  readonly url: string;
  readonly taken: number;
  stop(): Promise<void>;
}

/** Takes deliveries as fast as a vendor could: reads them and says yes. */
export async function startSink(): Promise<Sink> {
  let taken = 0;
  const server = createServer((req, res) => {
    req.resume().on('end', () => {
      taken += 1;
      res.writeHead(200, { 'content-length': 0 }).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get taken() {
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
