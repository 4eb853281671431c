import { JOB_STATUSES, type EventFilter, type JobFilter, type PurgePolicy } from '@fragment/core';

/** `code`: a time or single ids; in a configuration that is JSON there is no sense in them. */
type FieldSchemas<T> = Readonly<Record<keyof T, object | 'code'>>;

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text, minItems: 1 };
const statuses = { type: 'array', items: { enum: JOB_STATUSES }, minItems: 1 };
const count = { type: 'integer', minimum: 0 };

const events: FieldSchemas<EventFilter> = {
  idsIn: 'code',
  sourcesIn: texts,
  sourcesNotIn: texts,
  triggersIn: texts,
  triggersNotIn: texts,
  versionsIn: texts,
  versionsNotIn: texts,
  receivedBefore: 'code',
  receivedAfter: 'code',
  typesIn: texts,
  messageId: 'code',
  userId: text,
  anonymousId: text,
  name: text,
  parentEventId: 'code',
  planFailed: { type: 'boolean' },
};
const jobs: FieldSchemas<JobFilter> = {
  eventId: 'code',
  idsIn: 'code',
  destinationsIn: texts,
  destinationsNotIn: texts,
  actionsIn: texts,
  actionsNotIn: texts,
  versionsIn: texts,
  versionsNotIn: texts,
  createdBefore: 'code',
  createdAfter: 'code',
  statusIn: statuses,
  statusNotIn: statuses,
  minAttempts: count,
  maxAttempts: count,
  errorCode: text,
};

const closed = (properties: object): object => ({ type: 'object', additionalProperties: false, properties });
const filterOf = (fields: Readonly<Record<string, object | 'code'>>): object =>
  closed(Object.fromEntries(Object.entries(fields).filter(([, schema]) => schema !== 'code')));

const policy: Readonly<Record<keyof PurgePolicy, object>> = {
  where: { ...closed({ events: filterOf(events), jobs: filterOf(jobs) }), minProperties: 1 },
  olderThanMs: { type: 'integer', minimum: 1, description: 'Milliseconds since they were received.' },
};

/** What `retention.policies` may be in a configuration that is JSON. */
export const policiesSchema = {
  type: 'array',
  items: { ...closed(policy), required: Object.keys(policy) },
  description: 'Events that are kept for a shorter time: those that match, once their jobs have ended.',
} as const;
