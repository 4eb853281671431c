import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFragmentError, type Application, type Operations } from '@fragment/core';
import { answerError, answerJson, type Headers } from '@fragment/http-server';
import type { Access, Caller } from './access/access.js';
import type { Identity } from './access/roles.js';
import { bodyReaders, type Body } from './api/body.js';
import type { Answer, Endpoint, EndpointContext, SettingView } from './api/endpoint.js';
import { adminEndpoints } from './api/endpoints.js';
import { queryReaders } from './api/query.js';
import { MethodError } from './method-error.js';
import { pageHandler } from './page/static.js';
import { routesOf } from './route.js';

export interface EdgeOptions {
  readonly app: Application;
  readonly operations: Operations;
  readonly basePath: string;
  readonly access: Access;
  readonly settings: () => readonly SettingView[];
}

/** Answers one request; `target` is its path and query below the base path. */
export type AdminEdge = (req: IncomingMessage, res: ServerResponse, target: string) => Promise<void>;

/** No site may frame, sniff, cache or read what is shown here: there are no CORS headers. */
export const guards = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The page runs its own scripts and styles, asks its own origin, and nothing else. */
const pageGuards = {
  ...guards,
  'content-security-policy': [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

const NOBODY: Identity = { actor: 'nobody', role: 'read' };

/** The only place that knows HTTP: host, route, caller, query, body, answer, audit. */
export function adminEdge(o: EdgeOptions): AdminEdge {
  const { app, access, basePath } = o;
  const match = routesOf(adminEndpoints(basePath));
  const queryOf = queryReaders();
  const bodyOf = bodyReaders();
  const page = pageHandler(basePath);

  const serve = async (req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> => {
    const caller = await access.callerOf(req);
    const { endpoint, params } = match(req.method ?? 'GET', url.pathname);
    const identity =
      endpoint.role === 'open' ? (caller.identity ?? NOBODY) : access.allow(req, caller, endpoint.role);
    const call = { caller, identity, params };
    const query = queryOf(endpoint.parameters ?? {})(url.searchParams);
    const context: EndpointContext = {
      ...o,
      caller,
      identity,
      query,
      req,
      body: {},
      param: (name) => params[name] ?? '',
    };
    const answer = await noted(o.operations, endpoint, call, async () => {
      const body: Body = endpoint.body ? await bodyOf(endpoint.body)(req) : {};
      return endpoint.handle({ ...context, body });
    });
    write(res, answer);
  };

  return async (req, res, target) => {
    try {
      access.checkHost(req);
      const url = new URL(`http://admin${target.startsWith('/') ? target : `/${target}`}`);
      const reads = req.method === 'GET' || req.method === 'HEAD';
      const isApi = url.pathname === '/api' || url.pathname.startsWith('/api/');
      if (!isApi && reads && page(req, res, url.pathname, pageGuards)) return;
      await serve(req, res, url);
    } catch (error) {
      answerError(res, error, app.logger, [...headersOf(guards), ...headersOfError(error)]);
    }
  };
}

interface Call {
  readonly caller: Caller;
  readonly identity: Identity;
  readonly params: Readonly<Record<string, string>>;
}

/** Whatever a write came to is in the audit, its failure too. */
async function noted(
  operations: Operations,
  endpoint: Endpoint,
  call: Call,
  act: () => Promise<Answer>,
): Promise<Answer> {
  const { audit } = endpoint;
  if (audit === undefined) return act();
  const named = endpoint.unnamed ? undefined : Object.values(call.params).join('/') || undefined;
  const note = (
    outcome: string,
    noted: { target?: string | undefined; count?: number } = {},
  ): Promise<void> => {
    const target = noted.target ?? named;
    return operations.note({
      actor: call.identity.actor,
      action: audit,
      outcome,
      ...(target === undefined ? {} : { target }),
      ...(noted.count === undefined ? {} : { count: noted.count }),
    });
  };
  try {
    const answer = await act();
    // Before it is answered: whoever has the answer finds it in the audit.
    await note('ok', 'noted' in answer ? answer.noted : {});
    return answer;
  } catch (error) {
    await note(isFragmentError(error) ? error.code : 'FRAGMENT_HTTP_INTERNAL');
    throw error;
  }
}

function write(res: ServerResponse, answer: Answer): void {
  if ('stream' in answer) {
    answer.stream(res, guards);
    return;
  }
  if ('raw' in answer) {
    answerJson(res, 200, answer.raw, headersOf(guards));
    return;
  }
  const { status = 200, meta, data, headers = {} } = answer;
  const message = status === 202 ? 'Accepted' : 'Successful';
  answerJson(
    res,
    status,
    { statusCode: status, message, ...(meta && { meta }), data },
    headersOf({ ...guards, ...headers }),
  );
}

export const headersOf = (headers: Readonly<Record<string, string>>): Headers =>
  Object.entries(headers).flat();

export function headersOfError(error: unknown): Headers {
  if (!isFragmentError(error)) return [];
  if (error.code === 'FRAGMENT_ADMIN_UNAUTHORIZED') return ['www-authenticate', 'Bearer realm="fragment"'];
  return error instanceof MethodError ? ['allow', error.allow] : [];
}
