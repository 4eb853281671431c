import { FragmentError, errorRegistry, type DeliveryError } from '@fragment/core';
import { addressGuard } from './address-guard.js';
import { decodeBody } from './body.js';
import { Deadline } from './deadline.js';
import { createMasker, type Masker } from './excerpt.js';
import { publishExchange } from './exchanges.js';
import { gotTransport } from './got-transport.js';
import { decodeJson, encodeJson } from './json.js';
import { lowerCased, readOptions, secretsOf, type Settings } from './options.js';
import { parseRateLimitReset, parseRetryAfter } from './retry-after.js';
import type { Progress, WireRequest, WireResponse } from './transport.js';
import type {
  HttpAnswer,
  HttpClient,
  HttpClientOptions,
  HttpFailure,
  HttpReply,
  HttpRequest,
} from './types.js';
import { undiciTransport } from './undici-transport.js';

/**
 * Makes the client a destination calls its vendor with. Opens no connection before the first request.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const settings = readOptions(options);
  const clientMasker = createMasker(settings.secrets);
  const { allow, lookup: resolve } = options;
  const guard = options.allowPrivate === true ? undefined : addressGuard({ allow, resolve });
  const refused = guard?.refusesLiteral(settings.hostname) === true;
  const createTransport = options.transport === 'undici' ? undiciTransport : gotTransport;
  const transport = createTransport({
    origin: settings.origin,
    connections: settings.connections,
    connectTimeoutMs: settings.timeoutMs,
    lookup: guard?.lookup ?? resolve,
  });
  let closed = false;

  async function request(r: HttpRequest): Promise<HttpReply> {
    const wire = wireRequest(r, settings);
    const own = secretsOf(lowerCased(r.headers));
    const masker = own.length === 0 ? clientMasker : createMasker([...settings.secrets, ...own]);
    const reply = await exchange(r, wire, masker);
    publishExchange(() => requestText(wire), reply, masker.mask);
    return reply;
  }

  async function exchange(r: HttpRequest, wire: WireRequest, masker: Masker): Promise<HttpReply> {
    const fail = (error: DeliveryError) => failure(wire, masker, error);
    if (refused) return fail(networkError('FRAGMENT_DELIVERY_ADDRESS_REFUSED', settings.hostname));
    if (closed) return fail(networkError('FRAGMENT_DELIVERY_NETWORK', 'The client is closed.'));

    const startedAt = performance.now();
    const deadline = new Deadline(r.timeoutMs ?? settings.timeoutMs, r.signal);
    const progress: Progress = { deadline, maxBytes: settings.maxResponseBytes, status: undefined };
    try {
      const response = await transport.send(wire, progress);
      return await answer({ wire, response, masker, settings, startedAt });
    } catch (error) {
      return fail(describe(error, progress));
    } finally {
      deadline.end();
    }
  }

  return {
    request,
    close() {
      closed = true;
      return transport.close();
    },
  };
}

function wireRequest(r: HttpRequest, settings: Settings): WireRequest {
  if (!r.path.startsWith('/')) {
    throw new FragmentError('FRAGMENT_CONFIG_INVALID', {
      validations: [{ message: 'path must start with /', path: ['path'] }],
    });
  }
  const query = r.query === undefined ? '' : `?${new URLSearchParams(r.query).toString()}`;
  return {
    method: r.method,
    target: `${settings.prefix}${r.path}${query}`,
    headers: {
      ...settings.headers,
      ...(r.json !== undefined && { 'content-type': 'application/json' }),
      ...lowerCased(r.headers),
    },
    body: r.json === undefined ? r.body : encodeJson(r.json),
  };
}

interface AnswerParts {
  readonly wire: WireRequest;
  readonly response: WireResponse;
  readonly masker: Masker;
  readonly settings: Settings;
  readonly startedAt: number;
}

async function answer({ wire, response, masker, settings, startedAt }: AnswerParts): Promise<HttpAnswer> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const { text, complete } = await decodeBody(
    response,
    headers['content-encoding'],
    settings.maxResponseBytes,
  );
  const retryAfterMs = waitAskedFor(response.status, headers, settings);
  return {
    kind: 'answer',
    status: response.status,
    headers,
    text,
    json: complete ? decodeJson(text) : undefined,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    durationMs: performance.now() - startedAt,
    route: () => masker.mask(routeOf(wire)),
    mask: masker.mask,
    excerpt: masker.excerpt,
    // Made when somebody looks: most answers are a success that nobody reads twice.
    get request() {
      return requestExcerpt(wire, masker);
    },
    get response() {
      return masker.excerpt(text);
    },
  };
}

function waitAskedFor(
  status: number,
  headers: HttpAnswer['headers'],
  { rateLimitResetHeader }: Settings,
): number | undefined {
  const now = Date.now();
  const asked = parseRetryAfter(headers['retry-after'], now);
  // Many vendors send their limits with every answer: with a 500 that says nothing about when to come again.
  if (asked !== undefined || status !== 429 || rateLimitResetHeader === undefined) return asked;
  return parseRateLimitReset(headers[rateLimitResetHeader], now);
}

function failure(wire: WireRequest, masker: Masker, error: DeliveryError): HttpFailure {
  const request = requestExcerpt(wire, masker);
  return {
    kind: 'failure',
    error: { ...error, message: masker.mask(error.message), request },
    request,
    route: () => masker.mask(routeOf(wire)),
    mask: masker.mask,
    excerpt: masker.excerpt,
  };
}

const routeOf = ({ method, target }: WireRequest): string => `${method} ${target}`;

const requestText = (wire: WireRequest): string => `${routeOf(wire)}\n${wire.body?.toString() ?? ''}`;

const requestExcerpt = (wire: WireRequest, masker: Masker): string => masker.excerpt(requestText(wire));

type NetworkCode =
  'FRAGMENT_DELIVERY_NETWORK' | 'FRAGMENT_DELIVERY_TIMEOUT' | 'FRAGMENT_DELIVERY_ADDRESS_REFUSED';

function networkError(code: NetworkCode, detail: string): DeliveryError {
  return { code, message: `${errorRegistry[code].message} ${detail}` };
}

/** Our own deadline first: what it interrupted reports itself as some other error. */
function describe(error: unknown, { deadline, status }: Progress): DeliveryError {
  const known = status === undefined ? {} : { status };
  const where =
    status === undefined ? 'No headers had come.' : `Status ${String(status)} had come, its body not wholly.`;
  if (deadline.reason === 'timeout') return { ...networkError('FRAGMENT_DELIVERY_TIMEOUT', where), ...known };
  if (deadline.reason === 'aborted') {
    return { ...networkError('FRAGMENT_DELIVERY_NETWORK', `The call was aborted. ${where}`), ...known };
  }
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'FRAGMENT_DELIVERY_ADDRESS_REFUSED') {
    return { code, message: message ?? errorRegistry[code].message };
  }
  // An error of several attempts to connect has a code only, others repeat it in their message.
  const parts = message?.includes(code ?? '') === true && message !== '' ? [message] : [code, message];
  const detail = parts.filter((part) => part !== undefined && part !== '').join(': ');
  return {
    ...networkError('FRAGMENT_DELIVERY_NETWORK', detail === '' ? where : `${detail}. ${where}`),
    ...known,
  };
}
