import { FragmentError, type EventFilter, type JobFilter, type Where } from '@fragment/core';
import type { FilterFlags } from '../flags.js';

/** The filter that the flags of a command mean. Times are those of the jobs, but for the age of events. */
export function whereOf(flags: FilterFlags): Where {
  const events = present<EventFilter>({
    sourcesIn: flags.source,
    triggersIn: flags.trigger,
    typesIn: flags.type,
    name: flags.name,
    userId: flags.user,
    anonymousId: flags.anonymous,
    messageId: flags.messageId,
    receivedBefore: flags.olderThan,
  });
  const jobs = present<JobFilter>({
    eventId: flags.event,
    destinationsIn: flags.destination,
    actionsIn: flags.action,
    statusIn: flags.status,
    errorCode: flags.errorCode,
    minAttempts: flags.minAttempts,
    maxAttempts: flags.maxAttempts,
    createdAfter: flags.since,
    createdBefore: flags.until,
  });
  const fields = Object.keys({ ...events, ...jobs });
  // Where an event is named, the store looks at nothing else: the others would be promised and not kept.
  if (flags.event !== undefined && fields.length > 1)
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: '--event goes without other filters.' });
  return { ...(events && { events }), ...(jobs && { jobs }) };
}

/** undefined when no field is set. */
function present<T extends object>(fields: { readonly [K in keyof T]?: T[K] | undefined }): T | undefined {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return set.length === 0 ? undefined : (Object.fromEntries(set) as T);
}

export const isEmpty = (where: Where): boolean => where.events === undefined && where.jobs === undefined;

/** What the admin API calls the fields. */
const PARAMETERS: Readonly<Record<string, string>> = {
  'events.sourcesIn': 'events.sources_in',
  'events.triggersIn': 'events.triggers_in',
  'events.typesIn': 'events.types_in',
  'events.name': 'events.name',
  'events.userId': 'events.user_id',
  'events.anonymousId': 'events.anonymous_id',
  'events.messageId': 'events.message_id',
  'events.receivedBefore': 'events.received_before',
  'jobs.eventId': 'jobs.event_id',
  'jobs.destinationsIn': 'jobs.destinations_in',
  'jobs.actionsIn': 'jobs.actions_in',
  'jobs.statusIn': 'jobs.status_in',
  'jobs.errorCode': 'jobs.error_code',
  'jobs.minAttempts': 'jobs.min_attempts',
  'jobs.maxAttempts': 'jobs.max_attempts',
  'jobs.createdAfter': 'jobs.created_after',
  'jobs.createdBefore': 'jobs.created_before',
};

type Parameter = readonly [name: string, value: string | number | readonly string[]];

/** The filter as the admin API takes it in a query or in the `where` of a body. */
export const parametersOf = (where: Where): readonly Parameter[] =>
  (['events', 'jobs'] as const).flatMap((of) =>
    Object.entries(where[of] ?? {}).map(([field, value]): Parameter => {
      const text = value instanceof Date ? value.toISOString() : (value as Parameter[1]);
      return [PARAMETERS[`${of}.${field}`] ?? field, text];
    }),
  );
