import path from 'node:path';
import { admin, type Admin } from '@fragment/admin';
import { createApplication, operations, type Logger } from '@fragment/core';
import { gateway } from '@fragment/gateway';
import { scheduler } from '@fragment/scheduler';
import { allProblems } from './all-problems.js';
import { needsEmbedded, queueOf, storeOf } from './backend.js';
import { embeddedDatabase, type Database } from './database.js';
import { FragmentLifecycle, type Fragment } from './fragment.js';
import { createLogger } from './logger.js';
import type { FragmentContext, FragmentOptions } from './options.js';
import { destinationsOf, sourcesOf } from './plugins.js';
import { settingsFrom, type FragmentSettings } from './settings.js';
import { settingsView } from './settings-view.js';

/**
 * Puts an application together with its defaults: adapters, services and the Segment source from the options, else
 * from the environment that is handed over, else for a machine with nothing but Node. Starts nothing.
 *
 * @example
 * const fragment = await createFragment({ destinations: [amplitude({ apiKey })] });
 * app.use('/cdp', fragment.gateway.router());
 * await fragment.start();
 *
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem of the options and the environment;
 *   FRAGMENT_WRITE_KEYS_REQUIRED in production; FRAGMENT_EMBEDDED_UNSUPPORTED or FRAGMENT_EMBEDDED_NO_USER where the
 *   embedded PostgreSQL is wanted and cannot run; FRAGMENT_TRIGGER_NO_RUNNER.
 */
export async function createFragment(
  options: FragmentOptions = {},
  { env = {}, directory = '.' }: FragmentContext = {},
): Promise<Fragment> {
  const settings = settingsFrom(options, env);
  const logger = options.logger ?? createLogger(settings.logLevel.value);
  const dataDir = path.resolve(directory, settings.dataDir.value);
  const database = needsEmbedded(options, settings)
    ? await embeddedDatabase({ dataDir, application: options.name ?? 'fragment', logger })
    : undefined;

  const served = adminOf(options, settings);
  const parts = partsOf(options, settings, database, logger, served);
  const app = createApplication({
    ...parts,
    destinations: destinationsOf(options, logger),
    logger,
    ...(options.name !== undefined && { name: options.name }),
    ...(options.clock && { clock: options.clock }),
    ...(options.ingest && { ingest: options.ingest }),
    ...(options.execution && { execution: options.execution }),
    ...(options.retention && { retention: options.retention }),
    ...(options.tracing && { tracing: options.tracing }),
  });
  const lifecycle = new FragmentLifecycle(app, database);
  return {
    app,
    gateway: parts.gateway,
    scheduler: parts.scheduler,
    admin: served,
    operations: operations(app),
    settings,
    open: () => lifecycle.open(),
    start: (which) => lifecycle.start(which),
    stop: (o) => lifecycle.stop(o),
  };
}

function adminOf(options: FragmentOptions, settings: FragmentSettings): Admin {
  const token = settings.adminToken.value;
  return admin({
    ...options.admin,
    ...(token !== undefined && { token }),
    tokens: settings.adminTokens.value,
    settings: () => settingsView(settings),
  });
}

function partsOf(
  options: FragmentOptions,
  settings: FragmentSettings,
  database: Database | undefined,
  logger: Logger,
  served: Admin,
) {
  const backend = { embeddedUrl: database?.url, logger };
  return allProblems({
    store: () => storeOf(options, settings, backend),
    queue: () => queueOf(options, settings, backend),
    sources: () => sourcesOf(options, settings),
    gateway: () =>
      gateway({
        // The gateway is for everybody who sends events: no login of the host's stands before it.
        ...(options.admin?.hostLogin !== true && { metrics: served.metrics }),
        ...options.gateway,
        host: settings.gatewayHost.value,
        port: settings.gatewayPort.value,
      }),
    scheduler: () =>
      scheduler({
        ...options.scheduler,
        host: settings.schedulerHost.value,
        port: settings.schedulerPort.value,
        admin: served,
      }),
  });
}
