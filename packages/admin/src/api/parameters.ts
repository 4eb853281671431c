import { JOB_STATUSES, type Where } from '@fragment/core';

/** What a query parameter may hold. A `list` is repeated; the others are given once. */
export type ParameterKind =
  'list' | 'statuses' | 'text' | 'time' | 'count' | 'flag' | 'limit' | 'step' | 'format';

export interface Parameter {
  readonly kind: ParameterKind;
  /** Its field of the filter; parameters without one belong to the page. */
  readonly field?:
    { readonly of: 'events'; readonly name: EventField } | { readonly of: 'jobs'; readonly name: JobField };
  /** Another accepted spelling, and the name under which it is known. */
  readonly aliasOf?: string;
}

type EventField = keyof NonNullable<Where['events']>;
type JobField = keyof NonNullable<Where['jobs']>;

const ofEvents = (kind: ParameterKind, name: EventField): Parameter => ({
  kind,
  field: { of: 'events', name },
});
const ofJobs = (kind: ParameterKind, name: JobField): Parameter => ({ kind, field: { of: 'jobs', name } });

/** Paging: an offset as the ancestor has it, or the cursor of the page before, which stays quick however deep. */
export const pageParameters: Readonly<Record<string, Parameter>> = {
  offset: { kind: 'count' },
  limit: { kind: 'limit' },
  cursor: { kind: 'text' },
};

/** Paging of a list that is cut here. */
export const offsetParameters: Readonly<Record<string, Parameter>> = {
  offset: { kind: 'count' },
  limit: { kind: 'limit' },
};

/** A span of time, in steps of so many milliseconds. */
export const rangeParameters: Readonly<Record<string, Parameter>> = {
  from: { kind: 'time' },
  to: { kind: 'time' },
  step_ms: { kind: 'step' },
};

/** Every filter of events and jobs. The names are the ancestor's, and ours in its manner. */
export const filterParameters: Readonly<Record<string, Parameter>> = {
  'events.ids_in': ofEvents('list', 'idsIn'),
  'events.sources_in': ofEvents('list', 'sourcesIn'),
  'events.sources_notin': ofEvents('list', 'sourcesNotIn'),
  'events.triggers_in': ofEvents('list', 'triggersIn'),
  'events.triggers_notin': ofEvents('list', 'triggersNotIn'),
  'events.versions_in': ofEvents('list', 'versionsIn'),
  'events.versions_notin': ofEvents('list', 'versionsNotIn'),
  'events.received_before': ofEvents('time', 'receivedBefore'),
  'events.received_after': ofEvents('time', 'receivedAfter'),
  'events.types_in': ofEvents('list', 'typesIn'),
  'events.message_id': ofEvents('text', 'messageId'),
  'events.user_id': ofEvents('text', 'userId'),
  'events.anonymous_id': ofEvents('text', 'anonymousId'),
  'events.name': ofEvents('text', 'name'),
  'events.parent_event_id': ofEvents('text', 'parentEventId'),
  'events.plan_failed': ofEvents('flag', 'planFailed'),
  'jobs.event_id': ofJobs('text', 'eventId'),
  'jobs.ids_in': ofJobs('list', 'idsIn'),
  'jobs.destinations_in': ofJobs('list', 'destinationsIn'),
  'jobs.destinations_notin': ofJobs('list', 'destinationsNotIn'),
  'jobs.actions_in': ofJobs('list', 'actionsIn'),
  'jobs.actions_notin': ofJobs('list', 'actionsNotIn'),
  'jobs.versions_in': ofJobs('list', 'versionsIn'),
  'jobs.versions_notin': ofJobs('list', 'versionsNotIn'),
  'jobs.created_before': ofJobs('time', 'createdBefore'),
  'jobs.created_after': ofJobs('time', 'createdAfter'),
  'jobs.error_code': ofJobs('text', 'errorCode'),
  'jobs.status_in': ofJobs('statuses', 'statusIn'),
  'jobs.status_notin': ofJobs('statuses', 'statusNotIn'),
  'jobs.min_attempts': ofJobs('count', 'minAttempts'),
  'jobs.max_attempts': ofJobs('count', 'maxAttempts'),
  'transitions.status_in': { kind: 'statuses', aliasOf: 'jobs.status_in' },
  'transitions.status_notin': { kind: 'statuses', aliasOf: 'jobs.status_notin' },
  'transitions.min_attempts': { kind: 'count', aliasOf: 'jobs.min_attempts' },
  'transitions.max_attempts': { kind: 'count', aliasOf: 'jobs.max_attempts' },
};

/** NUL cannot be compared in a database's text, and no name is this long. */
const text = { type: 'string', minLength: 1, maxLength: 512, pattern: '^[^\\u0000]*$' };
const list = (items: object): object => ({ type: 'array', minItems: 1, maxItems: 100, items });

/** The JSON Schema of one parameter, over the strings of the query. */
export const schemaOf: Readonly<Record<ParameterKind, object>> = {
  list: list(text),
  statuses: list({ enum: [...JOB_STATUSES] }),
  text,
  time: { type: 'string', format: 'instant' },
  count: { type: 'string', pattern: '^[0-9]{1,9}$' },
  limit: { type: 'string', pattern: '^0*[1-9][0-9]{0,8}$' },
  step: { type: 'string', pattern: '^[1-9][0-9]{0,11}$' },
  flag: { enum: ['true', 'false'] },
  format: { enum: ['csv', 'ndjson'] },
};

/** What a reader of an error needs to know of a parameter. */
export const meaningOf: Readonly<Record<ParameterKind, string>> = {
  list: 'must be a name; repeat the parameter for several, at most 100',
  statuses: `must be one of ${JOB_STATUSES.join(', ')}; repeat the parameter for several`,
  text: 'must be given once, with 1 to 512 characters',
  time: 'must be given once, as 2026-01-31T23:59:59Z or 2026-01-31 23:59:59 (UTC)',
  count: 'must be given once, as a whole number',
  limit: 'must be given once, as a whole number above 0; more than 500 counts as 500',
  step: 'must be given once, as a whole number of milliseconds',
  flag: 'must be given once, as true or false',
  format: 'must be given once, as csv or ndjson',
};

export const isList = (kind: ParameterKind): boolean => kind === 'list' || kind === 'statuses';
