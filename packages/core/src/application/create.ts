import type { Application, ApplicationOptions, Route } from '../contracts/application.js';
import type { Source, Trigger } from '../contracts/source.js';
import { FragmentError } from '../errors/fragment-error.js';
import { DeliveryCounts } from '../execution/delivery-counts.js';
import { createExecution } from '../execution/execution.js';
import { retentionPolicy } from '../execution/purge.js';
import { GroupCommit } from '../ingest/group-commit.js';
import { Ingest } from '../ingest/ingest.js';
import { IngestCounts } from '../ingest/ingest-counts.js';
import { RejectionLog } from '../ingest/rejections.js';
import { systemClock } from '../platform/clock.js';
import { newIdentity } from '../platform/identity.js';
import { silentLogger } from '../platform/logger.js';
import { Planner } from '../planning/plan.js';
import { StatisticsWriter } from '../statistics/statistics-writer.js';
import { healthOf } from './health.js';
import { Lifecycle } from './lifecycle.js';
import { settingsOf } from './settings.js';
import { validateOptions } from './validate.js';

/**
 * Puts an application together. No I/O, no timers, nothing global: several can live in one process.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem; FRAGMENT_TRIGGER_NO_RUNNER for a trigger of a
 * mode that nothing here can run.
 */
export function createApplication(options: ApplicationOptions): Application {
  const settings = settingsOf(options);
  validateOptions(options, settings);
  const { store, queue, sources, destinations, tracing } = options;
  const name = options.name ?? 'fragment';
  const clock = options.clock ?? systemClock;
  const logger = (options.logger ?? silentLogger).child({ application: name });
  const counts = new IngestCounts();
  const deliveryCounts = new DeliveryCounts();
  const planner = new Planner(destinations);
  const statistics = new StatisticsWriter(store, clock, logger, {
    ingest: () => counts.all(),
    delivery: () => deliveryCounts.all(),
  });
  const shared = { store, queue, clock, logger, planner, tracing, identity: newIdentity() };
  const ingest = new Ingest({
    ...shared,
    commit: new GroupCommit(store, queue, settings.ingest),
    rejections: new RejectionLog(store, logger, clock),
    counts,
  });
  const execution = createExecution({
    ...shared,
    sources,
    destinations,
    settings: settings.execution,
    retention: settings.retention,
    counts: deliveryCounts,
    ingest: (source, trigger, extraction) =>
      ingest.ingest(source, trigger, extraction, new Date(clock.now())),
  });
  const app: Application = {
    name,
    sources,
    destinations,
    store,
    queue,
    logger,
    clock,
    execution,
    routes: routesOf(sources),
    accept: (route, request) => ingest.accept(route, request),
    refuse: (route, error, receivedAt) => ingest.refuse(route, error, receivedAt),
    async ingest(sourceName, triggerName, extraction, o) {
      const [source, trigger] = triggerOf(sources, sourceName, triggerName);
      return ingest.ingest(source, trigger, extraction, new Date(clock.now()), o?.transaction);
    },
    start: (which) => lifecycle.start(which),
    stop: (o) => lifecycle.stop(o),
    health: () => healthOf(app),
    retention: retentionPolicy(settings.retention),
    ingestCounts: () => counts.all(),
    deliveryCounts: () => deliveryCounts.all(),
    ingestDurations: () => counts.durations,
  };
  const lifecycle = new Lifecycle(app, options, { ...shared, ingest, statistics });
  options.gateway?.attach(app);
  options.scheduler?.attach(app);
  return app;
}

const routesOf = (sources: readonly Source[]): readonly Route[] =>
  sources.flatMap((source) =>
    source.triggers.flatMap((trigger) => (trigger.mode === 'http' ? [{ source, trigger }] : [])),
  );

function triggerOf(sources: readonly Source[], sourceName: string, triggerName: string): [Source, Trigger] {
  const source = sources.find((s) => s.name === sourceName);
  const trigger = source?.triggers.find((t) => t.name === triggerName);
  if (source && trigger) return [source, trigger];
  throw new FragmentError('FRAGMENT_INGEST_TRIGGER_UNKNOWN', {
    detail: `There is no ${sourceName}/${triggerName}.`,
  });
}
