import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, type Application } from '@fragment/core';
import { answerError, answerHealth, HEALTH_PATHS, type Listener } from '@fragment/http-server';
import express, { type ErrorRequestHandler, type Express, type Router } from 'express';
import type { Cors } from './cors.js';
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

/**
 * The gateway's own Express application: the router, and an answer for everything else, which a browser may read: an
 * SDK with a wrong path shall see the 404.
 */
export function gatewayApp(router: Router, { logger }: Application, cors: Cors): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(router);
  app.use((req, res) =>
    answerError(res, new FragmentError('FRAGMENT_HTTP_NOT_FOUND'), logger, cors.answer(req)),
  );
  const onError: ErrorRequestHandler = (error, req, res, next) => {
    if (res.headersSent) next(error);
    else answerError(res, error, logger, cors.answer(req));
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
