import type { IncomingMessage } from 'node:http';
import type { IncomingRequest } from '@fragment/core';

/** A request as triggers see it. The query is parsed when somebody asks for it. */
export class GatewayRequest implements IncomingRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingRequest['headers'];
  readonly body: Buffer;
  readonly receivedAt: Date;
  readonly ip?: string;
  readonly #req: IncomingMessage;
  #query: URLSearchParams | undefined;

  constructor(req: IncomingMessage, o: { path: string; body: Buffer; receivedAt: Date; proxies: number }) {
    this.method = req.method ?? 'GET';
    this.path = o.path;
    this.headers = req.headers;
    this.body = o.body;
    this.receivedAt = o.receivedAt;
    const ip = clientAddress(req, o.proxies);
    if (ip !== undefined) this.ip = ip;
    this.#req = req;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(splitTarget(this.#req.url).search);
    return this.#query;
  }
}

/** Each proxy appends the address it saw: the one that the outermost trusted proxy wrote is the client's. */
function clientAddress(req: IncomingMessage, proxies: number): string | undefined {
  const direct = req.socket.remoteAddress;
  if (proxies === 0) return direct;
  const chain = [req.headers['x-forwarded-for'] ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return chain.at(-proxies) ?? chain[0] ?? direct;
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
