import {
  parseSchedule,
  pathsOf,
  type Action,
  type Destination,
  type LaneRow,
  type RetentionPolicy,
  type RunRecord,
  type Schedule,
  type Source,
  type StoreStats,
  type Trigger,
  type Versions,
} from '@fragment/core';
import { appliedOf } from '../api/query.js';
import { runResource } from './running.js';

/** `last`: the newest run of each schedule. */
export const sourceSummary = (source: Source, last: readonly RunRecord[]) => ({
  name: source.name,
  options: { ...source.options, ...versionsOf(source.versions) },
  last_run: lastOf(last.filter((run) => run.source === source.name)),
});

export const sourceResource = (source: Source, now: Date, last: readonly RunRecord[]) => ({
  ...sourceSummary(source, last),
  triggers: source.triggers.map((trigger) =>
    triggerResource(
      trigger,
      now,
      last.find((run) => run.source === source.name && run.trigger === trigger.name),
    ),
  ),
});

export const triggerResource = (trigger: Trigger, now: Date, lastRun?: RunRecord) => ({
  name: trigger.name,
  mode: modeOf(trigger, now),
  flows: (trigger.flows ?? []).map(({ name, enabled = true }) => ({ name, enabled })),
  last_run: lastRun ? runResource(lastRun) : null,
});

/** The one that began last. */
function lastOf(runs: readonly RunRecord[]) {
  const [last] = runs.toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
  return last ? runResource(last) : null;
}

function modeOf(trigger: Trigger, now: Date) {
  switch (trigger.mode) {
    case 'http': {
      const { methods, showMeta = false, showData = false } = trigger.route;
      const paths = pathsOf(trigger.route);
      return {
        mode: 'http',
        http: { methods, path: paths[0] ?? '', paths, show_meta: showMeta, show_data: showData },
      };
    }
    case 'cron':
      return {
        mode: 'cron',
        cron: {
          interval: trigger.schedule,
          next_run_at: parseSchedule(trigger.schedule)?.next(now) ?? null,
        },
      };
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
export function laneOf(destination: string, lanes: readonly LaneRow[]) {
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

/** How long things are kept, in milliseconds; null: for ever. `policies`: events that are kept for a shorter time. */
export const retentionResource = (retention: RetentionPolicy) => ({
  events_ms: retention.eventsMs ?? null,
  rejections_ms: retention.rejectionsMs,
  dedup_ms: retention.dedupMs,
  statistics_ms: retention.statisticsMs,
  policies: (retention.policies ?? []).map(({ where, olderThanMs }) => ({
    where: appliedOf(where),
    older_than_ms: olderThanMs,
  })),
});

const versionsOf = (versions: Versions | undefined) => ({
  versions: versions?.supported ?? null,
  default_version: versions?.default ?? '',
});
