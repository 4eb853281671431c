// Takes the pictures of docs/dashboard from a running application with made-up senders and strict fakes of the vendors:
// `node scripts/docs-screenshots.mjs` after a build. It needs Chromium.
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';

const of = (file) => import(pathToFileURL(path.join(root, file)).href);
const { openScene } = await of('tests/dist/dashboard/scene.js');
const { withClockwork } = await of('tests/dist/dashboard/clockwork.js');
const { openOperator } = await of('tests/dist/dashboard/operator.js');
const { launchBrowser } = await of('tests/dist/wire/browser.js');
const { LATENCY_BOUNDS_MS } = await of('packages/core/dist/index.js');

const images = path.join(root, 'docs/images');
const MAX_BYTES = 150_000;
const names = ['ada', 'grace', 'katherine', 'dorothy', 'mary', 'annie', 'joan', 'hedy', 'radia', 'barbara'];
const things = ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed', 'Article Read'];

/** A morning in a shop: people who register with and without an address, and what they do. */
async function populate({ send, fragment, receiver }) {
  const context = { library: { name: 'analytics.js', version: '1.84.3' }, ip: '203.0.113.7' };
  const base = (n) => ({ userId: `user-${n}`, anonymousId: `anon-${n}`, context });
  for (const [n, name] of names.entries()) {
    const email = n % 3 === 2 ? {} : { email: `${name}@engines.example` };
    const traits = { firstName: name, plan: n % 2 === 0 ? 'pro' : 'free', ...email };
    await send('/v1/identify', { ...base(n), traits });
  }
  const tracks = Array.from({ length: 60 }, (_, n) => ({
    type: 'track',
    ...base(n % names.length),
    event: things[n % things.length],
    properties: { total: 10 + n, currency: 'EUR', products: [{ sku: `sku-${n}`, price: 10 + n }] },
  }));
  await send('/v1/batch', { batch: tracks.slice(0, 40) });
  // The receiver of webhooks has a bad moment.
  receiver.script({ status: 503, body: 'upstream is restarting', times: 12 });
  await send('/v1/batch', { batch: tracks.slice(40) });
  await send('/v1/track', { event: 'Nobody did this' });
  await send('/v1/page', { userId: 'user-1', name: 7 });
  await send('/v1/track', '{"userId":"user-1","event":');
  for (const trigger of ['report', 'quiet', 'broken'])
    await fragment.operations.runTrigger({ source: 'clock', trigger });
  await settle(fragment.operations);
  await fragment.app.store.addStatistics(lastHour());
}

/** What an operator did this morning, over the API, so that the audit tells it. */
async function order({ dashboard }) {
  const where = { 'jobs.destinations_in': ['mailchimp'], 'jobs.status_in': ['discarded'] };
  const post = (below, body) =>
    fetch(`${dashboard}/api${below}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post('/destinations/segment/pause', { reason: 'moving to another workspace' });
  await post('/destinations/amplitude/check', {});
  await post('/users/user-9/erase', { confirm: 'user-9' });
  await post('/store/bulks', { kind: 'retry', where, rate_per_second: 1 });
}

/** Until nothing runs. */
async function settle(operations) {
  for (;;) {
    const running = await operations.findJobs(
      { jobs: { statusIn: ['awaiting', 'executing'] } },
      { limit: 1 },
    );
    if (running.count === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** An application that has just started has no past: what charts show is told to it. */
function lastHour() {
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  return Array.from({ length: 58 }, (_, ago) => {
    const minute = new Date(now - (ago + 1) * 60_000);
    const count = Math.round(240 + 90 * Math.sin(ago / 7) + 25 * Math.cos(ago * 2));
    const delivered = (destination, action, share, result, ms) => ({
      minute,
      of: 'delivery',
      destination,
      action,
      result,
      count: Math.round(count * share),
      latency: LATENCY_BOUNDS_MS.concat(Infinity).map((bound, bucket, bounds) =>
        bound >= ms && (bounds[bucket - 1] ?? 0) < ms ? Math.round(count * share) : 0,
      ),
    });
    return [
      { minute, of: 'ingest', source: 'rest', type: 'track', result: 'stored', count },
      {
        minute,
        of: 'ingest',
        source: 'rest',
        type: 'identify',
        result: 'stored',
        count: Math.round(count / 9),
      },
      delivered('amplitude', 'track', 1, 'succeeded', 180 + ago),
      delivered('segment', 'track', 0.97, 'succeeded', 90),
      delivered('mailchimp', 'identify', 0.1, 'succeeded', 620),
      delivered('mailchimp', 'identify', 0.03, 'discarded', 20),
      delivered('webhook', 'track', 0.9, 'succeeded', 60),
      delivered('webhook', 'track', ago % 11 < 3 ? 0.1 : 0, 'failed', 110),
    ];
  }).flat();
}

/** Name of the picture, and the address of what it shows. */
async function screensOf({ operations }) {
  const first = async (where) => (await operations.findJobs(where, { limit: 1 })).items[0];
  const discarded = await first({ jobs: { statusIn: ['discarded'], destinationsIn: ['mailchimp'] } });
  return {
    overview: '/',
    live: '/live',
    events: '/events',
    event: `/events/${discarded.eventId}`,
    jobs: '/jobs',
    job: `/jobs/${discarded.id}`,
    failures: '/failures',
    orders: '/orders',
    rejections: '/rejections',
    sources: '/sources/rest',
    schedules: '/sources/clock',
    destinations: '/destinations',
    destination: '/destinations/segment',
    users: '/users?id=user-3',
    audit: '/audit',
    health: '/health',
  };
}

const scene = await openScene({ sources: withClockwork() });
const browser = await launchBrowser();
try {
  await populate(scene);
  await order(scene);
  const operator = await openOperator(browser, scene.dashboard);
  await operator.page.setViewportSize({ width: 1280, height: 640 });
  mkdirSync(images, { recursive: true });
  for (const [name, below] of Object.entries(await screensOf(scene.fragment))) {
    await operator.goTo(below);
    if (name === 'live') {
      // It shows what comes in while it is looked at.
      for (const n of [1, 2, 4]) {
        await scene.send('/v1/track', {
          userId: `user-${n}`,
          event: 'Order Completed',
          properties: { total: n },
        });
      }
      await operator.page.getByText('Order Completed').nth(2).waitFor();
    }
    await operator.page.waitForTimeout(700);
    const file = path.join(images, `${name}.png`);
    await operator.page.screenshot({ path: file, animations: 'disabled' });
    const { size } = statSync(file);
    if (size > MAX_BYTES) {
      console.error(`${file} has ${size} bytes, of ${MAX_BYTES}`);
      process.exitCode = 1;
    }
  }
  for (const complaint of operator.complaints) console.error(complaint);
  await operator.stop();
} finally {
  await browser.close();
  await scene.stop();
}
