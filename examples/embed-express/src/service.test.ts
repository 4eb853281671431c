import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import {
  requiring,
  testPostgres,
  testRedis,
  waitFor,
  type TestPostgres,
  type TestRedis,
} from '@fragment/testing';
import { startService, type Service } from './service.js';

const apiToken = 'a-token-for-the-test';
const writeKey = 'website-key';

let postgres: TestPostgres | undefined;
let redis: TestRedis | undefined;
let service: Service | undefined;
let newsletterServer: Server | undefined;
afterEach(async () => {
  await service?.stop();
  newsletterServer?.close();
});
afterAll(async () => {
  await Promise.all([postgres?.stop(), redis?.stop()]);
});

interface Letter {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A newsletter service that refuses users without an address. */
async function newsletter(): Promise<{ readonly url: string; readonly letters: Letter[] }> {
  const letters: Letter[] = [];
  newsletterServer = createServer((req, res) => {
    void json(req).then((body) => {
      letters.push({ headers: req.headers, body });
      res.writeHead((body as { traits?: { email?: string } }).traits?.email ? 204 : 422).end();
    });
  }).listen(0, '127.0.0.1');
  await once(newsletterServer, 'listening');
  return { url: `http://127.0.0.1:${(newsletterServer.address() as AddressInfo).port}`, letters };
}

const post = (url: string, body: object, authorization: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  });

/** On a database without anything in it. */
async function environment(redisUrl?: string): Promise<Record<string, string>> {
  await postgres?.stop();
  postgres = await testPostgres();
  return {
    POSTGRES_STORE_URL: postgres.url,
    FRAGMENT_WRITE_KEYS: `website:${writeKey}`,
    FRAGMENT_SCHEDULER_PORT: '0',
    FRAGMENT_LOG_LEVEL: 'silent',
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  };
}

/** The whole example, from a browser's event and an order to what the destinations were told. */
async function tryOut(env: Record<string, string>): Promise<void> {
  const { url: newsletterUrl, letters } = await newsletter();
  service = await startService({ port: 0, apiToken, newsletterUrl, env });
  const { url, fragment } = service;
  const events = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;

  expect(await (await fetch(`${url}/health`)).json()).toEqual({ ok: true });
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
  expect((await post(`${url}/orders`, {}, 'Bearer nobody')).status).toBe(401);
  expect((await post(`${url}/cdp/v1/identify`, { userId: 'u1' }, 'Basic bm9ib2R5Og==')).status).toBe(401);

  const known = { userId: 'u1', traits: { email: 'jane@example.org' } };
  expect((await post(`${url}/cdp/v1/identify`, known, events)).status).toBe(200);
  expect((await post(`${url}/cdp/v1/identify`, { userId: 'u2' }, events)).status).toBe(200);
  const order = { id: '17', customer: 'u1', total: 12.5 };
  expect((await post(`${url}/orders`, order, `Bearer ${apiToken}`)).status).toBe(201);
  expect((await post(`${url}/orders`, order, `Bearer ${apiToken}`)).status).toBe(201);

  const unfinished = { jobs: { statusNotIn: ['succeeded', 'discarded'] as const } };
  await waitFor(async () => (await fragment.operations.findJobs(unfinished)).count === 0);
  const { items } = await fragment.operations.findJobs({});
  expect(items.map(({ destination, action, status }) => `${destination} ${action} ${status}`).sort()).toEqual(
    [
      'log identify succeeded',
      'log identify succeeded',
      'log track succeeded',
      'newsletter identify discarded',
      'newsletter identify succeeded',
    ],
  );
  const refused = items.find(({ status }) => status === 'discarded');
  expect(refused?.lastError).toMatchObject({ code: 'NEWSLETTER_REFUSED', status: 422 });
  expect(letters.map(({ body }) => (body as { userId: string }).userId).sort()).toEqual(['u1', 'u2']);
  expect(new Set(letters.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
}

describe('the shop with Fragment inside', () => {
  it('works on a PostgreSQL alone', async () => {
    await tryOut(await environment());
  });

  it('leaves a process that ends by itself', async () => {
    const program = `
      const { startService } = await import('./dist/service.js');
      const env = JSON.parse(process.env.SERVICE_ENV);
      const service = await startService({ port: 0, apiToken: 'x', newsletterUrl: undefined, env });
      await fetch(service.url + '/health');
      await service.stop();
      console.log('stopped');`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program],
      {
        cwd: path.dirname(import.meta.dirname),
        env: { ...process.env, SERVICE_ENV: JSON.stringify(await environment()) },
        timeout: 25_000,
      },
    );
    expect(stdout).toBe('stopped\n');
  });
});

const describeWithRedis = await requiring('redis', describe);

describeWithRedis('the shop with Fragment inside and its queues on a Redis', () => {
  it('works', async () => {
    redis = await testRedis();
    await tryOut(await environment(redis?.url));
  });
});
