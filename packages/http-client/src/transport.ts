import type { LookupFunction } from 'node:net';
import type { Deadline } from './deadline.js';
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

/** An answer as it came, not inflated. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** Everything the server sent is in `bytes`. */
  readonly complete: boolean;
}

/** One call on its way. */
export interface Progress {
  readonly deadline: Deadline;
  /** More of a body than this is not read; its connection is closed instead. */
  readonly maxBytes: number;
  /** Set as soon as the headers have come, for the error of a body that does not. */
  status: number | undefined;
}

/** Puts a request on the wire of one origin: once, following no redirect, until the deadline stops it. */
export interface Transport {
  send(request: WireRequest, progress: Progress): Promise<WireResponse>;
  close(): Promise<void>;
}

/** How long an unused connection is kept when the server does not say. */
export const IDLE_CONNECTION_MS = 30_000;
