import type { StoredEvent } from '@fragment/core';
import { defined } from './defined.js';

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
}

export const toStoredEvent = (row: EventSelectionRow): StoredEvent =>
  defined<StoredEvent>({
    id: row.event_id,
    parentEventId: row.parent_event_id,
    source: row.source,
    trigger: row.trigger,
    version: row.event_version,
    type: row.type,
    messageId: row.message_id,
    userId: row.user_id,
    anonymousId: row.anonymous_id,
    name: row.name,
    timestamp: row.timestamp,
    originalTimestamp: row.original_timestamp,
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    data: row.event_data,
    envelope: row.envelope,
    planError: row.plan_error,
  });
