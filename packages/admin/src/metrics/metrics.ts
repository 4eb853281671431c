import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, type Application } from '@fragment/core';
import { answerError } from '@fragment/http-server';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Access } from '../access/access.js';
import { guards, headersOf, headersOfError } from '../edge.js';
import { MethodError } from '../method-error.js';
import { deliveryReadings } from './delivery-readings.js';
import { ingestReadings } from './ingest-readings.js';
import { register } from './reading.js';
import { storeReadings } from './store-readings.js';

/** Answers a scrape. */
export type MetricsHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/**
 * Puts the application's metrics into a registry and answers scrapes of it, under the same rule as everything of admin.
 * @param given the host's registry; what is measured of the process itself is then the host's to collect.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID for a registry that has the metrics of another application.
 */
export function metricsOf(app: Application, access: Access, given?: Registry): MetricsHandler {
  const registry = given ?? new Registry();
  const readings = [...ingestReadings(app, access), ...deliveryReadings(app), ...storeReadings(app)];
  if (readings.some(({ name }) => registry.getSingleMetric(name) !== undefined)) {
    const message = 'registry has the metrics of another application already';
    throw new FragmentError('FRAGMENT_CONFIG_INVALID', {
      detail: message,
      validations: [{ message, path: ['admin', 'registry'] }],
    });
  }
  for (const reading of readings) register(registry, reading);

  let ofProcess = given !== undefined;
  return async (req, res) => {
    try {
      access.checkHost(req);
      const caller = await access.callerOf(req);
      if (req.method !== 'GET' && req.method !== 'HEAD') throw new MethodError('GET, HEAD');
      access.allow(req, caller, 'read');
      // It watches the event loop from then on, which an application that nobody scrapes need not pay for.
      if (!ofProcess) collectDefaultMetrics({ register: registry, prefix: 'fragment_' });
      ofProcess = true;
      const text = await registry.metrics();
      res.writeHead(200, { ...guards, 'content-type': registry.contentType });
      res.end(req.method === 'HEAD' ? undefined : text);
    } catch (error) {
      answerError(res, error, app.logger, [...headersOf(guards), ...headersOfError(error)]);
    }
  };
}
