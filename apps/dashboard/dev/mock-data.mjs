// Made-up records in the shapes of the admin API, the same at every start.
const MINUTE = 60_000;
const names = ['Order Completed', 'Product Viewed', 'Signed Up', 'Plan Upgraded', 'Checkout Started'];
const people = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald', 'radia', 'ken'];
const actions = { amplitude: true, mailchimp: ['identify', 'track'], segment: true };

let seed = 7;
/** A number from 0 to 1 (linear congruential): the same sequence at every start. */
const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
const pick = (all) => all[Math.floor(random() * all.length)];
const hex = (length) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
const iso = (ms) => new Date(ms).toISOString();

/** A uuid that carries its time, as those of the gateway do. */
export function uuid(at) {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
}

const errors = {
  amplitude: {
    statusCode: 503,
    code: 'FRAGMENT_DELIVERY_TIMEOUT',
    message: 'The vendor did not answer within 10 s.',
    validations: [],
    request: '{"api_key":"***","events":[{"event_type":"Order Completed","user_id":"ada"}]}',
    response: null,
  },
  mailchimp: {
    statusCode: 400,
    code: 'INVALID_RESOURCE',
    message: "Please provide a valid email address: 'ada@example' is none.",
    validations: [],
    request: '{"email_address":"ada@example","status_if_new":"subscribed","merge_fields":{"FNAME":"Ada"}}',
    response:
      '{"type":"https://mailchimp.com/developer/errors","title":"Invalid Resource","status":400,"detail":"Please provide a valid email address.","instance":"f4c1"}',
  },
  segment: {
    statusCode: 429,
    code: 'RATE_LIMITED',
    message: 'Segment takes no more than 1,000 requests a second.',
    validations: [],
    request: '{"batch":[{"type":"track","event":"Order Completed"}]}',
    response: 'Too Many Requests',
  },
};

function statusOf(destination, age) {
  const chance = random();
  if (age < 4_000) return 'executing';
  if (destination === 'mailchimp') return chance < 0.3 ? 'discarded' : chance < 0.36 ? 'failed' : 'succeeded';
  if (destination === 'amplitude') return chance < 0.08 ? 'failed' : chance < 0.1 ? 'unknown' : 'succeeded';
  return chance < 0.05 ? 'failed' : chance < 0.1 ? 'awaiting' : 'succeeded';
}

export function makeEvent(at, { message, settled = true } = {}) {
  const id = uuid(at);
  const type = message?.type ?? pick(['identify', 'track', 'track', 'track', 'page']);
  const user = message?.userId ?? pick(people);
  const event = {
    id,
    source: 'rest',
    trigger: type,
    version: '',
    type,
    message_id: message?.messageId ?? `msg-${hex(12)}`,
    user_id: random() < 0.8 ? user : null,
    anonymous_id: `anon-${hex(8)}`,
    name: message?.event ?? (type === 'track' ? pick(names) : type === 'page' ? 'Pricing' : null),
    plan_error: random() < 0.01 ? 'Flow segmentflow.track threw: Cannot read properties of null' : null,
    jobs: [],
    timestamp: iso(at - 120),
    original_timestamp: iso(at - 320),
    sent_at: iso(at - 200),
    received_at: iso(at),
    ingested_at: iso(at + 4),
    parent_event_id: '',
    context: null,
  };
  event.data = message ?? {
    type,
    messageId: event.message_id,
    userId: event.user_id ?? undefined,
    anonymousId: event.anonymous_id,
    ...(type === 'track' && {
      event: event.name,
      properties: {
        revenue: 49.9,
        currency: 'EUR',
        items: [{ sku: 'A-1', quantity: 2 }],
        coupon: null,
        first: true,
      },
    }),
    ...(type === 'identify' && {
      traits: { email: `${user}@example.com`, firstName: user, plan: 'pro', age: 36 },
    }),
    ...(type === 'page' && {
      name: 'Pricing',
      properties: { url: 'https://shop.example/pricing', title: '<script>alert(1)</script>' },
    }),
    context: {
      ip: '203.0.113.9',
      library: { name: 'analytics.js', version: '4.1.0' },
      locale: 'en-GB',
      userAgent: 'Mozilla/5.0',
    },
    timestamp: event.timestamp,
  };
  for (const destination of Object.keys(actions)) {
    if (actions[destination] !== true && !actions[destination].includes(type)) continue;
    event.jobs.push(makeJob(event, event.jobs.length, destination, at, settled ? undefined : 'awaiting'));
  }
  return event;
}

export function makeJob(event, seq, destination, at, given) {
  const status = given ?? statusOf(destination, Date.now() - at);
  const failed = ['failed', 'discarded', 'unknown'].includes(status);
  const attempt = status === 'awaiting' ? 0 : failed ? (status === 'discarded' ? 1 : 3) : 1;
  const started = attempt > 0 ? at + 40 + random() * 200 : null;
  const finished = ['succeeded', 'failed', 'discarded', 'unknown'].includes(status)
    ? started + 60 + random() * 700
    : null;
  const job = {
    id: `${event.id}.${seq}`,
    destination,
    action: event.type,
    version: '',
    status,
    attempt,
    lost_leases: 0,
    error: failed ? errors[destination] : null,
    created_at: iso(at),
    due_at: iso(status === 'failed' ? Date.now() + 90_000 * random() + 4_000 : at),
    started_at: started && iso(started),
    finished_at: finished && iso(finished),
    event_id: event.id,
    parent_job_id: '',
    data: null,
  };
  job.transitions = transitionsOf(job).slice(-1);
  return job;
}

/** The history that leads to what the job's row says. */
export function transitionsOf(job) {
  const start = Date.parse(job.created_at);
  const all = [];
  const add = (state, at, attempt, error = null) =>
    all.push({
      id: `${job.id}.${all.length + 1}`,
      attempt,
      state_before: all.at(-1)?.state_after ?? null,
      state_after: state,
      error,
      exchange: state === 'succeeded' && job.event_id.at(-1) < '8' ? exchangeOf(job) : null,
      created_at: iso(at),
      event_id: job.event_id,
      job_id: job.id,
    });
  add('acknowledged', start, 0);
  add('awaiting', start + 3, 0);
  for (let attempt = 1; attempt <= job.attempt; attempt += 1) {
    const begun = start + 40 + (attempt - 1) * 21_000;
    add('executing', begun, attempt);
    const last = attempt === job.attempt;
    if (last && job.status === 'executing') break;
    add(
      last ? job.status : 'failed',
      begun + 180 + attempt * 90,
      attempt,
      last ? job.error : (job.error ?? errors.amplitude),
    );
  }
  return all;
}

/** Half of those that succeed have kept it. */
const exchangeOf = ({ action, id }) => ({
  status: 200,
  request: `POST /v1/${action}\n{"id":"${id}"}`,
  response: '{"ok":true}',
});

export const now = Date.now();
export const events = Array.from({ length: 260 }, (_, n) =>
  makeEvent(now - Math.floor(n * n * 900) - n * 1_500 - 5_000),
);
export const batch = {
  ...makeEvent(now - 3 * MINUTE),
  type: 'batch',
  trigger: 'batch',
  name: null,
  user_id: null,
  jobs: [],
};
for (const child of events.slice(3, 6)) {
  child.parent_event_id = batch.id;
  child.context = { integrations: { All: true }, context: { app: { name: 'shop' } } };
}
events.splice(30, 0, batch);
events.sort((a, b) => (a.id < b.id ? 1 : -1));

export function statistics(from, to, step) {
  const ingest = [];
  const delivery = [];
  const totals = {
    ingest: { stored: 0, duplicate: 0, refused: 0, ignored: 0, overloaded: 0, unavailable: 0 },
    delivery: {},
  };
  const ms = (load) => ({
    p50_ms: Math.round(70 * load),
    p95_ms: Math.round(310 * load),
    p99_ms: Math.round(900 * load),
  });
  for (let at = from; at < to; at += step) {
    const wave = (1.3 + Math.sin(at / 900_000) + 0.3 * Math.sin(at / 170_000)) * (step / MINUTE);
    const tally = (result, count) => {
      totals.ingest[result] += count;
      if (count) ingest.push({ at: iso(at), source: 'rest', type: 'track', result, count });
    };
    tally('stored', Math.round(410 * wave));
    tally('duplicate', Math.round(9 * wave));
    tally('refused', Math.round(4 * wave));
    for (const [n, destination] of Object.keys(actions).entries()) {
      const bad = destination === 'amplitude' && Math.sin(at / 700_000) > 0.8 ? 0.4 : 0.01;
      const all = Math.round((400 - n * 110) * wave);
      const counts = {
        failed: Math.round(all * bad),
        discarded: destination === 'mailchimp' ? Math.round(all * 0.12) : 0,
        unknown: 0,
      };
      counts.succeeded = all - counts.failed - counts.discarded;
      totals.delivery[destination] ??= {
        destination,
        succeeded: 0,
        failed: 0,
        discarded: 0,
        unknown: 0,
        ...ms(1 + n),
      };
      for (const [result, count] of Object.entries(counts)) {
        totals.delivery[destination][result] += count;
        if (count)
          delivery.push({
            at: iso(at),
            destination,
            action: 'track',
            result,
            count,
            ...ms((1 + n) * (1 + bad * 8) * (0.8 + wave / 12)),
          });
      }
    }
  }
  return {
    range: { from: iso(from), to: iso(to), step_ms: step },
    ingest,
    delivery,
    totals: { ingest: totals.ingest, delivery: Object.values(totals.delivery) },
  };
}
