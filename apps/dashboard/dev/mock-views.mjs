// What the mock makes of it, in the shapes of the API.
import { events, makeEvent, makeJob, now, transitionsOf, uuid } from './mock-data.mjs';
import {
  bulks,
  fail,
  findEvents,
  findJobs,
  iso,
  jobs,
  lanes,
  note,
  openLane,
  page,
  rejections,
  summary,
} from './mock-state.mjs';

export function change(job, status) {
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

export function failures(query) {
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

export const destination = (name) => ({
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
export const triggers = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'batch'].map((name) => ({
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
  last_run: null,
}));
const runOf = (hours, state, fields = {}) => ({
  id: uuid(now),
  source: 'rest',
  trigger: 'nightly',
  scheduled_at: iso(now - hours * 3_600_000),
  started_at: iso(now - hours * 3_600_000),
  finished_at: state === 'lost' ? null : iso(now - hours * 3_600_000 + 1_240),
  state,
  by_hand: false,
  events: null,
  event_id: null,
  error: null,
  service_id: services[1].id,
  process: 'cdp-1:4711',
  ...fields,
});
const serviceOf = (service, port, fields = {}) => ({
  id: uuid(now),
  service,
  application: 'shop',
  host: 'cdp-1',
  pid: 4711,
  address: `http://127.0.0.1:${port}`,
  version: '0.1.0',
  started_at: iso(now - 7_300_000),
  seen_at: iso(now),
  gone: false,
  ...fields,
});
export const services = [
  serviceOf('gateway', 9090),
  serviceOf('scheduler', 9091),
  serviceOf('gateway', 9090, { host: 'cdp-2', pid: 12, gone: true, seen_at: iso(now - 400_000) }),
];
const refused = { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.0.0.7:5432' };
export const runs = [
  runOf(1, 'succeeded', { events: 12, event_id: uuid(now), by_hand: true }),
  runOf(22, 'failed', { error: refused }),
  runOf(46, 'succeeded', { events: 0 }),
  runOf(70, 'lost'),
];
triggers.push({
  last_run: runs[0],
  name: 'nightly',
  mode: { mode: 'cron', cron: { interval: '@daily', next_run_at: iso(now + 5_400_000) } },
  flows: [],
});
export const source = {
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
export const health = () => ({
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

export function overview() {
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

export function order(kind, where, rate) {
  const matching = kind === 'replay' || kind === 'purge' ? findEvents(where) : findJobs(where);
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
export function stream({ query, req, res }) {
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

export function user(id) {
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

export const setLane =
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
