import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, type Application, type Service } from '@fragment/core';
import { answerJson, createListener, type Listener } from '@fragment/http-server';
import type { Router } from 'express';
import { corsOf } from './cors.js';
import { adoptPrototypes, gatewayApp, gatewayRouter, type EdgeParts } from './express-edge.js';
import { ingestRoutes } from './ingest-routes.js';
import { splitTarget } from './request.js';
import { settingsOf, type GatewayOptions } from './options.js';

/** The service that takes events in: listens by itself, or is mounted into a server of the host's. */
export interface Gateway extends Service {
  /** Mounts in an Express application (4 or 5), also below a prefix; unknown paths go on to the host's next handler. */
  router(): Router;
  /** For any server of Node's. Answers every request, unknown paths with 404. */
  readonly handler: (req: IncomingMessage, res: ServerResponse) => void;
}

interface Attached extends EdgeParts {
  readonly handle: (req: IncomingMessage, res: ServerResponse) => void;
  readonly listener: Listener | undefined;
}

/**
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem of the options.
 */
export function gateway(options: GatewayOptions = {}): Gateway {
  const settings = settingsOf(options);
  let attached: Attached | undefined;
  const required = (): Attached => {
    if (attached) return attached;
    throw new FragmentError('FRAGMENT_APPLICATION_STATE', {
      detail: 'The gateway belongs to no application yet.',
    });
  };

  return {
    name: 'gateway',
    attach: (app: Application) => {
      if (attached) {
        throw new FragmentError('FRAGMENT_APPLICATION_STATE', {
          detail: 'The gateway belongs to an application.',
        });
      }
      const cors = corsOf(settings.cors);
      const ingest = ingestRoutes(app, settings, cors);
      const express = gatewayApp(gatewayRouter(required), app, cors);
      const handle = (req: IncomingMessage, res: ServerResponse): void => {
        if (ingest(req, res)) return;
        if (options.metrics && splitTarget(req.url).path === '/metrics') options.metrics(req, res);
        else express(req, res);
      };
      const { host, port, limits } = settings;
      const timeouts = {
        headersMs: limits.headersTimeoutMs,
        requestMs: limits.requestTimeoutMs,
        keepAliveMs: limits.keepAliveTimeoutMs,
        // Well beyond what reading a request and committing it may take together.
        stallMs: 2 * limits.requestTimeoutMs,
      };
      const listener =
        port === false ? undefined : createListener({ service: 'gateway', host, port, handle, timeouts });
      if (listener) adoptPrototypes(express, listener.prototypes);
      attached = { app, ingest, handle, listener, stopping: () => listener?.stopping ?? false };
    },
    start: async () => required().listener?.start(),
    stop: async (signal) => attached?.listener?.stop(signal),
    router: () => gatewayRouter(required),
    handler: (req, res) => {
      if (attached) attached.handle(req, res);
      else
        answerJson(res, 503, {
          ...new FragmentError('FRAGMENT_APPLICATION_STATE').toBody(),
          statusCode: 503,
        });
    },
  };
}
