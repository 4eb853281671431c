import { channel } from 'node:diagnostics_channel';
import type { HttpReply } from './types.js';

/** What became of one request, fit to be shown: secrets are masked, nothing is cut. */
export interface HttpExchange {
  /** Method, path and body. */
  readonly request: string;
  /** Absent when no answer came. */
  readonly status?: number;
  readonly response?: string;
  /** Why no answer came. */
  readonly error?: string;
}

/**
 * Every exchange of every client of this process is published to the diagnostics channel `fragment:http`, as an
 * HttpExchange, for tools that show what a destination does. Nothing is made of it while nobody listens.
 */
const exchanges = channel('fragment:http');

export function publishExchange(
  request: () => string,
  reply: HttpReply,
  mask: (text: string) => string,
): void {
  if (!exchanges.hasSubscribers) return;
  const exchange: HttpExchange =
    reply.kind === 'answer'
      ? { request: mask(request()), status: reply.status, response: mask(reply.text) }
      : { request: mask(request()), error: reply.error.message };
  exchanges.publish(exchange);
}
