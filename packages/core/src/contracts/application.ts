import type { Destination } from './destination.js';
import type { Health } from './health.js';
import type { Extraction, IngestAnswer, IngestCount } from './ingest.js';
import type { Queue } from './queue.js';
import type { HttpTrigger, IncomingRequest, NoEvent, Source } from './source.js';
import type { DeliveryCount, Durations } from './statistics.js';
import type { PurgePolicy, RetentionPolicy } from './oversight-store.js';
import type { RunRecord, TriggerRef } from './runs.js';
import type { Store } from './store.js';
import type { Clock, Logger } from './toolkit.js';
import type { Tracing } from './tracing.js';

/** Everything an application is made of. Nothing is read from the environment and nothing starts by itself. */
export interface ApplicationOptions {
  /** Shown in logs and locks. Default `fragment`. */
  readonly name?: string;
  readonly sources: readonly Source[];
  readonly destinations: readonly Destination[];
  readonly store: Store;
  readonly queue: Queue;
  readonly gateway?: Service;
  readonly scheduler?: Service;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly ingest?: Partial<IngestLimits>;
  readonly execution?: ExecutionOptions;
  readonly retention?: Partial<RetentionSettings>;
  /** Where spans go. Default: none are made. */
  readonly tracing?: Tracing;
}

export interface IngestLimits {
  /** Events waiting for a commit before new ones are refused with 429. Default 20,000. */
  readonly maxPendingEvents: number;
  /** Bytes of data waiting for a commit before new events are refused with 429. Default 64 MB. */
  readonly maxPendingBytes: number;
  /** Events in one commit. Default 1,500. */
  readonly maxCommitEvents: number;
  /** Commits in flight at once. Default 1. */
  readonly concurrentCommits: number;
}

export interface ExecutionSettings {
  /** How long jobs stay with a scheduler that is not heard of any more. Default 30,000. */
  readonly leaseMs: number;
  /** How often a scheduler makes itself heard. Default 10,000. */
  readonly renewMs: number;
  /** How often it is looked for due jobs that the queue does not know of, and for dead schedulers. Default 2,000. */
  readonly sweepMs: number;
  /** How often the state of lanes is taken over from other schedulers. Default 1,000. */
  readonly laneRefreshMs: number;
  /** Jobs taken by one lease, at most; a lane takes one round of its calls. Default 1,000. */
  readonly leaseLimit: number;
  /** Queue messages one lane works on at once. Default 2. */
  readonly messages: number;
  /**
   * Of deliveries that succeed, so many a second keep what was sent and what came back, per lane and process. 0: none.
   * Of those that do not succeed it is always kept. Default 10.
   */
  readonly keptExchangesPerSecond: number;
  readonly retry: RetrySettings;
  readonly breaker: BreakerSettings;
}

/** Any part of the settings; what is left out has its default. */
export type ExecutionOptions = Partial<Omit<ExecutionSettings, 'retry' | 'breaker'>> & {
  /** When a failed job is tried again. */
  readonly retry?: Partial<RetrySettings>;
  /** When a lane whose vendor fails is left alone, and for how long. */
  readonly breaker?: Partial<BreakerSettings>;
};

export interface RetrySettings {
  /** The wait after the first failure, at most. Default 5,000. */
  readonly baseMs: number;
  /** What the wait grows by with every failure. Default 2. */
  readonly factor: number;
  /** What no wait goes above. Default 15 min. */
  readonly capMs: number;
  /** What a longer Retry-After is cut to. Default one hour. */
  readonly retryAfterCapMs: number;
  /** A number in [0, 1); full jitter multiplies the wait by it. Default Math.random. */
  readonly random: () => number;
}

export interface BreakerSettings {
  /** Calls in the window before the ratio counts. Default 20. */
  readonly minCalls: number;
  /** Share of calls in the window that have failed, which trips it. Default 0.5. */
  readonly failureRatio: number;
  /** Length of the window. Default 30,000. */
  readonly windowMs: number;
  /** Failures in a row that trip it whatever the window says. Default 5. */
  readonly consecutive: number;
  /** How long the lane is left alone before one job probes it. Default 30,000, doubling up to `maxOpenMs`. */
  readonly openMs: number;
  /** What that time does not go above. Default 5 min. */
  readonly maxOpenMs: number;
}

export interface RetentionSettings {
  /** How long a messageId is known, so that a repeat adds nothing. Default 7 days. */
  readonly dedupMs: number;
  /** How long events are kept whose jobs have all ended. Default: for ever. */
  readonly eventsMs: number | undefined;
  /** Events that are kept for a shorter time than `eventsMs`: those that match, once their jobs have all ended. Default: none. */
  readonly policies: readonly PurgePolicy[];
  /** How long messages that were refused are kept, and runs of cron triggers but for the last one of each. Default 30 days. */
  readonly rejectionsMs: number;
  /** How long the figures of the charts are kept. Default 90 days. */
  readonly statisticsMs: number;
  /** How often what is older goes. Default one hour. */
  readonly everyMs: number;
}

/** A part of the application that listens: the gateway or the scheduler. */
export interface Service {
  readonly name: string;
  /** Called once by `createApplication`, without I/O. */
  attach(app: Application): void;
  /** Listens; resolves when it does. */
  start(): Promise<ServiceAddress | undefined>;
  /** Refuses new work, waits for running work until the signal aborts, then closes. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** One route of one http trigger. */
export interface Route {
  readonly source: Source;
  readonly trigger: HttpTrigger;
}

/** A running or startable application. Several can live in one process. */
export interface Application {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly destinations: readonly Destination[];
  readonly store: Store;
  readonly queue: Queue;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly routes: readonly Route[];
  /** Loads jobs out; the scheduler starts and stops it. */
  readonly execution: Execution;

  /** Extracts, plans and commits one request. */
  accept(route: Route, request: IncomingRequest): Promise<IngestAnswer | NoEvent>;
  /**
   * Counts a request that could not be read, and keeps it as a rejection when its error has one. What `accept` throws
   * is counted and kept already.
   */
  refuse(route: Route, error: unknown, receivedAt: Date): void;
  /** Plans and commits one extraction in process, as if the trigger had returned it. */
  ingest(
    source: string,
    trigger: string,
    extraction: Extraction,
    o?: { readonly transaction?: unknown },
  ): Promise<IngestAnswer>;

  /** Migrates the store, initialises sources and destinations, starts the services. Default: both. */
  start(o?: { readonly gateway?: boolean; readonly scheduler?: boolean }): Promise<StartedApplication>;
  /** Ends in order: gateway, pending commits, scheduler, plugins, queue, store. Leaves no handle behind. Default 10 s. */
  stop(o?: { readonly timeoutMs?: number }): Promise<void>;
  health(): Promise<Health>;
  /** What the store keeps, and for how long. */
  readonly retention: RetentionPolicy;
  /** What came in since this process started. */
  ingestCounts(): readonly IngestCount[];
  /** What tries of this process ended as since it started. */
  deliveryCounts(): readonly DeliveryCount[];
  /** How long requests of this process took, from their receipt to the commit, those left out that were refused or failed. */
  ingestDurations(): Durations;
}

export interface StartedApplication {
  readonly gateway?: ServiceAddress;
  readonly scheduler?: ServiceAddress;
}

/** The working part of a scheduler. */
export interface Execution {
  start(): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
  /**
   * Runs a cron trigger now; resolves when it has begun.
   * @throws {FragmentError} as `runTrigger` of the operations.
   */
  runTrigger(of: TriggerRef): Promise<RunRecord>;
  /** When this process last swept, looking for what was lost; undefined while others do it, or nobody. */
  sweptAt(): Date | undefined;
}
