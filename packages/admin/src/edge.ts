import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, isFragmentError, type Application, type Operations } from '@fragment/core';
import { answerError, answerJson, type Headers } from '@fragment/http-server';
import { accessCheck, type AccessRules } from './access.js';
import type { Answer } from './answers.js';
import { endpoints, type Endpoint } from './endpoints.js';
import { queryReaders } from './query.js';

export interface EdgeOptions {
  readonly app: Application;
  readonly operations: Operations;
  readonly basePath: string;
  readonly rules: AccessRules;
}

/** Answers one request; `target` is its path and query below the base path. */
export type AdminEdge = (req: IncomingMessage, res: ServerResponse, target: string) => Promise<void>;

/** No site may frame, sniff, cache or read what is shown here: there are no CORS headers. */
const securityHeaders: Headers = Object.entries({
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}).flat();

interface Compiled {
  readonly endpoint: Endpoint;
  readonly segments: readonly string[];
}

/** The only place that knows HTTP: access, route, query, answer. */
export function adminEdge({ app, operations, basePath, rules }: EdgeOptions): AdminEdge {
  const check = accessCheck(rules);
  const readerOf = queryReaders();
  const compiled = endpoints.map((endpoint): Compiled => ({
    endpoint,
    segments: endpoint.path.split('/').slice(1),
  }));

  return async (req, res, target) => {
    try {
      check(req);
      const url = new URL(`http://admin${target.startsWith('/') ? target : `/${target}`}`);
      const { endpoint, params } = match(compiled, url.pathname);
      if (req.method !== 'GET' && req.method !== 'HEAD')
        throw new FragmentError('FRAGMENT_HTTP_METHOD_NOT_ALLOWED');
      const query = readerOf(endpoint.parameters)(url.searchParams);
      const param = (name: string): string => params[name] ?? '';
      write(res, await endpoint.handle({ app, operations, basePath, query, param }));
    } catch (error) {
      answerError(res, error, app.logger, [...securityHeaders, ...headersOf(error)]);
    }
  };
}

function match(compiled: readonly Compiled[], path: string) {
  const given = path.split('/').slice(1);
  // `/admin/` is `/admin`.
  if (given.at(-1) === '') given.pop();
  for (const candidate of compiled) {
    const params = paramsOf(candidate.segments, given);
    if (params) return { ...candidate, params };
  }
  throw new FragmentError('FRAGMENT_HTTP_NOT_FOUND');
}

function paramsOf(segments: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const value = decoded(given[at] ?? '');
    if (segment.startsWith(':')) params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
}

/** A lone percent sign stays what it is: it then matches nothing. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function headersOf(error: unknown): Headers {
  if (isFragmentError(error, 'FRAGMENT_ADMIN_UNAUTHORIZED'))
    return ['www-authenticate', 'Bearer realm="fragment"'];
  if (isFragmentError(error, 'FRAGMENT_HTTP_METHOD_NOT_ALLOWED')) return ['allow', 'GET, HEAD'];
  return [];
}

function write(res: ServerResponse, answer: Answer): void {
  if ('html' in answer) {
    const length = String(Buffer.byteLength(answer.html));
    res.writeHead(200, [
      'content-type',
      'text/html; charset=utf-8',
      'content-length',
      length,
      ...securityHeaders,
    ]);
    res.end(answer.html);
    return;
  }
  answerJson(res, 200, { statusCode: 200, message: 'Successful', ...answer }, securityHeaders);
}
