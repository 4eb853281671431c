import type { IncomingMessage } from 'node:http';
import type { Headers } from '@fragment/http-server';

const vary: Headers = ['vary', 'Origin'];
const none: Headers = [];
/** `x-retry-count` is what analytics.js adds when it tries again. */
const preflight: Headers = Object.entries({
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, x-retry-count',
  'access-control-max-age': '7200',
}).flat();

/**
 * What a browser SDK needs on every answer, errors too: without it a 400 looks like a network failure and is sent
 * again. Retry-After is invisible to it unless exposed.
 */
export function corsHeaders(req: IncomingMessage, enabled: boolean): Headers {
  const { origin } = req.headers;
  if (!enabled) return none;
  if (origin === undefined) return vary;
  return [
    ...vary,
    'access-control-allow-origin',
    origin,
    'access-control-expose-headers',
    'Retry-After, X-RateLimit-Reset',
  ];
}

/** The answer to a preflight. */
export function preflightHeaders(req: IncomingMessage, enabled: boolean): Headers {
  if (!enabled || req.headers.origin === undefined) return corsHeaders(req, enabled);
  return [...corsHeaders(req, enabled), ...preflight];
}
