import type { EventFilter, JobFilter, JobStatus, Where } from '@fragment/core';
import type { Knex } from 'knex';
import { isUuid, withoutNul } from '../binding/arrays.js';
import { parseJobIds } from '../binding/ids.js';
import { FINISHED, STATUS, WITH_ERROR } from '../binding/statuses.js';

type Query = Knex.QueryBuilder;

/** What a list is compared with: its column, and the list as the column holds it. */
const oneOf = (query: Query, column: string, list: readonly string[] | undefined): void => {
  if (list !== undefined) void query.whereIn(column, list.map(withoutNul));
};

/** An absent value is none of the list. */
const noneOf = (query: Query, column: string, list: readonly string[] | undefined): void => {
  if (list === undefined || list.length === 0) return;
  const values = list.map(withoutNul);
  void query.where((either) => {
    void either.whereNull(column).orWhereNotIn(column, values);
  });
};

const equal = (query: Query, column: string, value: string | undefined): void => {
  if (value !== undefined) void query.where(column, withoutNul(value));
};

const numbers = (statuses: readonly JobStatus[]): number[] =>
  statuses.flatMap((status) => (status in STATUS ? [STATUS[status]] : []));

const RECEIPT_SLACK_MS = 3_600_000;

/**
 * Between which ids the events of a span of time are: ids are made right after the receipt and begin with their time, so
 * whatever is older or newer need not be looked at. An hour is left on both sides for clocks that are set.
 */
export function restrictIds(
  query: Query,
  column: 'e.id' | 'j.event_id',
  { receivedAfter, receivedBefore }: EventFilter,
): void {
  if (receivedAfter) void query.where(column, '>=', firstIdAt(receivedAfter.getTime() - RECEIPT_SLACK_MS));
  if (receivedBefore) void query.where(column, '<', firstIdAt(receivedBefore.getTime() + RECEIPT_SLACK_MS));
}

/** The smallest that an id of this millisecond can be. */
function firstIdAt(ms: number): string {
  const hex = Math.min(Math.max(0, ms), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** `e` is the event. Columns are written here and nowhere taken from outside. */
export function restrictEvents(query: Query, f: EventFilter = {}): void {
  if (f.idsIn !== undefined) void query.whereIn('e.id', f.idsIn.filter(isUuid));
  oneOf(query, 'e.source', f.sourcesIn);
  noneOf(query, 'e.source', f.sourcesNotIn);
  oneOf(query, 'e.trigger', f.triggersIn);
  noneOf(query, 'e.trigger', f.triggersNotIn);
  oneOf(query, 'e.version', f.versionsIn);
  noneOf(query, 'e.version', f.versionsNotIn);
  oneOf(query, 'e.type', f.typesIn);
  equal(query, 'e.message_id', f.messageId);
  equal(query, 'e.user_id', f.userId);
  equal(query, 'e.anonymous_id', f.anonymousId);
  equal(query, 'e.name', f.name);
  equal(query, 'e.parent_event_id', f.parentEventId);
  if (f.receivedBefore) void query.where('e.received_at', '<', f.receivedBefore);
  if (f.receivedAfter) void query.where('e.received_at', '>', f.receivedAfter);
  restrictIds(query, 'e.id', f);
  if (f.planFailed !== undefined)
    void (f.planFailed ? query.whereNotNull('e.plan_error') : query.whereNull('e.plan_error'));
}

const CREATED_AT = 'coalesce(j.renewed_at, j.created_at, e.received_at)';

/** `j` is the job, `e` its event. */
export function restrictJobs(query: Query, f: JobFilter = {}): void {
  if (f.eventId !== undefined) {
    void query.where('j.event_id', f.eventId);
    return;
  }
  if (f.idsIn !== undefined) {
    const keys = parseJobIds(f.idsIn).map(({ eventId, seq }) => [eventId, seq]);
    void (keys.length > 0 ? query.whereIn(['j.event_id', 'j.seq'], keys) : query.whereRaw('false'));
  }
  oneOf(query, 'j.destination', f.destinationsIn);
  noneOf(query, 'j.destination', f.destinationsNotIn);
  oneOf(query, 'j.action', f.actionsIn);
  noneOf(query, 'j.action', f.actionsNotIn);
  oneOf(query, 'j.version', f.versionsIn);
  noneOf(query, 'j.version', f.versionsNotIn);
  if (f.createdBefore) void query.whereRaw(`${CREATED_AT} < ?`, [f.createdBefore]);
  if (f.createdAfter) void query.whereRaw(`${CREATED_AT} > ?`, [f.createdAfter]);
  if (f.statusIn) restrictStatus(query, f.statusIn);
  if (f.statusNotIn) void query.whereNotIn('j.status', numbers(f.statusNotIn));
  if (f.minAttempts !== undefined) void query.where('j.attempt', '>=', f.minAttempts);
  if (f.maxAttempts !== undefined) void query.where('j.attempt', '<=', f.maxAttempts);
  equal(query, 'j.reason', f.errorCode);
}

/** What the jobs of an event may have ended as, by the statuses that a filter names; undefined when it names none. */
export function statusesLeft({ statusIn, statusNotIn = [] }: JobFilter = {}): number[] | undefined {
  if (statusIn === undefined && statusNotIn.length === 0) return undefined;
  const ended = statusIn ?? [...FINISHED];
  return numbers(ended.filter((status) => FINISHED.has(status) && !statusNotIn.includes(status)));
}

/** With what lets the small indexes answer: of unfinished jobs, and of those that did not succeed. */
function restrictStatus(query: Query, statuses: readonly JobStatus[]): void {
  if (statuses.every((status) => WITH_ERROR.has(status))) {
    notSucceeded(query, statuses);
    return;
  }
  if (statuses.every((status) => !FINISHED.has(status))) void query.whereNull('j.finished_at');
  void query.whereIn('j.status', numbers(statuses));
}

/**
 * Jobs of statuses that have an error. The index of errors knows which of them were discarded and when; of the others
 * the rows are read. The planner takes status, end and error for independent, expects a few of what are many, and sorts
 * them all. Of a `case` it knows nothing and expects half.
 */
export function notSucceeded(query: Query, statuses: readonly JobStatus[]): void {
  const discarded = statuses.filter((status) => status === 'discarded').length;
  void query.whereNotNull('j.reason');
  if (discarded === 0) void query.whereNull('j.discarded_at');
  if (discarded > 0 && discarded === statuses.length)
    void query.whereRaw('case when j.discarded_at is not null then true else false end');
  else
    void query.whereRaw('case when j.status = any(?::smallint[]) then true else false end', [
      numbers(statuses),
    ]);
}

/** Is there anything in the filter that no row can have? The database would answer it with an error. */
export function isImpossible({ events = {}, jobs = {} }: Where): boolean {
  const ids = [events.parentEventId, jobs.eventId];
  const times = [events.receivedBefore, events.receivedAfter, jobs.createdBefore, jobs.createdAfter];
  const counts = [jobs.minAttempts, jobs.maxAttempts];
  return (
    ids.some((id) => id !== undefined && !isUuid(id)) ||
    times.some((time) => time !== undefined && Number.isNaN(time.getTime())) ||
    counts.some((count) => count !== undefined && (!Number.isFinite(count) || Math.abs(count) > 2 ** 31 - 1))
  );
}
