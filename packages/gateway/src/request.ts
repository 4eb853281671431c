import type { IncomingMessage } from 'node:http';
import type { IncomingRequest } from '@fragment/core';

export interface RequestParts {
  readonly path: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly body: Buffer;
  readonly receivedAt: Date;
  /** How many proxies in front are believed. */
  readonly proxies: number;
}

/** Express tells by `baseUrl` what it has mounted us under. */
type MountedMessage = IncomingMessage & { readonly baseUrl?: string };

/** A request as triggers see it. What few of them ask for is worked out when they do. */
export class GatewayRequest implements IncomingRequest {
  readonly method: string;
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers: IncomingRequest['headers'];
  readonly body: Buffer;
  readonly receivedAt: Date;
  readonly ip?: string;
  readonly #req: MountedMessage;
  readonly #proxies: number;
  #query: URLSearchParams | undefined;

  constructor(req: IncomingMessage, { path, params, body, receivedAt, proxies }: RequestParts) {
    this.method = req.method ?? 'GET';
    this.path = path;
    if (params !== undefined) this.params = params;
    this.headers = req.headers;
    this.body = body;
    this.receivedAt = receivedAt;
    const ip = clientAddress(req, proxies);
    if (ip !== undefined) this.ip = ip;
    this.#req = req;
    this.#proxies = proxies;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(splitTarget(this.#req.url).search);
    return this.#query;
  }

  get base(): string {
    const { headers, socket, baseUrl = '' } = this.#req;
    const told = (name: string): string | undefined => byProxy(headers[name], this.#proxies);
    const scheme = told('x-forwarded-proto')?.toLowerCase() ?? '';
    const encrypted = 'encrypted' in socket && socket.encrypted === true;
    const host = [told('x-forwarded-host'), headers.host].find((name) => name && hostName.test(name));
    return `${schemes.has(scheme) ? scheme : encrypted ? 'https' : 'http'}://${host ?? localHost(this.#req)}${baseUrl}`;
  }
}

const schemes = new Set(['http', 'https']);
/** A name or an address, with a port: it goes into URLs as it stands. */
const hostName = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Where the connection came in, for clients that do not say whom they called. */
function localHost({ socket: { localAddress = 'localhost', localPort } }: IncomingMessage): string {
  const name = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  return localPort === undefined ? name : `${name}:${localPort}`;
}

function clientAddress(req: IncomingMessage, proxies: number): string | undefined {
  return byProxy(req.headers['x-forwarded-for'], proxies) ?? req.socket.remoteAddress;
}

/** Each proxy appends what it saw: what the outermost trusted one wrote is about the client. */
function byProxy(header: string | readonly string[] | undefined, proxies: number): string | undefined {
  if (proxies === 0 || header === undefined) return undefined;
  const chain = [header]
    .flat()
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return chain.at(-proxies) ?? chain[0];
}

/** Path and query of a request target; the absolute form, which proxies send, loses its origin. */
export function splitTarget(target = '/'): { readonly path: string; readonly search: string } {
  if (!target.startsWith('/') && URL.canParse(target)) {
    const { pathname, search } = new URL(target);
    return { path: pathname, search };
  }
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, search: '' }
    : { path: target.slice(0, mark), search: target.slice(mark) };
}
