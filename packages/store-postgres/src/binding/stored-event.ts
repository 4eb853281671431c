import type { StoredEvent } from '@fragment/core';

/** An event as every statement selects it: `e` is its row, `p` its batch's parent. */
export const EVENT_SELECTION = [
  'e.id as event_id',
  'e.parent_event_id',
  'e.source',
  'e.trigger',
  'e.version as event_version',
  'e.type',
  'e.message_id',
  'e.user_id',
  'e.anonymous_id',
  'e.name',
  'e.timestamp',
  'e.original_timestamp',
  'e.sent_at',
  'e.received_at',
  'e.data as event_data',
  'coalesce(e.envelope, p.envelope) as envelope',
  'e.plan_error',
  'e.traceparent',
] as const;

export interface EventSelectionRow {
  readonly event_id: string;
  readonly parent_event_id: string | null;
  readonly source: string;
  readonly trigger: string;
  readonly event_version: string | null;
  readonly type: string | null;
  readonly message_id: string | null;
  readonly user_id: string | null;
  readonly anonymous_id: string | null;
  readonly name: string | null;
  readonly timestamp: Date;
  readonly original_timestamp: Date | null;
  readonly sent_at: Date | null;
  readonly received_at: Date;
  readonly event_data: string;
  readonly envelope: string | null;
  readonly plan_error: string | null;
  readonly traceparent: string | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Field by field: one shape for all events, and no copy, on the way of every delivery. */
export function toStoredEvent(row: EventSelectionRow): StoredEvent {
  const event: Mutable<StoredEvent> = {
    id: row.event_id,
    source: row.source,
    trigger: row.trigger,
    timestamp: row.timestamp,
    receivedAt: row.received_at,
    data: row.event_data,
  };
  if (row.type !== null) event.type = row.type;
  if (row.message_id !== null) event.messageId = row.message_id;
  if (row.user_id !== null) event.userId = row.user_id;
  if (row.anonymous_id !== null) event.anonymousId = row.anonymous_id;
  if (row.name !== null) event.name = row.name;
  if (row.original_timestamp !== null) event.originalTimestamp = row.original_timestamp;
  if (row.sent_at !== null) event.sentAt = row.sent_at;
  if (row.parent_event_id !== null) event.parentEventId = row.parent_event_id;
  if (row.envelope !== null) event.envelope = row.envelope;
  if (row.event_version !== null) event.version = row.event_version;
  if (row.plan_error !== null) event.planError = row.plan_error;
  if (row.traceparent !== null) event.traceparent = row.traceparent;
  return event;
}
