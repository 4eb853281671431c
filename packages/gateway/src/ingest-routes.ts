import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, pathsOf, type Application, type Route } from '@fragment/core';
import { answerError, answerJson } from '@fragment/http-server';
import { ingestBody, SUCCESS } from './answer.js';
import { readBody } from './body.js';
import { ByteBudget } from './byte-budget.js';
import { corsHeaders, preflightHeaders } from './cors.js';
import type { GatewaySettings } from './options.js';
import { GatewayRequest, splitTarget } from './request.js';

/** Answers a request to a route of a trigger; false, and nothing done, when the path is nobody's. */
export type IngestHandler = (req: IncomingMessage, res: ServerResponse) => boolean;

interface Endpoint {
  readonly byMethod: ReadonlyMap<string, Route>;
  readonly allow: string;
}

/**
 * The hot path. It stands before Express, because Express spends more on a request than everything else here together,
 * and needs nothing but Node's request and response, so any server can mount it.
 */
export function ingestRoutes(app: Application, settings: GatewaySettings): IngestHandler {
  const endpoints = endpointsOf(app.routes);
  const budget = new ByteBudget(settings.limits.inFlightBytes);
  const bodyOptions = { ...settings.limits, clock: app.clock };

  const serve = async (
    req: IncomingMessage,
    res: ServerResponse,
    route: Route,
    path: string,
  ): Promise<void> => {
    const headers = corsHeaders(req, settings.cors);
    const hold = budget.hold();
    try {
      const receivedAt = new Date(app.clock.now());
      const body = await readBody(req, hold, bodyOptions);
      const request = new GatewayRequest(req, { path, body, receivedAt, proxies: settings.trustProxy });
      const answer = await app.accept(route, request);
      answerJson(res, 200, 'noEvent' in answer ? SUCCESS : ingestBody(answer, route.trigger.route), headers);
    } catch (error) {
      // The rest of an unread body would be taken for the next request.
      const unread = req.complete ? [] : ['connection', 'close'];
      answerError(res, error, app.logger, [...headers, ...unread]);
    } finally {
      hold.release();
    }
  };

  return (req, res) => {
    const { path } = splitTarget(req.url);
    const endpoint = endpoints.get(path);
    if (!endpoint) return false;
    const method = req.method ?? 'GET';
    const route = endpoint.byMethod.get(method);
    if (route) {
      void serve(req, res, route, path);
    } else if (method === 'OPTIONS') {
      res.writeHead(204, [...preflightHeaders(req, settings.cors), 'allow', endpoint.allow]);
      res.end();
    } else {
      const headers = [...corsHeaders(req, settings.cors), 'allow', endpoint.allow];
      answerError(res, new FragmentError('FRAGMENT_HTTP_METHOD_NOT_ALLOWED'), app.logger, headers);
    }
    return true;
  };
}

function endpointsOf(routes: readonly Route[]): ReadonlyMap<string, Endpoint> {
  const byPath = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    for (const path of pathsOf(route.trigger.route)) {
      const byMethod = byPath.get(path) ?? new Map<string, Route>();
      for (const method of route.trigger.route.methods) byMethod.set(method.toUpperCase(), route);
      byPath.set(path, byMethod);
    }
  }
  return new Map(
    [...byPath].map(([path, byMethod]) => [
      path,
      { byMethod, allow: [...new Set([...byMethod.keys(), 'OPTIONS'])].join(', ') },
    ]),
  );
}
