import type { RunRecord, ServiceRecord } from '@fragment/core';

export const runResource = (run: RunRecord) => ({
  id: run.id,
  source: run.source,
  trigger: run.trigger,
  scheduled_at: run.scheduledAt,
  started_at: run.startedAt,
  finished_at: run.finishedAt ?? null,
  state: run.state,
  by_hand: run.byHand,
  events: run.events ?? null,
  event_id: run.eventId ?? null,
  error: run.error ?? null,
  service_id: run.service,
  process: run.process,
});

export const serviceResource = (service: ServiceRecord) => ({
  id: service.id,
  service: service.service,
  application: service.application,
  host: service.host,
  pid: service.pid,
  address: service.address ?? null,
  version: service.version ?? null,
  started_at: service.startedAt,
  seen_at: service.seenAt,
  gone: service.gone,
});

/** The ancestor's lock of a trigger or an action. Who holds that of a cron trigger is who runs it at this moment. */
export function semaphoreResource(
  key: string,
  isApplicable: boolean,
  held?: { readonly run: RunRecord; readonly by: ServiceRecord | undefined },
) {
  return {
    key,
    is_applicable: isApplicable,
    is_acquired: held !== undefined,
    acquirer_name: held?.by?.application ?? null,
    acquirer_address: held ? (held.by?.address ?? held.run.process) : null,
    session_id: held?.run.service ?? null,
  };
}
