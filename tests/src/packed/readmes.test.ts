import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  removeDirectory,
  requiring,
  scratchDirectory,
  startFakeAmplitude,
  startFakeMailchimp,
  startFakeSegment,
  startFakeVendor,
  startFakeWebhook,
  testPostgres,
  testRedis,
  type TestPostgres,
} from '@fragment/testing';
import { Client } from 'pg';
import { compile, project, runs, usageOf } from './readmes.js';
import { packages, root } from './tarballs.js';

const describeWithRedis = await requiring('redis', describe);

const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;
const token = randomBytes(16).toString('hex');

let scratch: string;
let database: TestPostgres;
let faults: string;
let amplitude: Awaited<ReturnType<typeof startFakeAmplitude>>;
let mailchimp: Awaited<ReturnType<typeof startFakeMailchimp>>;
let segment: Awaited<ReturnType<typeof startFakeSegment>>;
let webhook: Awaited<ReturnType<typeof startFakeWebhook>>;
let vendor: Awaited<ReturnType<typeof startFakeVendor>>;

/** What a reader's machine has, and a vendor's address where the reader would have the vendor. */
const replaced: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  admin: [['port: 9091', 'port: 0']],
  'destination-amplitude': [['amplitude({ ', 'amplitude({ endpoint: process.env.VENDOR_URL ?? "", ']],
  'destination-mailchimp': [['mailchimp({', 'mailchimp({ endpoint: process.env.VENDOR_URL ?? "", ']],
  'destination-segment': [['segment({ ', 'segment({ endpoint: process.env.VENDOR_URL ?? "", ']],
  'destination-webhook': [['webhook({', 'webhook({ allowHttp: true, allow: ["127.0.0.1"], ']],
  gateway: [['port: 9090', 'port: 0']],
  'http-client': [
    ["baseUrl: 'https://api.vendor.com/v2'", 'baseUrl: process.env.VENDOR_URL ?? "", allowPrivate: true'],
  ],
  'http-server': [['port: 8080', 'port: 0']],
  scheduler: [['port: 9091', 'port: 0']],
};

const programOf = (name: string): string =>
  (replaced[name] ?? []).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The usage of ${name} has no ${from} any more.`);
    return text.replace(from, to);
  }, usageOf(name));

beforeAll(async () => {
  scratch = await scratchDirectory();
  project(scratch, {
    pg: 'tests',
    '@types/pg': 'tests',
    '@types/node': 'tests',
    '@opentelemetry/api': 'packages/tracing-opentelemetry',
    '@opentelemetry/sdk-trace-base': 'packages/tracing-opentelemetry',
  });
  faults = compile(scratch, Object.fromEntries(packages.map((name) => [name, programOf(name)])));
  [database, amplitude, mailchimp, segment, webhook, vendor] = await Promise.all([
    testPostgres(),
    startFakeAmplitude({ apiKey: 'the-key' }),
    startFakeMailchimp({ apiKey: 'the-key-us20', audienceId: 'a1b2c3d4e5' }),
    startFakeSegment({ writeKey: 'the-key' }),
    startFakeWebhook({ secret: webhookSecret }),
    startFakeVendor(({ path: at }) => ({ status: at === '/events' ? 401 : 404 })),
  ]);
}, 120_000);
afterAll(async () => {
  await Promise.all(
    [amplitude, mailchimp, segment, webhook, vendor, database].map((service) => service.stop()),
  );
  await removeDirectory(scratch);
});

/** A database for one program, so that no lane takes the jobs of another's. */
async function ownDatabase(name: string): Promise<string> {
  const own = `readme_${name.replaceAll('-', '_')}_${process.pid}`;
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`create database ${own}`);
  await client.end();
  const url = new URL(database.url);
  url.pathname = `/${own}`;
  return url.href;
}

async function runUsage(
  name: string,
  until: (said: string) => boolean | Promise<boolean>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  return runs([`${name}.js`], {
    cwd: scratch,
    service: usageOf(name).includes("process.once('SIGTERM'"),
    env: {
      PATH: process.env['PATH'],
      HOME: scratch,
      POSTGRES_STORE_URL: await ownDatabase(name),
      FRAGMENT_GATEWAY_PORT: '0',
      FRAGMENT_SCHEDULER_PORT: '0',
      FRAGMENT_LOG_LEVEL: 'error',
      FRAGMENT_ADMIN_TOKEN: token,
      ...env,
    },
    until,
  });
}

const says =
  (...texts: readonly string[]) =>
  (said: string): boolean =>
    texts.every((text) => said.includes(text));

/** Reads an address out of what a program says and asks it, until it has once answered as it should. */
function answers(pattern: RegExp, status: number, init?: RequestInit): (said: string) => Promise<boolean> {
  let answered = false;
  return async (said) => {
    const url = pattern.exec(said)?.[1];
    if (answered || url === undefined) return answered;
    const answer = await fetch(url, init).catch(() => undefined);
    answered = answer?.status === status;
    return answered;
  };
}

const track = { method: 'POST', body: JSON.stringify({ userId: 'u-1', event: 'Order Paid' }) };
const asWeb = { ...track, headers: { authorization: `Basic ${Buffer.from('wk_1:').toString('base64')}` } };

describe('the usage that a README shows', () => {
  it('is right for the compiler, in every package', () => {
    expect(faults).toBe('');
  });

  it.each(packages)('of %s is about ten lines', (name) => {
    const lines = usageOf(name)
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('import '));
    expect(lines.length).toBeLessThanOrEqual(name === 'core' ? 30 : 14);
  });

  it('delivers to the vendor of each destination', async () => {
    const key = (name: string, url: string): Record<string, string> => ({
      [name]: 'the-key',
      VENDOR_URL: url,
    });
    await Promise.all([
      runUsage(
        'destination-amplitude',
        () => amplitude.accepted.length === 1,
        key('AMPLITUDE_API_KEY', amplitude.url),
      ),
      runUsage('destination-mailchimp', () => mailchimp.member('jane@example.org') !== undefined, {
        ...key('MAILCHIMP_API_KEY', mailchimp.url),
        MAILCHIMP_API_KEY: 'the-key-us20',
      }),
      runUsage(
        'destination-segment',
        () => segment.accepted.length === 1,
        key('SEGMENT_WRITE_KEY', segment.url),
      ),
      runUsage('destination-webhook', () => webhook.accepted.length === 1, {
        WEBHOOK_URL: `${webhook.url}/hook`,
        WEBHOOK_SECRET: webhookSecret,
      }),
    ]);
    expect(segment.dropped).toEqual([]);
  }, 90_000);

  it('makes applications that take, plan and deliver', async () => {
    await Promise.all([
      runUsage('core', says('to the CRM: {"order":1}')),
      runUsage('runtime', says('"eventName":"Order Paid"')),
      runUsage('segmentflow', says('"eventName":"Order Paid"')),
      runUsage('destination-log', says('"messageId":"m-1","eventType":"track","eventName":"Signed Up"')),
      runUsage('tracing-opentelemetry', says('ingest rest/track', 'deliver log/track')),
      runUsage('source-rest', answers(/(http\S+\/v1\/track)/, 200, asWeb)),
      runUsage('gateway', answers(/POST (\S+)/, 200, track)),
    ]);
  }, 90_000);

  it('serves operators, and stops', async () => {
    await Promise.all([
      runUsage('admin', says('statusCode: 200', 'data: []')),
      runUsage('scheduler', answers(/(http\S+\/admin)/, 200)),
      runUsage('store-postgres', says('0 []')),
    ]);
  }, 90_000);

  it('works without an application', async () => {
    await Promise.all([
      runUsage('http-client', says("outcome: 'failed'", "hold: 'credentials'"), { VENDOR_URL: vendor.url }),
      runUsage('http-server', says("{ statusCode: 200, message: 'Successful' }")),
      runUsage('postgres-embedded', says('PostgreSQL 18')),
      runUsage('segment-spec', says("message: 'Event must be set'", 'Order Paid 7')),
      runUsage('testing', says("outcome: 'failed'", "outcome: 'succeeded'")),
    ]);
  }, 90_000);

  it('writes new projects, and describes one', async () => {
    const config = path.join(root, 'packages/cli/bin/fragment.js');
    await Promise.all([
      runUsage('scaffold', says('will write destinations/crm/')),
      runUsage('create-fragment', says('made')),
      runs([config, 'check', '--config', 'cli.ts', '--json'], {
        cwd: scratch,
        env: { PATH: process.env['PATH'], HOME: scratch },
        service: false,
        until: says('"log"'),
      }),
    ]);
    expect(existsSync(path.join(scratch, 'my-cdp/destinations/crm/index.ts'))).toBe(true);
    expect(existsSync(path.join(scratch, 'my-shop/fragment.config.ts'))).toBe(true);
  }, 90_000);
});

describeWithRedis('the usage of queue-bullmq', () => {
  it('hands over what was offered', async () => {
    const redis = await testRedis();
    if (redis === undefined) throw new Error('There is no Redis.');
    await runUsage('queue-bullmq', says('0190a1b2-0000-7000-8000-000000000000.0'), { REDIS_URL: redis.url });
    await redis.stop();
  }, 90_000);
});
