import { executionDefaults } from '../application/settings.js';
import type { Destination } from '../contracts/destination.js';
import type { Logger } from '../contracts/toolkit.js';
import { HandQueue, LaneStore, StoppedClock } from '../fixtures.fixture.js';
import { silentLogger } from '../platform/logger.js';
import { Planner } from '../planning/plan.js';
import { DeliveryCounts } from './delivery-counts.js';
import { createExecution } from './execution.js';

/** What a scheduler does for one destination: a store in memory, messages by hand, time by hand, half of every backoff. */
export function scheduler(destination: Destination, logger: Logger = silentLogger) {
  const clock = new StoppedClock();
  const store = new LaneStore();
  const queue = new HandQueue();
  const execution = createExecution({
    sources: [],
    destinations: [destination],
    store: store.asStore(),
    queue: queue.asQueue(),
    clock,
    logger,
    settings: { ...executionDefaults, retry: { ...executionDefaults.retry, random: () => 0.5 } },
    retention: {
      dedupMs: 1,
      eventsMs: undefined,
      policies: [],
      rejectionsMs: 1,
      statisticsMs: 1,
      everyMs: 1e9,
    },
    planner: new Planner([destination]),
    counts: new DeliveryCounts(),
    identity: { gateway: 'gateway', scheduler: 'scheduler', host: 'host', pid: 1 },
    ingest: () => Promise.reject(new Error('there is no trigger')),
  });
  return { clock, store, queue, execution };
}
