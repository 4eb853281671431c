import type { LookupFunction } from 'node:net';
import type { HttpMethod } from './types.js';

/** What a transport needs to know once. */
export interface TransportOptions {
  readonly origin: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** Resolves names; fails for addresses that are not allowed. */
  readonly lookup: LookupFunction | undefined;
}

export interface WireRequest {
  readonly method: HttpMethod;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

/** Status and headers have come; the body is still on its way and not inflated. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Puts a request on the wire of one origin: once, following no redirect, with no deadline but the signal, which also
 * ends a body that is being read. Leaving the body's iteration closes its connection.
 */
export interface Transport {
  send(request: WireRequest, signal: AbortSignal): Promise<WireResponse>;
  close(): Promise<void>;
}

/** How long an unused connection is kept when the server does not say. */
export const IDLE_CONNECTION_MS = 30_000;
