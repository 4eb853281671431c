import type { BulkProgress, BulkRecord } from './bulk.js';
import type { DeliveryError } from './destination.js';
import type { Found, Page, Where } from './filters.js';
import type { AuditRecord, ErasureReceipt, FailureGroup, UserRecord } from './oversight.js';
import type { Backlog, EventRecord, JobRecord, RejectionRecord, StoreStats, Transition } from './records.js';
import type { RunEntry, RunRecord, TriggerRef } from './runs.js';
import type { ServiceEntry, ServiceRecord } from './services.js';
import type { Statistics, StatisticsRange, StatisticsRow } from './statistics.js';
import type { JobRef } from './job-ref.js';

/** One step through all that match, in the order of their ids. */
export interface StepOptions {
  readonly limit: number;
  /** From `last` of the step before. */
  readonly after?: string;
}

export interface Step {
  /** How many were changed. */
  readonly count: number;
  /** The id of the last one; undefined when there was none. */
  readonly last?: string;
}

/** Events that are kept for a shorter time than the others. */
export interface PurgePolicy {
  /** Which events, as a purge understands it. */
  readonly where: Where;
  /** They are deleted when they were received longer ago, by the clock of the store. In milliseconds. */
  readonly olderThanMs: number;
}

export interface RetentionPolicy {
  /** Keys older than this no longer make a duplicate. */
  readonly dedupMs: number;
  /** Events all of whose jobs are finished are deleted after this. Absent: kept for ever. */
  readonly eventsMs?: number;
  /** Beside `eventsMs`: what is kept for a shorter time. Default: none. */
  readonly policies?: readonly PurgePolicy[];
  /** Also of runs of cron triggers, but for the last one of each. */
  readonly rejectionsMs: number;
  readonly statisticsMs: number;
}

export interface StirringOptions {
  readonly withinMs: number;
  readonly aheadMs: number;
  readonly limit: number;
}

/** One step of a purge. */
export interface PurgeStep extends Step {
  /** How many events were looked at; `count` of them are gone. */
  readonly visited: number;
  /** Envelopes of batches that went after their last item; `count` does not tell them. */
  readonly emptied: number;
}

/** The store as an operator needs it. Deadlines and errors are those of the store. */
export interface OversightStore {
  findEvents(where: Where, page: Page): Promise<Found<EventRecord>>;
  findEvent(id: string): Promise<EventRecord | undefined>;
  findJobs(where: Where, page: Page): Promise<Found<JobRecord>>;
  findJob(id: string): Promise<JobRecord | undefined>;
  findTransitions(jobId: string): Promise<readonly Transition[]>;
  findRejections(page: Page): Promise<Found<RejectionRecord>>;
  stats(): Promise<StoreStats>;
  backlog(): Promise<Backlog>;
  /**
   * Ids of events of any age to which something has happened within the last `withinMs`, or will within `aheadMs`; at
   * most `limit`. First those of which a job was retried or added later (a replay, a follow-up), then those of which a
   * try ended without success or an operator discarded a job, then those whose next try becomes due or is running; the
   * latest first. Cheap enough to be asked twice a second.
   */
  stirring(o: StirringOptions): Promise<readonly string[]>;

  /** How many match, as exactly as a list would say. `purgeable`: the events that `purgeEvents` would delete. */
  count(
    of: 'events' | 'jobs' | 'purgeable',
    where: Where,
  ): Promise<Pick<Found<unknown>, 'count' | 'countIsCapped'>>;
  /** Jobs that did not succeed, by reason, the largest group first. `where.jobs.statusIn` is narrowed to those that have one. */
  failureGroups(where: Where, o: { readonly limit: number }): Promise<readonly FailureGroup[]>;
  /** discarded -> awaiting, and failed or unknown due at once; attempts restart, history stays. Returns what to offer. */
  retry(where: Where, o: StepOptions): Promise<Step & { readonly refs: readonly JobRef[] }>;
  /** awaiting, failed or unknown -> discarded. */
  discard(where: Where, o: StepOptions & { readonly error: DeliveryError }): Promise<Step>;

  /** Adds tallies to those the store has of the same minute and part. */
  addStatistics(rows: readonly StatisticsRow[]): Promise<void>;
  statistics(range: StatisticsRange): Promise<Statistics>;

  addBulk(record: BulkRecord): Promise<void>;
  findBulk(id: string): Promise<BulkRecord | undefined>;
  /** Newest first. */
  findBulks(page: Page): Promise<Found<BulkRecord>>;
  /** Orders that are waiting or running, oldest first, with the place where they go on. */
  openBulks(): Promise<readonly (BulkRecord & { readonly cursor?: string })[]>;
  /** False when the order has ended meanwhile (it was cancelled): then only what was done is added. */
  setBulk(id: string, progress: BulkProgress): Promise<boolean>;

  addAudit(record: Omit<AuditRecord, 'id'>): Promise<void>;
  /** Newest first. */
  findAudit(page: Page): Promise<Found<AuditRecord>>;

  /** Keeps how a run stands, whether it is new or has ended. One that has ended stays as it is. */
  setRun(run: RunEntry): Promise<void>;
  /** Runs of one trigger, newest first. */
  findRuns(of: TriggerRef, page: Page): Promise<Found<RunRecord>>;
  /** The newest run of each of these triggers that has one, in no order. */
  lastRuns(of: readonly TriggerRef[]): Promise<readonly RunRecord[]>;

  /** Enters services, or says that they are still there. */
  announce(services: readonly ServiceEntry[]): Promise<void>;
  /** Takes services out that have stopped. */
  withdraw(ids: readonly string[]): Promise<void>;
  /** Who was entered and has not stopped, oldest first. Whoever was not heard of for `goneAfterMs` is `gone`, and forgotten after a day. */
  services(o: { readonly goneAfterMs: number }): Promise<readonly ServiceRecord[]>;

  /** By user id or anonymous id. */
  findUser(id: string): Promise<UserRecord | undefined>;
  /**
   * Deletes every event whose user id or anonymous id this is, or is an anonymous id that was seen with it, with jobs,
   * attempts, keys and rejections, in bounded steps, and keeps a receipt. A job of them that runs at that moment is
   * delivered, but nothing of it is kept.
   */
  erase(id: string, o: { readonly actor: string }): Promise<ErasureReceipt>;
  findErasures(page: Page): Promise<Found<ErasureReceipt>>;
  /**
   * Deletes events that match with their jobs and attempts; their message keys stay, so that a late repeat is still a
   * duplicate. An event with an unfinished job is never deleted, nor one that an operator retries or replays meanwhile.
   * With a filter of jobs it is one that has a job that matches, and all of its jobs are of the statuses that the filter
   * allows: `statusIn: ['succeeded']` keeps an event that has a discarded job as well. A batch goes with its last item.
   */
  purgeEvents(where: Where, o: StepOptions): Promise<PurgeStep>;
  /** Deletes what the policy no longer keeps, in bounded steps. Never an unfinished job. */
  purge(
    policy: RetentionPolicy,
  ): Promise<{ readonly events: number; readonly keys: number; readonly rejections: number }>;
}
