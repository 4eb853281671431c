import type { Extraction, PlannedEvent, SubExtraction } from '../contracts/events.js';
import type { Flow, Source, Trigger } from '../contracts/source.js';
import { newId } from '../platform/toolkit.js';
import type { Planner } from './plan.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One request's events, the parent of a batch first. They are committed together. */
export interface Family {
  readonly events: readonly PlannedEvent[];
  /** Places of the batch's items in the request, in the order of `events` after the parent. */
  readonly indexes: readonly number[];
}

/** Makes the events of one extraction and plans their jobs. */
export function planFamily(
  planner: Planner,
  source: Source,
  trigger: Trigger,
  extraction: Extraction,
  receivedAt: Date,
  traceparent?: string,
): Family {
  const event = eventOf(source.name, trigger.name, extraction, receivedAt);
  if (traceparent !== undefined) event.traceparent = traceparent;
  if (!extraction.subEvents) {
    planInto(planner, event, trigger.flows ?? [], extraction);
    return { events: [event], indexes: [] };
  }
  event.parent = true;
  const events: PlannedEvent[] = [event];
  for (const item of extraction.subEvents) events.push(planItem(planner, source, trigger, item, event));
  return { events, indexes: extraction.subEvents.map((item) => item.index) };
}

function planItem(
  planner: Planner,
  source: Source,
  batch: Trigger,
  item: SubExtraction,
  parent: PlannedEvent,
): PlannedEvent {
  const trigger =
    item.trigger === undefined ? batch : (source.triggers.find((t) => t.name === item.trigger) ?? batch);
  const event = eventOf(source.name, trigger.name, item, parent.receivedAt);
  event.parentEventId = parent.id;
  if (parent.traceparent !== undefined) event.traceparent = parent.traceparent;
  const own = event.envelope;
  // Flows see the item as every reader will: with what the batch says for all. It is stored once, with the parent.
  if (own === undefined && parent.envelope !== undefined) event.envelope = parent.envelope;
  planInto(planner, event, trigger.flows ?? [], item);
  if (own === undefined) delete event.envelope;
  return event;
}

function planInto(
  planner: Planner,
  event: Mutable<PlannedEvent>,
  flows: readonly Flow[],
  from: Extraction,
): void {
  const plan = planner.plan(event, flows, from.actions);
  if ('error' in plan) event.planError = plan.error;
  else event.jobs = plan.jobs;
}

/** Optional fields are left out, not set to undefined: the rows of a commit stay small and of one shape. */
function eventOf(
  source: string,
  trigger: string,
  x: Omit<Extraction, 'subEvents'>,
  receivedAt: Date,
): Mutable<PlannedEvent> {
  const event: Mutable<PlannedEvent> = {
    id: newId(),
    source,
    trigger,
    timestamp: x.timestamp ?? receivedAt,
    receivedAt,
    data: typeof x.data === 'string' ? x.data : JSON.stringify(x.data),
    jobs: [],
  };
  if (x.version !== undefined) event.version = x.version;
  if (x.type !== undefined) event.type = x.type;
  if (x.messageId !== undefined) event.messageId = x.messageId;
  if (x.userId !== undefined) event.userId = x.userId;
  if (x.anonymousId !== undefined) event.anonymousId = x.anonymousId;
  if (x.name !== undefined) event.name = x.name;
  if (x.originalTimestamp !== undefined) event.originalTimestamp = x.originalTimestamp;
  if (x.sentAt !== undefined) event.sentAt = x.sentAt;
  if (x.context !== undefined) event.envelope = JSON.stringify(x.context);
  if (x.parsed !== undefined) event.parsed = x.parsed;
  else if (typeof x.data !== 'string') event.parsed = x.data;
  return event;
}
