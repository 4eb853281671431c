import type { EventRecord, JobRecord } from '@fragment/core';

// Jobs and events as the commands print them: a part of what the admin API answers, under the same names.

export interface JobView {
  readonly id: string;
  readonly event_id: string;
  readonly destination: string;
  readonly action: string;
  readonly status: string;
  readonly attempt: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly created_at: string;
  readonly due_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

export interface EventView {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  readonly type: string | null;
  readonly name: string | null;
  readonly user_id: string | null;
  readonly anonymous_id: string | null;
  readonly message_id: string | null;
  readonly plan_error: string | null;
  readonly received_at: string;
  readonly jobs: readonly JobView[];
}

export const jobView = (job: JobRecord): JobView => ({
  id: job.id,
  event_id: job.eventId,
  destination: job.destination,
  action: job.action,
  status: job.status,
  attempt: job.attempt,
  error: job.lastError ? { code: job.lastError.code, message: job.lastError.message } : null,
  created_at: job.createdAt.toISOString(),
  due_at: job.dueAt.toISOString(),
  started_at: job.startedAt?.toISOString() ?? null,
  finished_at: job.finishedAt?.toISOString() ?? null,
});

export const eventView = (event: EventRecord): EventView => ({
  id: event.id,
  source: event.source,
  trigger: event.trigger,
  type: event.type ?? null,
  name: event.name ?? null,
  user_id: event.userId ?? null,
  anonymous_id: event.anonymousId ?? null,
  message_id: event.messageId ?? null,
  plan_error: event.planError ?? null,
  received_at: event.receivedAt.toISOString(),
  jobs: event.jobs.map(jobView),
});

/** Of what an admin API answered, the fields that are printed. */
export const jobOf = (job: JobView): JobView => ({
  id: job.id,
  event_id: job.event_id,
  destination: job.destination,
  action: job.action,
  status: job.status,
  attempt: job.attempt,
  error: job.error ? { code: job.error.code, message: job.error.message } : null,
  created_at: job.created_at,
  due_at: job.due_at,
  started_at: job.started_at,
  finished_at: job.finished_at,
});

export const eventOf = (event: EventView): EventView => ({
  id: event.id,
  source: event.source,
  trigger: event.trigger,
  type: event.type,
  name: event.name,
  user_id: event.user_id,
  anonymous_id: event.anonymous_id,
  message_id: event.message_id,
  plan_error: event.plan_error,
  received_at: event.received_at,
  jobs: event.jobs.map(jobOf),
});
