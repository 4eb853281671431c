import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, type Application, type Route } from '@fragment/core';
import { answerError } from '@fragment/http-server';
import { answerIngest, answerRefusal } from './answer.js';
import { readBody } from './body.js';
import { ByteBudget, type ByteHold } from './byte-budget.js';
import type { Cors } from './cors.js';
import type { GatewaySettings } from './options.js';
import { GatewayRequest, splitTarget } from './request.js';
import { routeTable, type Found, type Target } from './route-table.js';

/** Answers a request to a route of a trigger; false, and nothing done, when the path is nobody's. */
export type IngestHandler = (req: IncomingMessage, res: ServerResponse) => boolean;

/** A request whose route is known and whose body is not. */
interface Arrival {
  readonly route: Route;
  readonly path: string;
  readonly params: Readonly<Record<string, string>> | undefined;
}

/**
 * The hot path. It stands before Express, because Express spends more on a request than everything else here together,
 * and needs nothing but Node's request and response, so any server can mount it.
 */
export function ingestRoutes(app: Application, settings: GatewaySettings, cors: Cors): IngestHandler {
  const find = routeTable(app.routes);
  const budget = new ByteBudget(settings.limits.inFlightBytes);
  const bodyOptions = { ...settings.limits, clock: app.clock };

  const read = async (
    req: IncomingMessage,
    { route, path, params }: Arrival,
    hold: ByteHold,
  ): Promise<GatewayRequest> => {
    const receivedAt = new Date(app.clock.now());
    try {
      const body = await readBody(req, hold, bodyOptions);
      return new GatewayRequest(req, { path, params, body, receivedAt, proxies: settings.trustProxy });
    } catch (error) {
      app.refuse(route, error, receivedAt);
      throw error;
    }
  };

  const serve = async (req: IncomingMessage, res: ServerResponse, arrival: Arrival): Promise<void> => {
    const { route } = arrival;
    const headers = cors.answer(req);
    const hold = budget.hold();
    try {
      const answer = await app.accept(route, await read(req, arrival, hold));
      answerIngest(res, route.trigger, answer, headers);
    } catch (error) {
      // The rest of an unread body would be taken for the next request.
      const unread = req.complete ? [] : ['connection', 'close'];
      answerRefusal(res, route.trigger, error, app.logger, [...headers, ...unread]);
    } finally {
      hold.release();
    }
  };

  return (req, res) => {
    const { path } = splitTarget(req.url);
    const found = find(path);
    if (!found) return false;
    const { byMethod, allow } = found.endpoint;
    const method = req.method ?? 'GET';
    const target = byMethod.get(method);
    if (target) {
      void serve(req, res, { route: target.route, path, params: paramsOf(target, found) });
    } else if (method === 'OPTIONS') {
      res.writeHead(204, [...cors.preflight(req), 'allow', allow]);
      res.end();
    } else {
      const headers = [...cors.answer(req), 'allow', allow];
      answerError(res, new FragmentError('FRAGMENT_HTTP_METHOD_NOT_ALLOWED'), app.logger, headers);
    }
    return true;
  };
}

function paramsOf({ names }: Target, { values }: Found): Record<string, string> | undefined {
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
