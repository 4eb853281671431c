import type {
  ApplicationOptions,
  ExecutionSettings,
  IngestLimits,
  RetentionSettings,
} from '../contracts/application.js';
import type { Action, Destination, Schedule } from '../contracts/destination.js';

export const ingestDefaults: IngestLimits = {
  maxPendingEvents: 20_000,
  maxPendingBytes: 64 * 1024 * 1024,
  maxCommitEvents: 1_500,
  concurrentCommits: 1,
};

export const executionDefaults: ExecutionSettings = {
  leaseMs: 30_000,
  renewMs: 10_000,
  sweepMs: 2_000,
  laneRefreshMs: 1_000,
  leaseLimit: 1_000,
  messages: 2,
  keptExchangesPerSecond: 10,
  retry: { baseMs: 5_000, factor: 2, capMs: 15 * 60_000, retryAfterCapMs: 60 * 60_000, random: Math.random },
  breaker: {
    minCalls: 20,
    failureRatio: 0.5,
    windowMs: 30_000,
    consecutive: 5,
    openMs: 30_000,
    maxOpenMs: 5 * 60_000,
  },
};

const retentionDefaults: RetentionSettings = {
  dedupMs: 7 * 86_400_000,
  eventsMs: undefined,
  policies: [],
  rejectionsMs: 30 * 86_400_000,
  statisticsMs: 90 * 86_400_000,
  everyMs: 3_600_000,
};

export interface Settings {
  readonly ingest: IngestLimits;
  readonly execution: ExecutionSettings;
  readonly retention: RetentionSettings;
}

/** The options with every default filled in. */
export const settingsOf = (o: ApplicationOptions): Settings => ({
  ingest: { ...ingestDefaults, ...o.ingest },
  execution: {
    ...executionDefaults,
    ...o.execution,
    retry: { ...executionDefaults.retry, ...o.execution?.retry },
    breaker: { ...executionDefaults.breaker, ...o.execution?.breaker },
  },
  retention: { ...retentionDefaults, ...o.retention },
});

const scheduleDefaults: Schedule = { realtime: true, maxAgeMs: 72 * 3_600_000 };

/** The schedule that holds for an action: its own, else its destination's, else the defaults, field by field. */
export const scheduleOf = (destination: Destination, action: Action): Schedule => ({
  ...scheduleDefaults,
  ...destination.schedule,
  ...action.schedule,
});
