import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly key: string;
  readonly destination: string;
  readonly status: number;
  readonly at: number;
}

export interface Stub {
  readonly url: string;
  readonly calls: readonly Call[];
  /** Answers the given share of first calls with 500, by the job's own key, so that a repeat is taken. */
  failFirst(share: number): void;
  stop(): Promise<void>;
}

/** The vendor of the failure tests: remembers every call by its idempotency key, outlives every kill. */
export async function startStub(): Promise<Stub> {
  const calls: Call[] = [];
  const refusedOnce = new Set<string>();
  let share = 0;
  const server = createServer((req, res) => {
    req.resume().on('end', () => {
      const key = String(req.headers['idempotency-key']);
      const destination = (req.url ?? '/').slice(1);
      const fails = !refusedOnce.has(key) && hashOf(key) < share;
      if (fails) refusedOnce.add(key);
      const status = fails ? 500 : 200;
      calls.push({ key, destination, status, at: Date.now() });
      res.writeHead(status, { 'content-length': 0 }).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    failFirst: (next) => {
      share = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** 0 <= x < 1, the same for the same key. */
function hashOf(key: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 16_777_619) >>> 0;
  return hash / 2 ** 32;
}
