import type { LookupFunction } from 'node:net';
import type { DeliveryError } from '@fragment/core';

export interface HttpClientOptions {
  /** Origin, optionally with a path prefix: `https://api.vendor.com/3.0`. http or https, without credentials and query. */
  readonly baseUrl: string;
  /** Sent with every request. The values of `authorization`, `x-api-key`, `cookie` and the like are treated as secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Strings that are masked in excerpts and errors wherever they stand, also base64-, URI-, JSON- or HTML-encoded. */
  readonly secrets?: readonly string[];
  /** Time for one whole call in milliseconds: waiting for a connection, headers and the last byte of the body. Default 10,000. */
  readonly timeoutMs?: number;
  /** Bytes of an answer's body that are read, before and after inflating. A longer one is judged by its status alone. Default 1,000,000. */
  readonly maxResponseBytes?: number;
  /**
   * Allows loopback, private, link-local, shared (CGNAT) and other special addresses. Default false: they are refused
   * when the connection is made, so a name that changes its address after a check gains nothing. For endpoints that the
   * operator configured.
   */
  readonly allowPrivate?: boolean;
  /**
   * Lets only these of them through: networks (`10.0.0.0/8`, `fd00::/8`), addresses, and host names, which may then resolve
   * to anything. Default none.
   */
  readonly allow?: readonly string[];
  /** Refuses a `baseUrl` with http://. For URLs that somebody else than the operator may have written. Default false. */
  readonly httpsOnly?: boolean;
  /**
   * A header of the vendor's that tells with a 429 when to come again, read where there is no `Retry-After`:
   * `x-ratelimit-reset`, in seconds from now or as a Unix time. Default none.
   */
  readonly rateLimitResetHeader?: string;
  /** `got` is the default; `undici` costs a tenth of the CPU time and is for one request per event. Both behave alike. */
  readonly transport?: 'got' | 'undici';
  /** Default `fragment`. */
  readonly userAgent?: string;
  /** Connections open at once; further calls wait, within their own deadline. Default 64. */
  readonly connections?: number;
  /** How host names are resolved. Default `dns.lookup`. Whatever it answers passes the address guard. */
  readonly lookup?: LookupFunction;
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Starts with `/`; appended to the base URL as it is, so parts taken from data must be URI-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Win over the client's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Serialised with {@link encodeJson} and sent as `application/json`. */
  readonly json?: unknown;
  /** Sent as it is; its content type stands in `headers`. Not together with `json`. */
  readonly body?: string | Buffer;
  /** Default: the client's. */
  readonly timeoutMs?: number;
  /** Ends the call: a `failure`, with the code of a timeout when that is the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Sends requests to one vendor over connections that are kept alive. */
export interface HttpClient {
  /**
   * Makes one request: no retries and no redirects are followed. Whatever network and vendor do comes back as a value.
   * @throws {FragmentError} FRAGMENT_CONFIG_INVALID when `path` does not start with `/`.
   */
  request(request: HttpRequest): Promise<HttpReply>;
  /** Ends running calls (they answer with a `failure`) and closes all connections. */
  close(): Promise<void>;
}

/** What became of a request. */
export type HttpReply = HttpAnswer | HttpFailure;

interface HttpReplyBase {
  /** Method, path and body as sent, secrets masked, at most 4 KB. */
  readonly request: string;
  /** Method and path as sent, secrets masked. */
  readonly route?: () => string;
  /** Masks the client's secrets in any text, for instance in a sentence of the vendor that is to be repeated. */
  readonly mask?: (text: string) => string;
  /** Masks and cuts any text as `request` is, for instance one job's part of a body. */
  readonly excerpt?: (text: string) => string;
}

/** The vendor answered, whatever it said. */
export interface HttpAnswer extends HttpReplyBase {
  readonly kind: 'answer';
  readonly status: number;
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body: cut at `maxResponseBytes`; empty when it could not be inflated within that. Not masked. */
  readonly text: string;
  /** The body parsed; undefined when it is not complete JSON. Not masked. */
  readonly json: unknown;
  /** Milliseconds that `Retry-After` asks for, from seconds or an HTTP date; with a 429 also `rateLimitResetHeader`. */
  readonly retryAfterMs?: number;
  /** The body, secrets masked, at most 4 KB. */
  readonly response: string;
  readonly durationMs: number;
}

/** There is no complete answer; the vendor may have acted nevertheless. */
export interface HttpFailure extends HttpReplyBase {
  readonly kind: 'failure';
  /**
   * `FRAGMENT_DELIVERY_NETWORK`, `FRAGMENT_DELIVERY_TIMEOUT` or `FRAGMENT_DELIVERY_ADDRESS_REFUSED`. Has a `status` when
   * the headers had come.
   */
  readonly error: DeliveryError;
}
