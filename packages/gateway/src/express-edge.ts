import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, type Application } from '@fragment/core';
import { answerError, answerHealth, HEALTH_PATHS, type Listener } from '@fragment/http-server';
import express, { type ErrorRequestHandler, type Express, type Router } from 'express';
import type { IngestHandler } from './ingest-routes.js';

export interface EdgeParts {
  readonly app: Application;
  readonly ingest: IngestHandler;
  readonly stopping: () => boolean;
}

/** Ingest and health as an Express router. Whatever is not one of its paths goes on to the host's next handler. */
export function gatewayRouter(parts: () => EdgeParts): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.use((req, res, next) => {
    if (!parts().ingest(req, res)) next();
  });
  router.all([...HEALTH_PATHS], async (req, res) => {
    const { app, stopping } = parts();
    await answerHealth(req, res, req.path, { app, stopping: stopping() });
  });
  return router;
}

/** The gateway's own Express application: the router, and an answer for everything else. */
export function gatewayApp(router: Router, { logger }: Application): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(router);
  app.use((_req, res) => answerError(res, new FragmentError('FRAGMENT_HTTP_NOT_FOUND'), logger));
  const onError: ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) next(error);
    else answerError(res, error, logger);
  };
  app.use(onError);
  return app;
}

/**
 * Express gives every request and response its own prototypes, which makes V8 forget their shape: most of what
 * Express costs. Requests that are born with these prototypes are left as they are.
 */
export function adoptPrototypes(app: Express, { request, response }: Listener['prototypes']): void {
  Object.setPrototypeOf(request, express.request);
  Object.setPrototypeOf(response, express.response);
  const owner = { app: { value: app, configurable: true, enumerable: true, writable: true } };
  const adopting = app as unknown as { request: IncomingMessage; response: ServerResponse };
  adopting.request = Object.defineProperties(request, owner);
  adopting.response = Object.defineProperties(response, owner);
}
