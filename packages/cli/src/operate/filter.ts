import { FragmentError, type EventFilter, type JobFilter, type Where } from '@fragment/core';
import type { FilterFlags } from '../flags.js';

/** The filter that the flags of a command mean. Times, and the id of an event, are those of what the command is about. */
export function whereOf(flags: FilterFlags, of: 'events' | 'jobs' = 'jobs'): Where {
  const events = present<EventFilter>({
    ...(of === 'events' && {
      idsIn: flags.event === undefined ? undefined : [flags.event],
      receivedAfter: flags.since,
      receivedBefore: flags.olderThan ?? flags.until,
    }),
    sourcesIn: flags.source,
    triggersIn: flags.trigger,
    typesIn: flags.type,
    name: flags.name,
    userId: flags.user,
    anonymousId: flags.anonymous,
    messageId: flags.messageId,
    planFailed: flags.planFailed,
  });
  const jobs = present<JobFilter>({
    ...(of === 'jobs' && {
      eventId: flags.event,
      createdAfter: flags.since,
      createdBefore: flags.until,
    }),
    idsIn: flags.job,
    destinationsIn: flags.destination,
    actionsIn: flags.action,
    statusIn: flags.status,
    errorCode: flags.errorCode,
    minAttempts: flags.minAttempts,
    maxAttempts: flags.maxAttempts,
  });
  const fields = Object.keys({ ...events, ...jobs });
  // Where a job's event is named, the store looks at nothing else: the others would be promised and not kept.
  if (jobs?.eventId !== undefined && fields.length > 1)
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: '--event goes without other filters.' });
  return { ...(events && { events }), ...(jobs && { jobs }) };
}

/** undefined when no field is set. */
function present<T extends object>(fields: { readonly [K in keyof T]?: T[K] | undefined }): T | undefined {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return set.length === 0 ? undefined : (Object.fromEntries(set) as T);
}

export const isEmpty = (where: Where): boolean => where.events === undefined && where.jobs === undefined;

export type ParameterValue = string | number | boolean | readonly string[];
type Parameter = readonly [name: string, value: ParameterValue];

/** The filter as the admin API takes it in a query or in the `where` of a body. */
export const parametersOf = (where: Where): readonly Parameter[] =>
  (['events', 'jobs'] as const).flatMap((of) =>
    Object.entries(where[of] ?? {}).map(([field, value]): Parameter => {
      const told = value instanceof Date ? value.toISOString() : (value as ParameterValue);
      return [`${of}.${nameOf(field)}`, told];
    }),
  );

/** What the admin API calls a field: `sourcesNotIn` is `sources_notin`, `userId` is `user_id`. */
const nameOf = (field: string): string =>
  field.replace('NotIn', 'Notin').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What a person may have sent: the audit outlives an erasure. */
const PERSONAL = ['events.user_id', 'events.anonymous_id', 'events.message_id', 'events.name'];

/** A filter as the audit may keep it: of what people have sent it says only that it was looked for. */
export const auditTextOf = (where: Where): string =>
  parametersOf(where)
    .map(([name, value]) => (PERSONAL.includes(name) ? name : `${name}=${String(value)}`))
    .join(' ') || 'all';
