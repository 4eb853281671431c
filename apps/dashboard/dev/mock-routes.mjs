// What the mock answers, by method and path below /api.
import { events, makeEvent, makeJob, now, statistics, transitionsOf, uuid } from './mock-data.mjs';
import {
  audit,
  bulks,
  eventOf,
  fail,
  findEvents,
  findJobs,
  iso,
  jobOf,
  jobs,
  lanes,
  note,
  page,
  receipts,
  rejections,
  summary,
} from './mock-state.mjs';
import {
  change,
  destination,
  failures,
  health,
  order,
  overview,
  runs,
  services,
  setLane,
  source,
  stream,
  triggers,
  user,
} from './mock-views.mjs';

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
      count: (body.kind === 'replay' || body.kind === 'purge' ? findEvents : findJobs)(body.where).length,
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
  'GET services': () => ({ data: services }),
  'GET sources/:id/triggers/:trigger/runs': ({ query }) => page(runs, query),
  'POST sources/:id/triggers/:trigger/run': () => ({ status: 202, data: runs[0] }),
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
        policies: [{ where: { 'events.types_in': ['page', 'screen'] }, older_than_ms: 2_592_000_000 }],
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
