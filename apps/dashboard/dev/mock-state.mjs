// What the mock remembers, and how it is searched.
import { events, now, uuid } from './mock-data.mjs';

if (process.env.EMPTY) events.length = 0;
export const iso = (ms) => new Date(ms).toISOString();
export const missing = (code, message) => ({ statusCode: 404, code, message });
export const jobs = () => events.flatMap((event) => event.jobs);
export const lanes = new Map(
  ['amplitude', 'mailchimp', 'segment'].map((destination) => [destination, openLane(destination)]),
);
if (!process.env.EMPTY) {
  Object.assign(lanes.get('amplitude'), {
    state: 'tripped',
    reason: '12 of 20 calls failed within 30 s',
    until: iso(now + 45_000),
    failures: 2,
  });
  lanes.set('hubspot', openLane('hubspot'));
}
export const bulks = [];
export const receipts = [];
export const audit = [];
export const rejections = process.env.EMPTY
  ? []
  : Array.from({ length: 30 }, (_, n) => ({
      id: uuid(now - n * 400_000),
      source: 'rest',
      trigger: n % 3 ? 'track' : 'batch',
      index: n % 3 ? null : n % 5,
      message_id: n % 4 ? `msg-${n}` : null,
      type: n % 5 ? 'track' : null,
      code: n % 2 ? 'FRAGMENT_INGEST_INVALID' : 'FRAGMENT_INGEST_EVENT_TOO_LARGE',
      message:
        n % 2 ? 'The message does not keep to the specification.' : 'The event is larger than 32,768 bytes.',
      validations: n % 2 ? [{ message: 'event must be a text', path: ['body', 'event'] }] : [],
      data: n % 2 ? '{"type":"track","event":7,"userId":"ada"}' : '{"type":"track","event":"Ord',
      received_at: iso(now - n * 400_000),
    }));

export function openLane(destination) {
  return { destination, state: 'open', reason: null, until: null, failures: 0, updated_at: null };
}

export function note(action, target, count = null) {
  audit.unshift({
    id: uuid(Date.now()),
    at: iso(Date.now()),
    actor: 'local',
    action,
    target,
    count,
    outcome: 'ok',
  });
}

export const eventTests = {
  'events.ids_in': (e, v) => v.includes(e.id),
  'events.message_id': (e, [v]) => e.message_id === v,
  'events.user_id': (e, [v]) => e.user_id === v,
  'events.anonymous_id': (e, [v]) => e.anonymous_id === v,
  'events.name': (e, [v]) => e.name === v,
  'events.types_in': (e, v) => v.includes(e.type),
  'events.sources_in': (e, v) => v.includes(e.source),
  'events.triggers_in': (e, v) => v.includes(e.trigger),
  'events.parent_event_id': (e, [v]) => e.parent_event_id === v,
  'events.received_after': (e, [v]) => e.received_at >= v,
  'events.received_before': (e, [v]) => e.received_at < v,
  'events.plan_failed': (e, [v]) => (e.plan_error !== null) === (v === 'true'),
};
export const jobTests = {
  'jobs.ids_in': (j, v) => v.includes(j.id),
  'jobs.event_id': (j, [v]) => j.event_id === v,
  'jobs.status_in': (j, v) => v.includes(j.status),
  'jobs.destinations_in': (j, v) => v.includes(j.destination),
  'jobs.actions_in': (j, v) => v.includes(j.action),
  'jobs.error_code': (j, [v]) => j.error?.code === v,
  'jobs.min_attempts': (j, [v]) => j.attempt >= Number(v),
  'jobs.max_attempts': (j, [v]) => j.attempt <= Number(v),
};

/** [name, values] from a query or a body. */
export function entriesOf(where) {
  if (where instanceof URLSearchParams)
    return [...new Set(where.keys())].map((name) => [name, where.getAll(name)]);
  return Object.entries(where).map(([name, value]) => [name, Array.isArray(value) ? value : [String(value)]]);
}

export const all = (tests, entries, row) =>
  entries.every(([name, values]) => !tests[name] || tests[name](row, values));
export function findEvents(where) {
  const entries = entriesOf(where);
  const ofJobs = entries.filter(([name]) => name.startsWith('jobs.'));
  return events.filter(
    (event) =>
      all(eventTests, entries, event) &&
      (ofJobs.length === 0 || event.jobs.some((job) => all(jobTests, ofJobs, job))),
  );
}
export const findJobs = (where) =>
  events
    .filter((e) => all(eventTests, entriesOf(where), e))
    .flatMap((e) => e.jobs)
    .filter((j) => all(jobTests, entriesOf(where), j));

export function page(rows, query, shape = (row) => row) {
  const limit = Number(query.get('limit') ?? 100);
  const offset = Number(query.get('cursor') ?? query.get('offset') ?? 0);
  const next = offset + limit < rows.length ? String(offset + limit) : null;
  const where = Object.fromEntries(entriesOf(query));
  return {
    meta: { count: rows.length, count_is_capped: false, pagination: null, next_cursor: next, where },
    data: rows.slice(offset, offset + limit).map(shape),
  };
}

export const summary = ({ data: _data, context: _context, ...event }) => event;
export const eventOf = ({ params }) =>
  events.find(({ id }) => id === params.id) ??
  fail('FRAGMENT_ADMIN_EVENT_UNKNOWN', 'There is no such event.');
export const jobOf = ({ params }) =>
  jobs().find(({ id }) => id === params.id) ?? fail('FRAGMENT_ADMIN_JOB_UNKNOWN', 'There is no such job.');
export function fail(code, message) {
  throw missing(code, message);
}
