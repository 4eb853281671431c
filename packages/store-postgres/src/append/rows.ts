import type { PlannedEvent, PlannedJob } from '@fragment/core';
import { bigint, label, smallint, text, timestamp, uuid } from '../binding/arrays.js';
import { column } from '../binding/columns.js';

/** Whether an event is stored: always, when its key is new, or when one of its items is (a batch's parent). */
export const GATE = { always: 0, newKey: 1, newItem: 2 } as const;

/** One event of an append on its way to the tables. */
export interface EventRow {
  readonly event: PlannedEvent;
  readonly gate: number;
  /** Absent where the batch's parent holds it already. */
  readonly envelope: string | undefined;
}

export interface JobRow {
  readonly eventId: string;
  readonly job: PlannedJob;
}

export const eventColumns = [
  column('id', uuid, ({ event }: EventRow) => event.id),
  column('parent_event_id', uuid, ({ event }: EventRow) => event.parentEventId),
  column('source', label, ({ event }: EventRow) => event.source),
  column('trigger', label, ({ event }: EventRow) => event.trigger),
  column('version', label, ({ event }: EventRow) => event.version),
  column('type', label, ({ event }: EventRow) => event.type),
  column('message_id', label, ({ event }: EventRow) => event.messageId),
  column('user_id', label, ({ event }: EventRow) => event.userId),
  column('anonymous_id', label, ({ event }: EventRow) => event.anonymousId),
  column('name', label, ({ event }: EventRow) => event.name),
  column('timestamp', timestamp, ({ event }: EventRow) => event.timestamp),
  column('original_timestamp', timestamp, ({ event }: EventRow) => event.originalTimestamp),
  column('sent_at', timestamp, ({ event }: EventRow) => event.sentAt),
  column('received_at', timestamp, ({ event }: EventRow) => event.receivedAt),
  column('data', text, ({ event }: EventRow) => event.data),
  column('envelope', text, ({ envelope }: EventRow) => envelope),
  column('plan_error', label, ({ event }: EventRow) => event.planError),
  column('traceparent', label, ({ event }: EventRow) => event.traceparent),
];
export const gateColumn = column('gate', smallint, ({ gate }: EventRow) => gate);

export const keyColumns = [
  column('source', label, (event: PlannedEvent) => event.source),
  column('message_id', label, (event: PlannedEvent) => event.messageId),
  column('event_id', uuid, (event: PlannedEvent) => event.id),
];

/** Which item belongs to which parent, for the parents whose storing depends on it. */
export const familyColumns = [
  column('item', uuid, (event: PlannedEvent) => event.id),
  column('parent', uuid, (event: PlannedEvent) => event.parentEventId),
];

export const jobColumns = [
  column('event_id', uuid, ({ eventId }: JobRow) => eventId),
  column('seq', smallint, ({ job }: JobRow) => job.seq),
  column('destination', label, ({ job }: JobRow) => job.destination),
  column('action', label, ({ job }: JobRow) => job.action),
  column('version', label, ({ job }: JobRow) => job.version),
  column('data', text, ({ job }: JobRow) => (job.data === undefined ? undefined : JSON.stringify(job.data))),
  column('order_key', bigint, ({ job }: JobRow) => job.orderKey),
];
export const dueColumn = column('due_at', timestamp, ({ job }: JobRow) => job.dueAt);

/** A parent is never a duplicate by its own key: it stands and falls with its items. */
export const keyed = (event: PlannedEvent): boolean => event.messageId !== undefined && event.parent !== true;
