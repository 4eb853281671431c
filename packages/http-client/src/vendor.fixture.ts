import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpAnswer, HttpFailure, HttpReply } from './types.js';

export type Responder = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A vendor that answers as each test wants. */
export class Vendor {
  connections = 0;
  readonly received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] =
    [];
  respond: Responder = (_, response) => response.end('{}');
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.received.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body,
      });
      this.respond(request, response, body);
    });
  }).on('connection', () => (this.connections += 1));

  /** @param host `0.0.0.0` for every address of this machine. */
  async start(host = '127.0.0.1'): Promise<void> {
    this.#server.listen(0, host);
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export function answer(reply: HttpReply): HttpAnswer {
  if (reply.kind !== 'answer') throw new Error(`no answer came: ${reply.error.message}`);
  return reply;
}

export function failure(reply: HttpReply): HttpFailure {
  if (reply.kind !== 'failure') throw new Error(`it answered ${reply.status}`);
  return reply;
}
