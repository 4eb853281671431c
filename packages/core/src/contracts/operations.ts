import type {
  EventRecord,
  JobRecord,
  MigrationRecord,
  RejectionRecord,
  StoreStats,
  Transition,
} from './records.js';
import type { LaneRow } from './store.js';
import type { BulkKind, BulkPreview, BulkRecord } from './bulk.js';
import type { Found, Page, Where } from './filters.js';
import type { IngestAnswer } from './ingest.js';
import type { JsonObject } from './json.js';
import type { AuditRecord, ErasureReceipt, FailureGroup, UserRecord } from './oversight.js';
import type { RunRecord, TriggerRef } from './runs.js';
import type { ServiceRecord } from './services.js';
import type { Statistics, StatisticsRange } from './statistics.js';

/** Everything an operator can see and do. The admin API, the CLI and the dashboard are clients of this and of nothing else. */
export interface Operations {
  findEvents(where: Where, page?: Page): Promise<Found<EventRecord>>;
  findEvent(id: string): Promise<EventRecord | undefined>;
  findJobs(where: Where, page?: Page): Promise<Found<JobRecord>>;
  findJob(id: string): Promise<JobRecord | undefined>;
  findTransitions(jobId: string): Promise<readonly Transition[]>;
  findRejections(page?: Page): Promise<Found<RejectionRecord>>;
  stats(): Promise<StoreStats>;
  /** The steps of the store's schema, oldest first. */
  migrations(): Promise<readonly MigrationRecord[]>;
  lanes(): Promise<readonly LaneRow[]>;

  /** Lets discarded, failed and unknown jobs run again at once; attempts restart, history stays. */
  retry(where: Where): Promise<{ readonly count: number }>;
  /** Ends waiting jobs by hand. */
  discard(where: Where): Promise<{ readonly count: number }>;
  /** Plans stored events again and adds the jobs: duplicates are wanted here. */
  replay(where: Where): Promise<{ readonly events: number; readonly jobs: number }>;
  /** Stops deliveries of a destination until `resume`; its jobs stay. */
  pause(destination: string, reason?: string): Promise<void>;
  /** Opens a lane whatever closed it. */
  resume(destination: string): Promise<void>;
  /** Do the credentials work? `unknown` when the destination cannot tell. */
  check(destination: string): Promise<'ok' | 'refused' | 'unknown'>;
  /**
   * Events as they are stored, until the signal aborts: each once when it is new, and again whenever a job of it has
   * changed its status. An event of any age is told of once something happens to it (a try ends without success, a job
   * is retried, discarded or added by an operator, its next try comes or runs), and from then on to its end. One that
   * does not match is told of when it comes to match; one that was told of is followed even when it no longer does.
   * Looks twice a second, each time at the newest 200 events, the latest 200 to which something happens, and the latest
   * 500 that have unfinished jobs: where more happens it is a sample.
   */
  tail(where: Where, signal: AbortSignal): AsyncIterable<EventRecord>;

  /** Runs of one cron trigger, newest first. */
  findRuns(of: TriggerRef, page?: Page): Promise<Found<RunRecord>>;
  /** The newest run of each cron trigger that has run. */
  lastRuns(): Promise<readonly RunRecord[]>;
  /**
   * Runs a cron trigger now, in this process; resolves when it has begun.
   * @throws {FragmentError} FRAGMENT_INGEST_TRIGGER_UNKNOWN; FRAGMENT_TRIGGER_NOT_SCHEDULED for a trigger of another
   * mode; FRAGMENT_TRIGGER_RUNNING while it runs anywhere; FRAGMENT_SCHEDULER_NOT_HERE when no scheduler runs in
   * this process.
   */
  runTrigger(of: TriggerRef): Promise<RunRecord>;
  /** The gateways and schedulers that run, oldest first; `gone` after 30 seconds of silence, and told for a day. */
  services(): Promise<readonly ServiceRecord[]>;

  statistics(range: StatisticsRange): Promise<Statistics>;
  failureGroups(where: Where, o?: { readonly limit?: number }): Promise<readonly FailureGroup[]>;

  /** What an order would be about. */
  preview(kind: BulkKind, where: Where): Promise<BulkPreview>;
  /** Gives an order to retry, discard, replay or purge all that match; a scheduler carries it out. */
  order(o: {
    readonly kind: BulkKind;
    readonly where: Where;
    readonly ratePerSecond?: number;
    readonly actor: string;
  }): Promise<BulkRecord>;
  findBulk(id: string): Promise<BulkRecord | undefined>;
  findBulks(page?: Page): Promise<Found<BulkRecord>>;
  /** What is done stays done. */
  cancelBulk(id: string): Promise<BulkRecord | undefined>;

  /**
   * Takes a Segment message in as if it had been sent, for one destination alone where one is named: its
   * `integrations` then say so.
   * @throws {FragmentError} FRAGMENT_INGEST_TRIGGER_UNKNOWN when no source has a trigger named like the message's type.
   */
  sendTest(
    message: JsonObject,
    o?: { readonly source?: string; readonly destination?: string },
  ): Promise<IngestAnswer>;

  findUser(id: string): Promise<UserRecord | undefined>;
  erase(id: string, o: { readonly actor: string }): Promise<ErasureReceipt>;
  findErasures(page?: Page): Promise<Found<ErasureReceipt>>;

  /** Notes who did what. Never throws: a note that cannot be written is logged. */
  note(record: Omit<AuditRecord, 'id' | 'at'>): Promise<void>;
  findAudit(page?: Page): Promise<Found<AuditRecord>>;
  /** Deletes what the retention no longer keeps, now. */
  purge(): Promise<{ readonly events: number; readonly keys: number; readonly rejections: number }>;
}
