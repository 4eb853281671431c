import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import { isIPv6, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FragmentError, type ServiceAddress } from '@fragment/core';
import { answerKnown } from './answers.js';
import { isAmbiguous } from './framing.js';

export interface ListenerOptions {
  /** The service's name, for errors. */
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly handle: (req: IncomingMessage, res: ServerResponse) => void;
  readonly timeouts?: ListenerTimeouts;
}

export interface ListenerTimeouts {
  /** Until the headers of a request are complete. Default 10,000. */
  readonly headersMs?: number;
  /** Until the whole request has come. Default 30,000. */
  readonly requestMs?: number;
  /** How long an idle connection is kept; longer than a proxy keeps its own, or requests fail now and then. Default 65,000. */
  readonly keepAliveMs?: number;
  /** How long a connection may stand still while a request is under way: a client that never reads its answer. Default: for ever. */
  readonly stallMs?: number;
}

/** One HTTP server that starts and stops once. */
export interface Listener {
  /**
   * @throws {FragmentError} FRAGMENT_SERVICE_PORT_TAKEN when the port is in use, FRAGMENT_CONFIG_INVALID when the
   *   address is not one of this machine or not allowed.
   */
  start(): Promise<ServiceAddress>;
  /** Takes no new connections, lets running requests end until the signal aborts, then cuts what is left. */
  stop(signal: AbortSignal): Promise<void>;
  readonly stopping: boolean;
  /** What requests and responses inherit from. A framework that sets its own prototypes on every request adopts these. */
  readonly prototypes: { readonly request: IncomingMessage; readonly response: ServerResponse };
}

export function createListener(o: ListenerOptions): Listener {
  const state = { stopping: false };
  class Request extends IncomingMessage {}
  class Response extends ServerResponse {}
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    if (isAmbiguous(req))
      answerKnown(res, new FragmentError('FRAGMENT_HTTP_MALFORMED'), ['connection', 'close']);
    else o.handle(req, res);
  };
  const server = createServer(
    { ...serverLimits(o.timeouts ?? {}), IncomingMessage: Request, ServerResponse: Response },
    handle,
  );
  server.maxHeadersCount = 100;
  server.timeout = o.timeouts?.stallMs ?? 0;
  server.on('clientError', (_error, socket) => refuse(socket));
  // Nothing here tunnels, and a socket that is only closed would be tried again.
  server.on('connect', (_req, socket) => refuse(socket));
  // Node would answer 417; an expectation that nobody knows may be ignored as well.
  server.on('checkExpectation', handle);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  return {
    prototypes: { request: Request.prototype, response: Response.prototype },
    get stopping() {
      return state.stopping;
    },
    start: () => listen(server, o),
    stop: (signal) => {
      state.stopping = true;
      closeAfterAnswer(Response.prototype);
      return drain(server, sockets, signal);
    },
  };
}

/**
 * Told in the answer and not only by closing: a client that reuses the connection meanwhile would lose its request.
 * Done when stopping and not before, because an override costs every answer a tenth of its time.
 */
function closeAfterAnswer(response: ServerResponse): void {
  const inherited = Reflect.get(
    Object.getPrototypeOf(response) as ServerResponse,
    'writeHead',
  ) as () => ServerResponse;
  const writeHead = function (this: ServerResponse, ...head: readonly unknown[]): ServerResponse {
    this.shouldKeepAlive = false;
    return Reflect.apply(inherited, this, head) as ServerResponse;
  };
  Object.defineProperty(response, 'writeHead', { value: writeHead, configurable: true });
}

function serverLimits({ headersMs = 10_000, requestMs = 30_000, keepAliveMs = 65_000 }: ListenerTimeouts) {
  return {
    headersTimeout: Math.min(headersMs, requestMs),
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(5_000, headersMs, requestMs),
    insecureHTTPParser: false,
  };
}

function listen(server: Server, { service, host, port }: ListenerOptions): Promise<ServiceAddress> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(listenError(error, service, host, port));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve(addressOf(host, (server.address() as AddressInfo).port));
    });
  });
}

function listenError(
  error: NodeJS.ErrnoException,
  service: string,
  host: string,
  port: number,
): FragmentError {
  const detail = `The ${service} cannot listen on ${host}:${port}.`;
  if (error.code === 'EADDRINUSE')
    return new FragmentError('FRAGMENT_SERVICE_PORT_TAKEN', { detail, cause: error });
  const message = `${detail} ${error.message}`;
  return new FragmentError('FRAGMENT_CONFIG_INVALID', {
    detail: message,
    validations: [{ message, path: [service, error.code === 'EACCES' ? 'port' : 'host'] }],
    cause: error,
  });
}

function addressOf(host: string, port: number): ServiceAddress {
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = everywhere ? 'localhost' : isIPv6(host) ? `[${host}]` : host;
  return { host, port, url: `http://${name}:${port}` };
}

async function drain(server: Server, sockets: ReadonlySet<Socket>, signal: AbortSignal): Promise<void> {
  if (!server.listening) return;
  // For answers whose head was written before the stop: their connection ends when they have been sent.
  server.keepAliveTimeout = 1;
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  // Node takes a connection that never sent anything for a busy one; browsers open such in advance.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  const cut = (): void => server.closeAllConnections();
  if (signal.aborted) cut();
  signal.addEventListener('abort', cut, { once: true });
  await closed;
  signal.removeEventListener('abort', cut);
}

const malformed = JSON.stringify(new FragmentError('FRAGMENT_HTTP_MALFORMED').toBody());
const refusal = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: application/json; charset=utf-8',
  `Content-Length: ${Buffer.byteLength(malformed)}`,
  'Connection: close',
  '',
  malformed,
].join('\r\n');

/** What Node's parser or timeouts refuse never becomes a request. 400 for all of it: SDKs send 408 and 431 again. */
function refuse(socket: Duplex): void {
  const { _httpMessage: running } = socket as Duplex & { _httpMessage?: ServerResponse | null };
  // Half an answer is on its way: anything written now would become part of it.
  if (!socket.writable || running?.headersSent) socket.destroy();
  else socket.end(refusal, () => socket.destroy());
}
