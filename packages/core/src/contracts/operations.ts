import type { EventRecord, JobRecord, LaneRow, RejectionRecord, StoreStats, Transition } from './store.js';
import type { Found, Page, Where } from './filters.js';

/** Everything an operator can see and do. The admin API, the CLI and the dashboard are clients of this and of nothing else. */
export interface Operations {
  findEvents(where: Where, page?: Page): Promise<Found<EventRecord>>;
  findEvent(id: string): Promise<EventRecord | undefined>;
  findJobs(where: Where, page?: Page): Promise<Found<JobRecord>>;
  findJob(id: string): Promise<JobRecord | undefined>;
  findTransitions(jobId: string): Promise<readonly Transition[]>;
  findRejections(page?: Page): Promise<Found<RejectionRecord>>;
  stats(): Promise<StoreStats>;
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
  /** New events as they are stored, until the signal aborts. */
  tail(where: Where, signal: AbortSignal): AsyncIterable<EventRecord>;
}
