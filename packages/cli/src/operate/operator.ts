import type { BulkKind, JsonObject, TriggerRef, Where } from '@fragment/core';
import type { EventDetail, JobDetail } from './detail-views.js';
import type {
  AuditView,
  ErasureView,
  FailureView,
  LaneLoadView,
  LaneView,
  OrderView,
  RejectionView,
  SentView,
  UserView,
} from './oversight-views.js';
import type { RunView, ScheduleView, ServiceView } from './schedule-views.js';
import type { EventView, JobView } from './views.js';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** A page of a list, the newest first. */
export interface ViewPage<T> {
  readonly items: readonly T[];
  readonly count: number;
  readonly countIsCapped: boolean;
  readonly nextCursor: string | undefined;
}

export interface Preview {
  readonly count: number;
  readonly countIsCapped: boolean;
}

/** What is done to jobs or events that stay. */
export type ChangeKind = Extract<BulkKind, 'retry' | 'discard' | 'replay'>;

/**
 * What became of a change: done already, or an order that a scheduler carries out. Of a replay events are counted, and
 * `jobs` says how many it has added.
 */
export type Change = { readonly count: number; readonly jobs?: number } | Ordered;

/** An order by its id, and how many it is about. */
export interface Ordered extends Preview {
  readonly order: string;
}

/** What an operator can see. What is asked for by its id and is not there is a FragmentError. */
export interface Seeing {
  findEvents(where: Where, page: PageRequest): Promise<ViewPage<EventView>>;
  findEvent(id: string): Promise<EventDetail>;
  findJobs(where: Where, page: PageRequest): Promise<ViewPage<JobView>>;
  findJob(id: string): Promise<JobDetail>;
  findRejections(page: PageRequest): Promise<ViewPage<RejectionView>>;
  /** The largest groups first. */
  failures(where: Where, limit: number): Promise<readonly FailureView[]>;
  /** The lane of every destination that is registered or still has jobs. */
  lanes(): Promise<readonly LaneLoadView[]>;
  findOrders(page: PageRequest): Promise<ViewPage<OrderView>>;
  findOrder(id: string): Promise<OrderView>;
  findUser(id: string): Promise<UserView>;
  findErasures(page: PageRequest): Promise<ViewPage<ErasureView>>;
  findAudit(page: PageRequest): Promise<ViewPage<AuditView>>;
  /** Every cron trigger, with its newest run. */
  schedules(): Promise<readonly ScheduleView[]>;
  findRuns(of: TriggerRef, page: PageRequest): Promise<ViewPage<RunView>>;
  /** The gateways and schedulers that run, and those that went without a word. */
  services(): Promise<readonly ServiceView[]>;
  /** How many jobs, or events of a replay or purge, the change would be about. */
  preview(kind: BulkKind, where: Where): Promise<Preview>;
  /** New events, and known ones whose jobs have changed. */
  tail(where: Where, signal: AbortSignal): AsyncIterable<EventView>;
}

/** What an operator can do. All of it is in the audit. */
export interface Acting {
  change(kind: ChangeKind, where: Where, ratePerSecond: number | undefined): Promise<Change>;
  /** Orders that events are deleted; an empty filter means all. */
  purge(where: Where, ratePerSecond: number | undefined): Promise<Ordered>;
  cancelOrder(id: string): Promise<OrderView>;
  pause(destination: string, reason: string | undefined): Promise<LaneView>;
  resume(destination: string): Promise<LaneView>;
  /** Do the credentials work? */
  check(destination: string): Promise<CheckView>;
  sendTest(message: JsonObject, to: SendTestRequest): Promise<SentView>;
  /** Deletes everything of one user. */
  erase(id: string): Promise<ErasureView>;
}

/** `unknown`: the destination cannot tell. */
export interface CheckView {
  readonly destination: string;
  readonly result: 'ok' | 'refused' | 'unknown';
}

export interface SendTestRequest {
  readonly source?: string;
  readonly destination?: string;
}

/** What an operator can see and do, on the store of a configuration or through the admin API of a running scheduler. */
export interface Operator extends Seeing, Acting {
  close(): Promise<void>;
}

/** An operator of a running scheduler, which can do more than a store can. */
export interface RemoteOperator extends Operator {
  /** Runs a cron trigger now; resolves when it has begun. */
  runNow(of: TriggerRef): Promise<RunView>;
}
