// What the mock answers, by method and path below /api.
import { events, makeEvent, makeJob, now, statistics, transitionsOf, uuid } from './mock-data.mjs';

if (process.env.EMPTY) events.length = 0;
const iso = (ms) => new Date(ms).toISOString();
const missing = (code, message) => ({ statusCode: 404, code, message });
const jobs = () => events.flatMap((event) => event.jobs);
const lanes = new Map(
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
const bulks = [];
const receipts = [];
const audit = [];
const rejections = process.env.EMPTY
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

function openLane(destination) {
  return { destination, state: 'open', reason: null, until: null, failures: 0, updated_at: null };
}

function note(action, target, count = null) {
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

const eventTests = {
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
const jobTests = {
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
function entriesOf(where) {
  if (where instanceof URLSearchParams)
    return [...new Set(where.keys())].map((name) => [name, where.getAll(name)]);
  return Object.entries(where).map(([name, value]) => [name, Array.isArray(value) ? value : [String(value)]]);
}

const all = (tests, entries, row) =>
  entries.every(([name, values]) => !tests[name] || tests[name](row, values));
function findEvents(where) {
  const entries = entriesOf(where);
  const ofJobs = entries.filter(([name]) => name.startsWith('jobs.'));
  return events.filter(
    (event) =>
      all(eventTests, entries, event) &&
      (ofJobs.length === 0 || event.jobs.some((job) => all(jobTests, ofJobs, job))),
  );
}
const findJobs = (where) =>
  events
    .filter((e) => all(eventTests, entriesOf(where), e))
    .flatMap((e) => e.jobs)
    .filter((j) => all(jobTests, entriesOf(where), j));

function page(rows, query, shape = (row) => row) {
  const limit = Number(query.get('limit') ?? 100);
  const offset = Number(query.get('cursor') ?? query.get('offset') ?? 0);
  const next = offset + limit < rows.length ? String(offset + limit) : null;
  const where = Object.fromEntries(entriesOf(query));
  return {
    meta: { count: rows.length, count_is_capped: false, pagination: null, next_cursor: next, where },
    data: rows.slice(offset, offset + limit).map(shape),
  };
}

const summary = ({ data: _data, context: _context, ...event }) => event;
const eventOf = ({ params }) =>
  events.find(({ id }) => id === params.id) ??
  fail('FRAGMENT_ADMIN_EVENT_UNKNOWN', 'There is no such event.');
const jobOf = ({ params }) =>
  jobs().find(({ id }) => id === params.id) ?? fail('FRAGMENT_ADMIN_JOB_UNKNOWN', 'There is no such job.');
function fail(code, message) {
  throw missing(code, message);
}

function change(job, status) {
  Object.assign(
    job,
    { status, due_at: iso(Date.now()) },
    status === 'awaiting' ? { attempt: 0, error: null, finished_at: null } : { finished_at: iso(Date.now()) },
  );
  job.transitions = transitionsOf(job).slice(-1);
  if (status === 'awaiting')
    setTimeout(
      () =>
        Object.assign(
          job,
          makeJob(
            events.find((e) => e.id === job.event_id),
            Number(job.id.split('.')[1]),
            job.destination,
            Date.parse(job.created_at),
            'succeeded',
          ),
          { finished_at: iso(Date.now()) },
        ),
      2_500,
    );
}

function failures(query) {
  const groups = new Map();
  for (const job of findJobs(query).filter(({ error }) => error)) {
    const key = [job.destination, job.action, job.status, job.error.code].join(' ');
    const group = groups.get(key) ?? {
      destination: job.destination,
      action: job.action,
      status: job.status,
      code: job.error.code,
      message: job.error.message,
      advice: job.error.code.startsWith('FRAGMENT')
        ? 'It is tried again by itself. If it lasts, look at the status page of the vendor.'
        : null,
      count: 0,
      first_at: job.created_at,
      last_at: job.created_at,
      sample_job_id: job.id,
    };
    groups.set(key, { ...group, count: group.count + 1, first_at: job.created_at });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

const destination = (name) => ({
  name,
  accepts: 'segment',
  integrations: [name[0].toUpperCase() + name.slice(1)],
  ordering: name === 'mailchimp' ? 'user' : 'none',
  options: {
    ...(name === 'mailchimp' && { list: 'a1b2c3', datacenter: 'us21', api_key: '***' }),
    versions: name === 'amplitude' ? { v2: null, v1: '2025-12-31' } : null,
    default_version: name === 'amplitude' ? 'v2' : '',
    schedule: { realtime: true, interval: null, max_retries: null, max_age_ms: 259_200_000 },
    limits: { concurrency: 32, calls_per_second: name === 'mailchimp' ? 10 : null, load_timeout_ms: 60_000 },
  },
  lane: lanes.get(name),
});
const triggers = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'batch'].map((name) => ({
  name,
  mode: {
    mode: 'http',
    http: {
      methods: ['POST'],
      path: `/v1/${name}`,
      paths: [`/v1/${name}`, `/v1/${name[0]}`],
      show_meta: false,
      show_data: false,
    },
  },
  flows: [{ name: 'segmentflow', enabled: true }],
}));
triggers.push({ name: 'nightly', mode: { mode: 'cron', cron: { interval: '@daily' } }, flows: [] });
const source = {
  name: 'rest',
  options: {
    prefix: '',
    showMeta: false,
    showData: false,
    strict: false,
    writeKeys: [
      { name: 'web', enabled: true },
      { name: 'ios', enabled: false },
    ],
    versions: null,
    default_version: '',
  },
};
const health = () => ({
  status: process.env.EMPTY ? 'ok' : 'degraded',
  checks: [
    { name: 'store', status: 'ok', message: null },
    { name: 'queue', status: 'ok', message: null },
    ...(process.env.EMPTY
      ? []
      : [
          {
            name: 'lane amplitude',
            status: 'warning',
            message: 'tripped: 12 of 20 calls failed within 30 s',
          },
        ]),
  ],
});

function overview() {
  const counted = (name) => {
    const counts = { awaiting: 0, executing: 0, succeeded: 0, failed: 0, discarded: 0, unknown: 0 };
    for (const job of jobs()) if (job.destination === name) counts[job.status] += 1;
    return name === 'hubspot' ? { ...counts, awaiting: 14 } : counts;
  };
  const rows = [...lanes.values()].map((lane) => {
    const counts = counted(lane.destination);
    const oldest = jobs().findLast((j) => j.destination === lane.destination && j.status === 'awaiting');
    return {
      ...lane,
      registered: lane.destination !== 'hubspot',
      counts,
      oldest_due_at: oldest?.due_at ?? null,
    };
  });
  return {
    lanes: rows,
    events: events.length,
    rejections: rejections.length,
    plan_errors: events.filter((e) => e.plan_error).length,
    health: health(),
  };
}

function order(kind, where, rate) {
  const matching = kind === 'replay' ? findEvents(where) : findJobs(where);
  const bulk = {
    id: uuid(Date.now()),
    kind,
    where,
    rate_per_second: rate ?? null,
    state: 'waiting',
    total: matching.length,
    total_is_capped: false,
    done: 0,
    visited: 0,
    actor: 'local',
    created_at: iso(Date.now()),
    started_at: null,
    finished_at: null,
    error: null,
  };
  bulks.unshift(bulk);
  const timer = setInterval(() => {
    if (bulk.state === 'waiting') Object.assign(bulk, { state: 'running', started_at: iso(Date.now()) });
    if (bulk.state !== 'running') return clearInterval(timer);
    bulk.visited = bulk.done = Math.min(bulk.total, bulk.done + (rate ?? 20));
    if (bulk.done >= bulk.total) Object.assign(bulk, { state: 'done', finished_at: iso(Date.now()) });
  }, 1_000);
  return bulk;
}

/** Lets events come in while somebody watches. */
function stream({ query, req, res }) {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (event) =>
    findEvents(query).includes(event) &&
    res.write(`event: event\nid: ${event.id}\ndata: ${JSON.stringify(summary(event))}\n\n`);
  const timer = setInterval(
    () => {
      const event = makeEvent(Date.now(), { settled: false });
      events.unshift(event);
      send(event);
      setTimeout(() => {
        event.jobs = event.jobs.map((job, seq) =>
          makeJob(
            event,
            seq,
            job.destination,
            Date.parse(event.received_at),
            Math.random() < 0.8 ? 'succeeded' : job.destination === 'mailchimp' ? 'discarded' : 'failed',
          ),
        );
        send(event);
      }, 700);
    },
    Number(process.env.EVENT_MS ?? 900),
  );
  req.on('close', () => clearInterval(timer));
}

function user(id) {
  const own = events.filter((e) => e.user_id === id || e.anonymous_id === id);
  if (own.length === 0) fail('FRAGMENT_ADMIN_USER_UNKNOWN', 'The store knows no such user.');
  const anonymous = [...new Set(own.map((e) => e.anonymous_id))].slice(0, 12);
  return {
    user_id: own[0].user_id,
    anonymous_ids: anonymous,
    events: own.length,
    events_is_capped: false,
    first_seen_at: own.at(-1).received_at,
    last_seen_at: own[0].received_at,
  };
}

const setLane =
  (state) =>
  ({ params, body }) => {
    Object.assign(lanes.get(params.id), openLane(params.id), {
      state,
      reason: body.reason ?? null,
      updated_at: iso(Date.now()),
    });
    note(state === 'open' ? 'lane.resume' : 'lane.pause', params.id);
    return { data: lanes.get(params.id) };
  };

export const routes = {
  'GET overview': () => ({ data: overview() }),
  'GET statistics': ({ query }) => ({
    data: process.env.EMPTY
      ? {
          ...statistics(0, 0, 1),
          range: { from: query.get('from'), to: query.get('to'), step_ms: Number(query.get('step_ms')) },
        }
      : statistics(
          Date.parse(query.get('from')),
          Math.min(Date.parse(query.get('to')), Date.now()),
          Number(query.get('step_ms')),
        ),
  }),
  'GET store/events': ({ query }) => page(findEvents(query), query, summary),
  'GET store/events/:id': (c) => ({ data: eventOf(c) }),
  'POST store/events/:id/replay': (c) => {
    const event = eventOf(c);
    const made = event.jobs
      .filter((j) => !j.parent_job_id)
      .slice(0, 3)
      .map((j, n) => makeJob(event, event.jobs.length + n, j.destination, Date.now(), 'awaiting'));
    event.jobs.push(...made);
    note('event.replay', event.id, made.length);
    return { data: { events: 1, jobs: made.length } };
  },
  'GET store/jobs': ({ query }) => page(findJobs(query), query),
  'GET store/jobs/:id': (c) => ({ data: jobOf(c) }),
  'GET store/jobs/:id/transitions': (c) => page(transitionsOf(jobOf(c)), c.query),
  'POST store/jobs/:id/retry': (c) => (
    change(jobOf(c), 'awaiting'),
    note('job.retry', c.params.id, 1),
    { data: { count: 1 } }
  ),
  'POST store/jobs/:id/discard': (c) => (
    change(jobOf(c), 'discarded'),
    note('job.discard', c.params.id, 1),
    { data: { count: 1 } }
  ),
  'GET store/rejections': ({ query }) => page(rejections, query),
  'GET store/failures': ({ query }) => ({
    data: failures(query).slice(0, Number(query.get('limit') ?? 100)),
  }),
  'GET store/stream': stream,
  'POST store/preview': ({ body }) => ({
    data: {
      kind: body.kind,
      count: (body.kind === 'replay' ? findEvents : findJobs)(body.where).length,
      count_is_capped: false,
    },
  }),
  'POST store/bulks': ({ body }) => (
    note('bulk.order', body.kind),
    { status: 202, data: order(body.kind, body.where, body.rate_per_second) }
  ),
  'GET store/bulks': ({ query }) => page(bulks, query),
  'GET store/bulks/:id': ({ params }) => ({
    data:
      bulks.find(({ id }) => id === params.id) ??
      fail('FRAGMENT_ADMIN_BULK_UNKNOWN', 'There is no such order.'),
  }),
  'POST store/bulks/:id/cancel': ({ params }) => ({
    data: Object.assign(
      bulks.find(({ id }) => id === params.id),
      { state: 'cancelled', finished_at: iso(Date.now()) },
    ),
  }),
  'POST store/purge': () => ({
    status: 202,
    meta: { where: { dedup_ms: 604_800_000 } },
    data: { events: 3, keys: 12, rejections: 0 },
  }),
  'GET lanes': () => ({ data: [...lanes.values()] }),
  'GET sources': () => ({ data: [source] }),
  'GET sources/:id': () => ({ data: { ...source, triggers } }),
  'GET destinations': () => ({ data: ['amplitude', 'mailchimp', 'segment'].map(destination) }),
  'GET destinations/:id': ({ params }) => ({
    data: {
      ...destination(params.id),
      actions: ['identify', 'track', 'page'].map((name) => ({
        name,
        schedule: null,
        batch: { max_jobs: 100, max_bytes: name === 'track' ? 512_000 : null },
      })),
    },
  }),
  'POST destinations/:id/pause': setLane('paused'),
  'POST destinations/:id/resume': setLane('open'),
  'POST destinations/:id/check': ({ params }) => ({
    data: { result: params.id === 'mailchimp' ? 'refused' : 'ok' },
  }),
  'POST test-events': ({ body }) => {
    const event = makeEvent(Date.now(), { message: body.message, settled: false });
    if (body.destination) event.jobs = event.jobs.filter((job) => job.destination === body.destination);
    events.unshift(event);
    setTimeout(() => event.jobs.forEach((job) => change(job, 'awaiting')), 300);
    return {
      data: {
        event_id: event.id,
        outcome: 'stored',
        jobs: event.jobs.map(({ id, destination: to, action }) => ({ id, destination: to, action })),
      },
    };
  },
  'GET users/:id': ({ params }) => ({ data: user(params.id) }),
  'POST users/:id/erase': ({ params }) => {
    const { events: count } = user(params.id);
    const receipt = {
      id: uuid(Date.now()),
      at: iso(Date.now()),
      actor: 'local',
      subject: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      events: count,
      jobs: count * 3,
      attempts: count,
      keys: count,
      rejections: 0,
    };
    receipts.unshift(receipt);
    for (let n = events.length - 1; n >= 0; n -= 1)
      if ([events[n].user_id, events[n].anonymous_id].includes(params.id)) events.splice(n, 1);
    note('user.erase', `receipt ${receipt.id}`, count);
    return { data: receipt };
  },
  'GET erasures': ({ query }) => page(receipts, query),
  'GET audit': ({ query }) => page(audit, query),
  'GET health': () => ({ data: health() }),
  'GET settings': () => ({
    data: [
      {
        name: 'POSTGRES_STORE_URL',
        value: 'postgres://fragment:***@db.internal/fragment',
        source: 'environment',
        secret: true,
      },
      { name: 'FRAGMENT_ADMIN_TOKEN', value: '***', source: 'environment', secret: true },
      { name: 'FRAGMENT_GATEWAY_PORT', value: '9090', source: 'default', secret: false },
      { name: 'retention.events', value: '90 days', source: 'option', secret: false },
    ],
  }),
  'GET options': () => ({
    data: {
      name: 'shop',
      store: { from: 'postgres' },
      queue: { from: 'bullmq' },
      sources: ['rest'],
      destinations: ['amplitude', 'mailchimp', 'segment'],
      retention: {
        events_ms: 7_776_000_000,
        rejections_ms: 604_800_000,
        dedup_ms: 2_592_000_000,
        statistics_ms: 7_776_000_000,
      },
      fragment: { version: '0.1.0' },
      node: { version: '20.20.2', environment: 'linux/x64' },
    },
  }),
  'GET wanderer/migrations': () => ({
    data: ['20260101000000', '20260214000000'].map((version) => ({
      id: version,
      version,
      scope: 'store',
      name: version.endsWith('1000000') ? 'init' : 'oversight',
      direction: 'up',
      transitions: [{ state_after: 'succeeded(up)', created_at: iso(now - 86_400_000) }],
      created_at: iso(now - 86_400_000),
    })),
  }),
};
