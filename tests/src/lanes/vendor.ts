import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Mood = 'takes' | 'fails' | 'hangs';

export interface VendorCall {
  readonly destination: string;
  readonly job: string;
  readonly attempt: number;
  /** `performance.now()` when the request was read. */
  readonly at: number;
}

/** Receives every destination's deliveries and treats each destination as it is told. */
export interface Vendor {
  readonly url: string;
  readonly calls: readonly VendorCall[];
  /** From now on. Requests that hang go on hanging until `stop`. */
  set(destination: string, mood: Mood): void;
  stop(): Promise<void>;
}

export async function startVendor(): Promise<Vendor> {
  const calls: VendorCall[] = [];
  const moods = new Map<string, Mood>();
  const server = createServer((req, res) => {
    req.resume().on('end', () => {
      const destination = (req.url ?? '/').slice(1);
      const job = String(req.headers['idempotency-key']);
      calls.push({ destination, job, attempt: Number(req.headers['x-attempt']), at: performance.now() });
      treat(res, moods.get(destination) ?? 'takes');
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    set: (destination, mood) => void moods.set(destination, mood),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function treat(res: ServerResponse, mood: Mood): void {
  if (mood === 'hangs') return;
  res.writeHead(mood === 'takes' ? 200 : 500, { 'content-length': 0 }).end();
}

/** The most calls in any second, wherever it begins. */
export function peakPerSecond(calls: readonly VendorCall[]): number {
  let peak = 0;
  let first = 0;
  calls.forEach(({ at }, last) => {
    while (at - (calls[first]?.at ?? at) >= 1_000) first += 1;
    peak = Math.max(peak, last - first + 1);
  });
  return peak;
}
