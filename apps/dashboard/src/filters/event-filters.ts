import type { FilterName } from './fields.js';

/** What events are searched by. */
export const eventSearch: readonly FilterName[] = [
  'events.user_id',
  'events.message_id',
  'events.anonymous_id',
  'events.name',
  'events.ids_in',
];

/** What lists of events can be restricted by. */
export const eventFields: readonly FilterName[] = [
  'events.types_in',
  'events.sources_in',
  'events.received_after',
  'events.received_before',
  'jobs.status_in',
  'jobs.destinations_in',
  'jobs.actions_in',
  'jobs.error_code',
  'events.plan_failed',
  'events.parent_event_id',
];
