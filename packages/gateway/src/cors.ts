import type { IncomingMessage } from 'node:http';
import type { Headers } from '@fragment/http-server';

/** Who may read answers in a browser: everybody, nobody, or pages of these origins. */
export type CorsOption = boolean | { readonly origins: readonly string[] };

/** The headers that browsers ask for. */
export interface Cors {
  /** Belong on every answer, errors too: without them a 400 looks like a network failure, and is sent again. */
  answer(req: IncomingMessage): Headers;
  preflight(req: IncomingMessage): Headers;
}

const none: Headers = [];
const vary: Headers = ['vary', 'Origin'];
const readable: Headers = [
  'access-control-allow-credentials',
  'true',
  // Hidden from scripts unless named here.
  'access-control-expose-headers',
  'Retry-After, X-RateLimit-Reset',
];
const varyOnRequest: Headers = ['vary', 'Origin, Access-Control-Request-Headers'];
const permissions: Headers = [
  'access-control-allow-methods',
  'GET, POST, OPTIONS',
  // One preflight per path and two hours: browsers cap it there.
  'access-control-max-age',
  '7200',
];

/** What the SDKs send; `x-retry-count` when they try again. */
const ownHeaders = ['authorization', 'content-type', 'x-retry-count'];
/** A preflight names the few headers of one script. */
const MAX_HEADERS = 50;
const token = /^[!#$%&'*+.^_`|~\w-]{1,100}$/;
const origin = /^[\x21-\x7e]{1,500}$/;

export function corsOf(option: CorsOption): Cors {
  if (option === false) return { answer: () => none, preflight: () => none };
  const allowed = option === true ? undefined : new Set(option.origins);
  const readableFor = (req: IncomingMessage): Headers => {
    const asking = req.headers.origin;
    if (asking === undefined || !origin.test(asking) || allowed?.has(asking) === false) return none;
    return ['access-control-allow-origin', asking, ...readable];
  };
  return {
    answer: (req) => (req.headers.origin === undefined ? vary : [...vary, ...readableFor(req)]),
    preflight(req) {
      const read = readableFor(req);
      if (read.length === 0) return varyOnRequest;
      const headers = headersFor(req.headers['access-control-request-headers']);
      return [...varyOnRequest, ...read, ...permissions, 'access-control-allow-headers', headers];
    },
  };
}

/** Ours and whatever else is asked for: an application may give its SDK headers of its own. */
function headersFor(asked = ''): string {
  const names = asked
    .split(',', MAX_HEADERS)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => token.test(name));
  return [...new Set([...ownHeaders, ...names])].join(', ');
}
