import type { EventRecord, JobRecord, Transition } from '@fragment/core';
import { eventOf, eventView, jobOf, jobView, type EventView, type JobView } from './views.js';

// One event and one job with everything that is known of them.

/** What went over the wire in a try, as far as it was kept. */
export interface ExchangeView {
  readonly status: number | null;
  readonly request: string | null;
  readonly response: string | null;
}

export interface TransitionView {
  readonly id: string;
  readonly attempt: number;
  readonly state_before: string | null;
  readonly state_after: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly exchange: ExchangeView | null;
  readonly created_at: string;
}

export interface JobDetail extends JobView {
  readonly lost_leases: number;
  readonly parent_job_id: string;
  /** What was frozen for it when it was planned; null: it is mapped from its event when it is delivered. */
  readonly data: unknown;
  /** Oldest first. */
  readonly transitions: readonly TransitionView[];
}

export interface EventDetail extends EventView {
  readonly timestamp: string;
  readonly sent_at: string | null;
  readonly parent_event_id: string;
  /** What its batch said once for all of it. */
  readonly context: unknown;
  readonly data: unknown;
  readonly jobs: readonly JobDetail[];
}

export const transitionView = ({ error, exchange, ...transition }: Transition): TransitionView => ({
  id: transition.id,
  attempt: transition.attempt,
  state_before: transition.stateBefore,
  state_after: transition.stateAfter,
  error: error ? { code: error.code, message: error.message } : null,
  exchange: exchangeView({ ...exchange, ...error }),
  created_at: transition.createdAt.toISOString(),
});

export const jobDetail = (job: JobRecord, history: readonly Transition[]): JobDetail => ({
  ...jobView(job),
  lost_leases: job.lostLeases,
  parent_job_id: job.parentJobId ?? '',
  data: job.data ?? null,
  transitions: history.map(transitionView),
});

export const eventDetail = (event: EventRecord, jobs: readonly JobDetail[]): EventDetail => ({
  ...eventView(event),
  timestamp: event.timestamp.toISOString(),
  sent_at: event.sentAt?.toISOString() ?? null,
  parent_event_id: event.parentEventId ?? '',
  context: event.envelope === undefined ? null : parsed(event.envelope),
  data: parsed(event.data),
  jobs,
});

/** A transition as the admin API tells it: what went over the wire stands in the error, of a success beside it. */
export interface TransitionAnswer extends Omit<TransitionView, 'error' | 'exchange'> {
  readonly error:
    | (Omit<ExchangeView, 'status'> & {
        readonly statusCode: number | null;
        readonly code: string;
        readonly message: string;
      })
    | null;
  readonly exchange?: ExchangeView | null;
}

export type JobAnswer = Omit<JobDetail, 'transitions'>;
export type EventAnswer = Omit<EventDetail, 'jobs'> & { readonly jobs: readonly JobAnswer[] };

const transitionOf = ({ error, exchange, ...transition }: TransitionAnswer): TransitionView => ({
  id: transition.id,
  attempt: transition.attempt,
  state_before: transition.state_before,
  state_after: transition.state_after,
  error: error ? { code: error.code, message: error.message } : null,
  exchange: exchangeView(error ? { ...error, status: error.statusCode } : (exchange ?? {})),
  created_at: transition.created_at,
});

/** Of what an admin API answered, the fields that are printed. */
export const jobDetailOf = (job: JobAnswer, history: readonly TransitionAnswer[]): JobDetail => ({
  ...jobOf(job),
  lost_leases: job.lost_leases,
  parent_job_id: job.parent_job_id,
  data: job.data,
  transitions: history.map(transitionOf),
});

export const eventDetailOf = (event: EventAnswer, jobs: readonly JobDetail[]): EventDetail => ({
  ...eventOf(event),
  timestamp: event.timestamp,
  sent_at: event.sent_at,
  parent_event_id: event.parent_event_id,
  context: event.context,
  data: event.data,
  jobs,
});

function exchangeView(wire: {
  readonly status?: number | null;
  readonly request?: string | null;
  readonly response?: string | null;
}): ExchangeView | null {
  const { status = null, request = null, response = null } = wire;
  return status === null && request === null && response === null ? null : { status, request, response };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Written by hand or by another program: still better seen than hidden.
    return text;
  }
}
