import { JOB_STATUSES, type EventFilter, type JobFilter } from '../contracts/filters.js';
import { nearest } from '../platform/nearest.js';
import type { Report } from './report.js';

type Kind = 'texts' | 'statuses' | 'text' | 'time' | 'count' | 'flag';

const FIELDS = {
  events: {
    idsIn: 'texts',
    sourcesIn: 'texts',
    sourcesNotIn: 'texts',
    triggersIn: 'texts',
    triggersNotIn: 'texts',
    versionsIn: 'texts',
    versionsNotIn: 'texts',
    receivedBefore: 'time',
    receivedAfter: 'time',
    typesIn: 'texts',
    messageId: 'text',
    userId: 'text',
    anonymousId: 'text',
    name: 'text',
    parentEventId: 'text',
    planFailed: 'flag',
  } satisfies Record<keyof EventFilter, Kind>,
  jobs: {
    eventId: 'text',
    idsIn: 'texts',
    destinationsIn: 'texts',
    destinationsNotIn: 'texts',
    actionsIn: 'texts',
    actionsNotIn: 'texts',
    versionsIn: 'texts',
    versionsNotIn: 'texts',
    createdBefore: 'time',
    createdAfter: 'time',
    statusIn: 'statuses',
    statusNotIn: 'statuses',
    minAttempts: 'count',
    maxAttempts: 'count',
    errorCode: 'text',
  } satisfies Record<keyof JobFilter, Kind>,
} as const;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isStatus = (value: unknown): boolean => JOB_STATUSES.some((status) => status === value);
/** An empty list of exceptions would match everything. */
const areAll = (value: unknown, is: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(is);

const KINDS: Readonly<Record<Kind, { readonly is: (value: unknown) => boolean; readonly must: string }>> = {
  texts: { is: (value) => areAll(value, isText), must: 'must be a list of texts that is not empty' },
  statuses: { is: (value) => areAll(value, isStatus), must: `must be a list of ${JOB_STATUSES.join(', ')}` },
  text: { is: isText, must: 'must be a text that is not empty' },
  time: { is: (value) => value instanceof Date && !Number.isNaN(value.getTime()), must: 'must be a Date' },
  count: {
    is: (value) => Number.isInteger(value) && Number(value) >= 0,
    must: 'must be a whole number, 0 or more',
  },
  flag: { is: (value) => typeof value === 'boolean', must: 'must be true or false' },
};

/**
 * Reports everything that is wrong with the policies of a purge. A field that does not exist is wrong as well: whoever
 * misspells a filter must not lose what it was to spare.
 */
export function checkPolicies(policies: unknown, at: readonly string[], report: Report): void {
  if (!Array.isArray(policies)) {
    report(at, 'must be a list');
    return;
  }
  for (const [index, policy] of policies.entries()) {
    const path = [...at, String(index)];
    if (!isObject(policy)) report(path, 'must be { where, olderThanMs }');
    else {
      const { where, olderThanMs, ...others } = policy;
      for (const name of Object.keys(others))
        report([...path, name], 'is not known; there are where, olderThanMs');
      if (!(typeof olderThanMs === 'number' && olderThanMs >= 1 && Number.isFinite(olderThanMs)))
        report([...path, 'olderThanMs'], 'must be 1 or more');
      checkWhere(where, [...path, 'where'], report);
    }
  }
}

function checkWhere(where: unknown, at: readonly string[], report: Report): void {
  const filters = isObject(where) ? Object.entries(where) : [];
  for (const [of, filter] of filters) {
    if (of !== 'events' && of !== 'jobs') report([...at, of], 'is not known; there are events, jobs');
    else if (isObject(filter)) checkFilter(filter, FIELDS[of], [...at, of], report);
    else report([...at, of], 'must be an object');
  }
  if (!filters.some(([, filter]) => isObject(filter) && Object.keys(filter).length > 0))
    report(at, 'must name a filter; retention.eventsMs is for all events');
}

function checkFilter(
  filter: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Kind>>,
  at: readonly string[],
  report: Report,
): void {
  for (const [name, value] of Object.entries(filter)) {
    const kind = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (kind === undefined) {
      const meant = nearest(name, Object.keys(fields));
      report([...at, name], `is not a filter${meant === undefined ? '' : `; did you mean ${meant}?`}`);
    } else if (!KINDS[kind].is(value)) report([...at, name], KINDS[kind].must);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
