import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import {
  silentLogger,
  systemClock,
  type Application,
  type HttpRoute,
  type HttpTrigger,
  type IncomingRequest,
  type IngestAnswer,
  type NoEvent,
  type PlannedEvent,
  type Route,
} from '@fragment/core';
import { gateway, type GatewayOptions } from './index.js';

export const at = new Date('2026-01-02T03:04:05.678Z');
export const planned = (over: Partial<PlannedEvent> = {}): PlannedEvent => ({
  id: '0190b0f0-0000-7000-8000-000000000001',
  source: 'rest',
  trigger: 'track',
  timestamp: at,
  receivedAt: at,
  data: '{"n":12345678901234567890,"event":"Order"}',
  jobs: [{ seq: 0, destination: 'log', action: 'track' }],
  ...over,
});
export const stored: IngestAnswer = { event: planned(), outcome: { outcome: 'stored' } };

export interface Setup extends GatewayOptions {
  readonly routes?: readonly HttpRoute[];
  readonly accept?: (route: Route, request: IncomingRequest) => Promise<IngestAnswer | NoEvent>;
  readonly reply?: NonNullable<HttpTrigger['reply']>;
}

const cleanups: (() => Promise<unknown>)[] = [];
/** Every test file runs it after each test. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0)) await cleanup();
}

export const track: HttpRoute = { methods: ['POST'], path: '/v1/track' };

/** A gateway of an application that only notes what it is given. */
export function attached({ routes = [track], accept, reply, ...options }: Setup = {}) {
  const seen: IncomingRequest[] = [];
  const refused: unknown[] = [];
  const logged: object[] = [];
  const app = {
    logger: { ...silentLogger, error: (fields: object) => void logged.push(fields) },
    clock: systemClock,
    routes: routes.map((route) => ({
      source: { name: 'rest', triggers: [] },
      trigger: {
        name: 'track',
        mode: 'http',
        route,
        extract: () => ({ data: '{}' }),
        ...(reply && { reply }),
      },
    })),
    accept: (route: Route, request: IncomingRequest) => {
      seen.push(request);
      return accept ? accept(route, request) : Promise.resolve(stored);
    },
    refuse: (_route: Route, error: unknown) => void refused.push(error),
    health: () => Promise.resolve({ status: 'ok', checks: [] }),
  } as unknown as Application;
  const made = gateway({ port: 0, ...options });
  made.attach(app);
  return { made, seen, refused, logged };
}

export async function started(setup: Setup = {}) {
  const parts = attached(setup);
  const address = await parts.made.start();
  if (!address) throw new Error('It does not listen.');
  cleanups.push(() => parts.made.stop(AbortSignal.abort()));
  const post = (
    body: NonNullable<RequestInit['body']>,
    headers: Record<string, string> = {},
    path = '/v1/track',
  ) => fetch(`${address.url}${path}`, { method: 'POST', body, headers });
  return { ...parts, ...address, post };
}

export async function hosted(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends bytes as they are and returns all that comes back until the server closes. */
export async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.from(text, 'latin1'));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

export const bodyOf = async (res: Response): Promise<Record<string, unknown>> =>
  (await res.json()) as Record<string, unknown>;
