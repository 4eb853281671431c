import { parseSchedule, type RunRecord, type ServiceRecord, type Source } from '@fragment/core';

// What the commands print of schedules and of who runs them: what the admin API answers, under the same names.

/** A cron trigger, by the name of its source and its own. */
export interface ScheduleView {
  readonly source: string;
  readonly trigger: string;
  /** A cron pattern, in UTC, or `@daily`, `@every 20s`, ... */
  readonly interval: string;
  /** null: the pattern names no time that is still to come. */
  readonly next_run_at: string | null;
  readonly last_run: RunView | null;
}

export interface RunView {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  readonly scheduled_at: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly state: RunRecord['state'];
  readonly by_hand: boolean;
  /** How many it added, once it has succeeded. */
  readonly events: number | null;
  readonly event_id: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly service_id: string;
  /** `host:pid` of who ran it. */
  readonly process: string;
}

export interface ServiceView {
  readonly id: string;
  readonly service: ServiceRecord['service'];
  readonly application: string;
  readonly host: string;
  readonly pid: number;
  readonly address: string | null;
  readonly version: string | null;
  readonly started_at: string;
  readonly seen_at: string;
  /** It has not been heard of for 30 seconds. */
  readonly gone: boolean;
}

export const runView = (run: RunRecord): RunView => ({
  id: run.id,
  source: run.source,
  trigger: run.trigger,
  scheduled_at: run.scheduledAt.toISOString(),
  started_at: run.startedAt.toISOString(),
  finished_at: run.finishedAt?.toISOString() ?? null,
  state: run.state,
  by_hand: run.byHand,
  events: run.events ?? null,
  event_id: run.eventId ?? null,
  error: run.error ?? null,
  service_id: run.service,
  process: run.process,
});

/** @param last the newest run of each schedule. */
export const scheduleViews = (
  sources: readonly Source[],
  last: readonly RunRecord[],
  now: Date,
): readonly ScheduleView[] =>
  sources.flatMap(({ name: source, triggers }) =>
    triggers.flatMap((trigger) => {
      if (trigger.mode !== 'cron') return [];
      const run = last.find((one) => one.source === source && one.trigger === trigger.name);
      return [
        {
          source,
          trigger: trigger.name,
          interval: trigger.schedule,
          next_run_at: parseSchedule(trigger.schedule)?.next(now)?.toISOString() ?? null,
          last_run: run ? runView(run) : null,
        },
      ];
    }),
  );

export const serviceView = (service: ServiceRecord): ServiceView => ({
  id: service.id,
  service: service.service,
  application: service.application,
  host: service.host,
  pid: service.pid,
  address: service.address ?? null,
  version: service.version ?? null,
  started_at: service.startedAt.toISOString(),
  seen_at: service.seenAt.toISOString(),
  gone: service.gone,
});

/** The part of an admin API's answer about a source that tells of its schedules. */
export interface SourceAnswer {
  readonly name: string;
  readonly triggers: readonly {
    readonly name: string;
    readonly mode: {
      readonly cron?: { readonly interval: string; readonly next_run_at: string | null };
    };
    readonly last_run: RunView | null;
  }[];
}

export const schedulesOf = ({ name: source, triggers }: SourceAnswer): readonly ScheduleView[] =>
  triggers.flatMap(({ name: trigger, mode: { cron }, last_run }) => {
    if (!cron) return [];
    const { interval, next_run_at } = cron;
    return [{ source, trigger, interval, next_run_at, last_run }];
  });
