import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a server of this process has answered, as the wire saw it. */
export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
}

const channel = 'http.server.response.finish';

/** Watches what the server at a URL answers, from its outside: nothing stands between it and its clients. */
export class Answers {
  readonly list: Answered[] = [];
  readonly #port: number;

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
    subscribe(channel, this.#note);
  }

  /** Statuses of what was answered, in order. */
  get statuses(): readonly number[] {
    return this.list.map(({ status }) => status);
  }

  /** How often a status was answered. */
  count(status: number): number {
    return this.list.filter((answered) => answered.status === status).length;
  }

  stop(): Promise<void> {
    unsubscribe(channel, this.#note);
    return Promise.resolve();
  }

  readonly #note = (message: unknown): void => {
    const { request, response, server } = message as {
      request: IncomingMessage;
      response: ServerResponse;
      server: Server;
    };
    if ((server.address() as AddressInfo | null)?.port !== this.#port) return;
    const { method = '', url = '', headers } = request;
    this.list.push({ method, path: url, status: response.statusCode, headers });
  };
}
