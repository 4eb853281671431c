import type {
  DeliveryError,
  EventRecord,
  Exchange,
  JobRecord,
  RejectionRecord,
  Transition,
} from '@fragment/core';
import type { Redacted } from '../redaction/redacted-records.js';

/** An event as lists show it: without what it carries. */
export const eventSummary = (event: EventRecord & Redacted) => ({
  id: event.id,
  source: event.source,
  trigger: event.trigger,
  version: event.version ?? '',
  type: event.type ?? null,
  message_id: event.messageId ?? null,
  user_id: event.userId ?? null,
  anonymous_id: event.anonymousId ?? null,
  name: event.name ?? null,
  plan_error: event.planError ?? null,
  redacted: event.redacted ?? false,
  jobs: event.jobs.map((job) => jobSummary(job)),
  timestamp: event.timestamp,
  original_timestamp: event.originalTimestamp ?? null,
  sent_at: event.sentAt ?? null,
  received_at: event.receivedAt,
  ingested_at: event.ingestedAt ?? null,
  parent_event_id: event.parentEventId ?? '',
});

/** An event with everything: `context` is what was kept apart from `data`, for a batch's item what the batch says once. */
export const eventResource = (event: EventRecord & Redacted) => ({
  ...eventSummary(event),
  context: contextOf(event),
  data: parsed(event.data),
  jobs: event.jobs.map((job) => jobResource(job)),
});

const contextOf = ({ envelope }: EventRecord): unknown => (envelope === undefined ? null : parsed(envelope));

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Written by hand or by another program: still better seen than hidden.
    return text;
  }
};

const jobSummary = (job: JobRecord & Redacted, latest: TransitionView = latestOf(job)) => ({
  id: job.id,
  destination: job.destination,
  action: job.action,
  version: job.version ?? '',
  status: job.status,
  attempt: job.attempt,
  lost_leases: job.lostLeases,
  transitions: [latest],
  error: job.lastError ? errorResource(job.lastError) : null,
  redacted: job.redacted ?? false,
  created_at: job.createdAt,
  due_at: job.dueAt,
  started_at: job.startedAt ?? null,
  finished_at: job.finishedAt ?? null,
  event_id: job.eventId,
  parent_job_id: job.parentJobId ?? '',
});

/** A job with the data frozen for it; without such, it is mapped from its event when it is delivered. */
export const jobResource = (job: JobRecord & Redacted, history: readonly Transition[] = []) => {
  const latest = history.at(-1);
  return { ...jobSummary(job, latest && transitionResource(latest)), data: job.data ?? null };
};

/** A job with its latest transition and with the context of its event, which holds for every job of it. */
export const jobDetail = (
  job: JobRecord & Redacted,
  history: readonly Transition[],
  event: (EventRecord & Redacted) | undefined,
) => ({
  ...jobResource(job, history),
  redacted: job.redacted === true || event?.redacted === true,
  context: event === undefined ? null : contextOf(event),
});

export const transitionResource = (transition: Transition & Redacted) => ({
  id: transition.id,
  attempt: transition.attempt,
  state_before: transition.stateBefore,
  state_after: transition.stateAfter,
  error: transition.error ? errorResource(transition.error) : null,
  exchange: transition.exchange ? exchangeResource(transition.exchange) : null,
  created_at: transition.createdAt,
  event_id: transition.eventId,
  job_id: transition.jobId,
  redacted: transition.redacted ?? false,
});

type TransitionView = Omit<ReturnType<typeof transitionResource>, 'id'> & { readonly id: string | null };

/**
 * The latest transition as far as the job's own row tells it, so that a list need not read a history per job: it has
 * no id, the state before is the one this status usually follows, and what went over the wire is not in it.
 */
function latestOf(job: JobRecord & Redacted): TransitionView {
  return {
    id: null,
    attempt: job.attempt,
    state_before: stateBefore(job),
    state_after: job.status,
    error: job.lastError ? errorResource(job.lastError) : null,
    exchange: null,
    created_at: job.finishedAt ?? job.startedAt ?? job.createdAt,
    event_id: job.eventId,
    job_id: job.id,
    redacted: job.redacted ?? false,
  };
}

function stateBefore({ status, attempt, startedAt }: JobRecord): Transition['stateBefore'] {
  if (status === 'awaiting') return startedAt ? 'discarded' : 'acknowledged';
  if (status === 'executing') return attempt > 1 ? 'failed' : 'awaiting';
  return startedAt ? 'executing' : 'awaiting';
}

/** Of a delivery that succeeded; of any other the error has it. */
const exchangeResource = ({ status, request, response }: Exchange) => ({
  status: status ?? null,
  request: request ?? null,
  response: response ?? null,
});

/** In the ancestor's form, with our code and what went over the wire. */
const errorResource = (error: DeliveryError) => ({
  statusCode: error.status ?? null,
  code: error.code,
  message: error.message,
  validations: [],
  request: error.request ?? null,
  response: error.response ?? null,
});

export const rejectionResource = (rejection: RejectionRecord & Redacted) => ({
  id: rejection.id,
  source: rejection.source,
  trigger: rejection.trigger,
  index: rejection.index ?? null,
  message_id: rejection.messageId ?? null,
  type: rejection.type ?? null,
  code: rejection.code,
  message: rejection.message,
  validations: rejection.validations ?? [],
  data: rejection.data ?? null,
  redacted: rejection.redacted ?? false,
  received_at: rejection.receivedAt,
});
