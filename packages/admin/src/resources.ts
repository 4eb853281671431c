import type {
  Action,
  DeliveryError,
  Destination,
  EventRecord,
  JobRecord,
  LaneRow,
  RejectionRecord,
  Schedule,
  Source,
  StoreStats,
  Transition,
  Trigger,
  Versions,
} from '@fragment/core';

/** An event as lists show it: without what it carries. */
export const eventSummary = (event: EventRecord) => ({
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
  jobs: event.jobs.map((job) => jobSummary(job)),
  timestamp: event.timestamp,
  original_timestamp: event.originalTimestamp ?? null,
  sent_at: event.sentAt ?? null,
  received_at: event.receivedAt,
  parent_event_id: event.parentEventId ?? '',
});

/** An event with everything: `context` is what was kept apart from `data`, for a batch's item what the batch says once. */
export const eventResource = (event: EventRecord) => ({
  ...eventSummary(event),
  context: event.envelope === undefined ? null : parsed(event.envelope),
  data: parsed(event.data),
  jobs: event.jobs.map((job) => jobResource(job)),
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Written by hand or by another program: still better seen than hidden.
    return text;
  }
};

const jobSummary = (job: JobRecord, latest: TransitionView = latestOf(job)) => ({
  id: job.id,
  destination: job.destination,
  action: job.action,
  version: job.version ?? '',
  status: job.status,
  attempt: job.attempt,
  lost_leases: job.lostLeases,
  transitions: [latest],
  error: job.lastError ? errorResource(job.lastError) : null,
  created_at: job.createdAt,
  due_at: job.dueAt,
  started_at: job.startedAt ?? null,
  finished_at: job.finishedAt ?? null,
  event_id: job.eventId,
  parent_job_id: job.parentJobId ?? '',
});

/** A job with the data frozen for it; without such, it is mapped from its event when it is delivered. */
export const jobResource = (job: JobRecord, history: readonly Transition[] = []) => {
  const latest = history.at(-1);
  return { ...jobSummary(job, latest && transitionResource(latest)), data: job.data ?? null };
};

export const transitionResource = (transition: Transition) => ({
  id: transition.id,
  attempt: transition.attempt,
  state_before: transition.stateBefore,
  state_after: transition.stateAfter,
  error: transition.error ? errorResource(transition.error) : null,
  created_at: transition.createdAt,
  event_id: transition.eventId,
  job_id: transition.jobId,
});

type TransitionView = Omit<ReturnType<typeof transitionResource>, 'id'> & { readonly id: string | null };

/**
 * The latest transition as far as the job's own row tells it, so that a list need not read a history per job: it has
 * no id, and the state before is the one this status usually follows.
 */
function latestOf(job: JobRecord): TransitionView {
  return {
    id: null,
    attempt: job.attempt,
    state_before: stateBefore(job),
    state_after: job.status,
    error: job.lastError ? errorResource(job.lastError) : null,
    created_at: job.finishedAt ?? job.startedAt ?? job.createdAt,
    event_id: job.eventId,
    job_id: job.id,
  };
}

function stateBefore({ status, attempt, startedAt }: JobRecord): Transition['stateBefore'] {
  if (status === 'awaiting') return startedAt ? 'discarded' : 'acknowledged';
  if (status === 'executing') return attempt > 1 ? 'failed' : 'awaiting';
  return startedAt ? 'executing' : 'awaiting';
}

/** In the ancestor's form, with our code and what went over the wire. */
const errorResource = (error: DeliveryError) => ({
  statusCode: error.status ?? null,
  code: error.code,
  message: error.message,
  validations: [],
  request: error.request ?? null,
  response: error.response ?? null,
});

export const rejectionResource = (rejection: RejectionRecord) => ({
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
  received_at: rejection.receivedAt,
});

export const sourceSummary = (source: Source) => ({
  name: source.name,
  options: { ...source.options, ...versionsOf(source.versions) },
});

export const sourceResource = (source: Source) => ({
  ...sourceSummary(source),
  triggers: source.triggers.map(triggerResource),
});

export const triggerResource = (trigger: Trigger) => ({
  name: trigger.name,
  mode: modeOf(trigger),
  flows: (trigger.flows ?? []).map(({ name, enabled = true }) => ({ name, enabled })),
});

function modeOf(trigger: Trigger) {
  switch (trigger.mode) {
    case 'http': {
      const { methods, path, showMeta = false, showData = false } = trigger.route;
      return { mode: 'http', http: { methods, path, show_meta: showMeta, show_data: showData } };
    }
    case 'cron':
      return { mode: 'cron', cron: { interval: trigger.schedule } };
    case 'subscription':
      return { mode: 'sub', sub: { topic: trigger.topic, subscription: trigger.subscription ?? '' } };
    case 'cdc':
      return { mode: 'cdc' };
  }
}

export const destinationSummary = (destination: Destination, lanes: readonly LaneRow[]) => ({
  name: destination.name,
  accepts: destination.accepts ?? null,
  integrations: destination.integrations ?? [destination.name],
  ordering: destination.ordering ?? 'none',
  options: {
    ...destination.options,
    ...versionsOf(destination.versions),
    schedule: destination.schedule ? scheduleResource(destination.schedule) : null,
    limits: {
      concurrency: destination.limits?.concurrency ?? null,
      calls_per_second: destination.limits?.callsPerSecond ?? null,
      load_timeout_ms: destination.limits?.loadTimeoutMs ?? null,
    },
  },
  lane: laneOf(destination.name, lanes),
});

export const destinationResource = (destination: Destination, lanes: readonly LaneRow[]) => ({
  ...destinationSummary(destination, lanes),
  actions: destination.actions.map(actionResource),
});

/** `schedule: null` means that of the destination. */
export const actionResource = (action: Action) => ({
  name: action.name,
  schedule: action.schedule ? scheduleResource(action.schedule) : null,
  batch: { max_jobs: action.batch?.maxJobs ?? 1, max_bytes: action.batch?.maxBytes ?? null },
});

/** What is not set is null: the next one up decides, the default last. */
const scheduleResource = (schedule: Partial<Schedule>) => ({
  realtime: schedule.realtime ?? null,
  interval: schedule.interval ?? null,
  max_retries: schedule.maxRetries ?? null,
  max_age_ms: schedule.maxAgeMs ?? null,
});

export const laneResource = (lane: LaneRow) => ({
  destination: lane.destination,
  state: lane.state,
  reason: lane.reason ?? null,
  until: lane.until ?? null,
  failures: lane.failures,
  updated_at: lane.updatedAt,
});

/** A lane that nothing ever closed has no row: it is open. */
function laneOf(destination: string, lanes: readonly LaneRow[]) {
  const row = lanes.find((lane) => lane.destination === destination);
  return row
    ? laneResource(row)
    : { destination, state: 'open', reason: null, until: null, failures: 0, updated_at: null };
}

export const statsResource = (stats: StoreStats) => ({
  events: stats.events,
  rejections: stats.rejections,
  plan_errors: stats.planErrors,
  lanes: stats.lanes.map(({ destination, counts, oldestDueAt }) => ({
    destination,
    counts,
    oldest_due_at: oldestDueAt ?? null,
  })),
});

const versionsOf = (versions: Versions | undefined) => ({
  versions: versions?.supported ?? null,
  default_version: versions?.default ?? '',
});
