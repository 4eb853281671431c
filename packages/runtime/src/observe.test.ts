import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Destination, IngestCount, JobResult } from '@fragment/core';
import { memoryQueue, requiring, testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { openTelemetry } from '@fragment/tracing-opentelemetry';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Registry } from 'prom-client';
import { createFragment } from './create.js';
import type { Fragment } from './fragment.js';
import type { FragmentOptions } from './options.js';
import { groupingOf, selectorsOf, seriesOf, type Series } from './scrape.fixture.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const ADMIN_TOKEN = 'an-admin-token-of-this-test';

/** Does with a job what the event's name says. */
const obedient: Destination = {
  name: 'crm',
  accepts: 'segment',
  actions: [
    {
      name: 'track',
      load: ([job]) => {
        const error = { code: 'no', message: 'No.' };
        const results: Record<string, readonly JobResult[]> = {
          Succeed: [{ job: job?.id ?? '', outcome: 'succeeded' }],
          Fail: [{ job: job?.id ?? '', outcome: 'failed', error }],
          Discard: [{ job: job?.id ?? '', outcome: 'discarded', error }],
          Forget: [],
        };
        return Promise.resolve(results[job?.event.name ?? ''] ?? []);
      },
    },
  ],
};

async function running(postgres: TestPostgres, options: FragmentOptions = {}) {
  const fragment = await createFragment({
    postgres: postgres.url,
    queue: memoryQueue(),
    destinations: [obedient],
    gateway: { port: 0 },
    scheduler: { port: 0 },
    logLevel: 'silent',
    ...options,
  });
  cleanups.push(() => fragment.stop());
  const { gateway, scheduler } = await fragment.start();
  return { fragment, gateway: gateway?.url ?? '', scheduler: scheduler?.url ?? '' };
}

const send = (gateway: string, path: string, body: object, headers = {}): Promise<Response> =>
  fetch(`${gateway}${path}`, { method: 'POST', body: JSON.stringify(body), headers });

async function scraped(url: string): Promise<readonly Series[]> {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.status).toBe(200);
  return seriesOf(await answer.text());
}

const valueOf = (
  series: readonly Series[],
  name: string,
  labels: Series['labels'] = {},
): number | undefined =>
  series.find(
    (each) =>
      each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
  )?.value;

const ended = (fragment: Fragment, count: number): Promise<unknown> =>
  waitFor(() => fragment.app.deliveryCounts().reduce((sum, tally) => sum + tally.count, 0) >= count);

const describeWithPostgres = await requiring('postgres', describe);

describeWithPostgres('metrics', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await testPostgres({ own: true });
  });
  afterAll(() => postgres.stop());

  it('tell what came in and went out, and every expression of the dashboard and the alerts finds its series', async () => {
    const { fragment, gateway, scheduler } = await running(postgres, {
      name: 'told',
      writeKeys: 'web:a-key',
    });
    const key = { authorization: `Basic ${Buffer.from('a-key:').toString('base64')}` };
    for (const event of ['Succeed', 'Fail', 'Discard', 'Forget']) {
      const message = { userId: 'u', event, messageId: event };
      await send(gateway, '/v1/track', message, key);
      await send(gateway, '/v1/track', message, key);
    }
    await send(gateway, '/v1/track', { event: 'Nobody' }, key);
    await send(gateway, '/v1/track', { userId: 'u', event: 'Keyless' });
    await ended(fragment, 4);
    await waitFor(() => fragment.app.execution.sweptAt() !== undefined);

    const series = await scraped(scheduler);
    const received = { source: 'rest', type: 'track' };
    expect(valueOf(series, 'fragment_events_received_total', { ...received, result: 'stored' })).toBe(4);
    expect(valueOf(series, 'fragment_events_received_total', { ...received, result: 'duplicate' })).toBe(4);
    for (const status of ['succeeded', 'failed', 'discarded', 'unknown']) {
      const labels = { destination: 'crm', action: 'track', status };
      expect(valueOf(series, 'fragment_jobs_total', labels)).toBeGreaterThanOrEqual(1);
    }
    expect(valueOf(series, 'fragment_ingest_seconds_count')).toBe(8);
    expect(valueOf(series, 'fragment_delivery_seconds_count', { destination: 'crm' })).toBe(1);
    expect(valueOf(series, 'fragment_delivery_seconds_bucket', { le: '+Inf' })).toBe(1);
    expect(valueOf(series, 'fragment_attempts_count', { destination: 'crm' })).toBe(2);
    expect(valueOf(series, 'fragment_backlog', { destination: 'crm' })).toBe(2);
    expect(valueOf(series, 'fragment_store_up')).toBe(1);
    expect(valueOf(series, 'fragment_auth_failures_total', { at: 'ingest' })).toBe(1);
    expect(valueOf(series, 'fragment_pool_size', { pool: 'hot' })).toBe(10);
    expect(series.map(({ name }) => name)).toEqual((await scraped(gateway)).map(({ name }) => name));
    expect(JSON.stringify(series)).not.toMatch(/"u"|a-key/);

    for (const expression of expressions()) expectFound(expression, series);
  });

  it('are refused like everything of admin, and count who was', async () => {
    const { gateway, scheduler } = await running(postgres, { name: 'guarded', adminToken: ADMIN_TOKEN });
    const ask = async (url: string, token?: string, path = '/metrics'): Promise<Response> =>
      fetch(`${url}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    for (const url of [scheduler, gateway]) {
      expect((await ask(url)).status).toBe(401);
      expect((await ask(url, 'a-token-that-is-nobodys')).status).toBe(401);
      const answer = await ask(url, ADMIN_TOKEN);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    }
    const text = await (await ask(scheduler, ADMIN_TOKEN)).text();
    expect(valueOf(seriesOf(text), 'fragment_auth_failures_total', { at: 'admin' })).toBe(2);
  });

  it("go into the host's registry, one application in each", async () => {
    const registry = new Registry();
    const { scheduler } = await running(postgres, { name: 'hosted', admin: { registry } });
    expect(await registry.metrics()).toMatch(/^fragment_store_up 1$/m);
    const names = (await scraped(scheduler)).map(({ name }) => name);
    expect(names).toContain('fragment_store_up');
    expect(names.filter((name) => name.startsWith('fragment_process_'))).toEqual([]);
    await expect(
      createFragment({
        postgres: postgres.url,
        queue: memoryQueue(),
        logLevel: 'silent',
        admin: { registry },
      }),
    ).rejects.toMatchObject({ code: 'FRAGMENT_CONFIG_INVALID' });
  });

  it('are told while the store is away', async () => {
    const { scheduler } = await running(postgres, { name: 'away' });
    await postgres.kill();
    const series = await scraped(scheduler);
    expect(valueOf(series, 'fragment_store_up')).toBe(0);
    expect(valueOf(series, 'fragment_backlog')).toBeUndefined();
    expect(valueOf(series, 'fragment_pool_size', { pool: 'hot' })).toBe(10);
    await postgres.restart();
  });
});

describeWithPostgres('traces', () => {
  it('of a delivery link those of the requests that its events came in with', async () => {
    const postgres = await testPostgres();
    cleanups.push(() => postgres.stop());
    const exporter = new InMemorySpanExporter();
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const { fragment, gateway } = await running(postgres, { tracing: openTelemetry({ tracerProvider }) });
    const item = { type: 'track', userId: 'u', event: 'Succeed' };
    await send(gateway, '/v1/batch', { batch: [item, { ...item }] });
    await send(gateway, '/v1/track', { event: 'Nobody' });
    const spans = () => exporter.getFinishedSpans();
    await waitFor(() => spans().filter(({ name }) => name === 'deliver crm/track').length === 2);

    const [batch, refused] = spans().filter(({ name }) => name.startsWith('ingest'));
    const { traceId = '', spanId = '' } = batch?.spanContext() ?? {};
    expect(batch?.attributes).toMatchObject({ 'fragment.stored': 2, 'http.route': '/v1/batch' });
    expect(refused?.attributes['error.type']).toBe('FRAGMENT_INGEST_INVALID');
    for (const delivery of spans().filter(({ name }) => name.startsWith('deliver'))) {
      expect(delivery.links.map(({ context }) => [context.traceId, context.spanId])).toEqual([
        [traceId, spanId],
      ]);
      expect(delivery.attributes['fragment.succeeded']).toBe(1);
    }
    const { items } = await fragment.operations.findEvents({});
    expect(items.map((event) => event.traceparent)).toEqual(Array(3).fill(`00-${traceId}-${spanId}-01`));
  });
});

/** Every result there is: some come only when the store is away or too much comes at once. */
const RESULTS: Readonly<Record<IngestCount['result'], true>> = {
  stored: true,
  duplicate: true,
  refused: true,
  ignored: true,
  overloaded: true,
  unavailable: true,
};

/** Labels that Prometheus itself gives to what it scrapes. */
const OF_THE_TARGET = ['instance', 'job'];

function expectFound(expression: string, series: readonly Series[]): void {
  const selectors = selectorsOf(expression);
  expect(selectors).not.toEqual([]);
  const labels = new Set(OF_THE_TARGET);
  for (const { name, matchers } of selectors) {
    const its = series.filter((each) => each.name === name);
    expect([expression, name, its.length > 0]).toEqual([expression, name, true]);
    for (const each of its) for (const label of Object.keys(each.labels)) labels.add(label);
    for (const { label, values } of matchers) {
      const known = new Set(its.map((each) => each.labels[label] ?? ''));
      if (label === 'result') for (const result of Object.keys(RESULTS)) known.add(result);
      for (const value of values)
        expect([expression, label, [...known]]).toEqual([expression, label, expect.arrayContaining([value])]);
      expect([expression, label, its.every((each) => label in each.labels)]).toEqual([
        expression,
        label,
        true,
      ]);
    }
  }
  for (const label of groupingOf(expression))
    expect([expression, [...labels]]).toEqual([expression, expect.arrayContaining([label])]);
}

/** Those of the panels and variables of the dashboard, and those of the alerts. */
function expressions(): readonly string[] {
  const read = (file: string): string =>
    readFileSync(new URL(`../../../grafana/${file}`, import.meta.url), 'utf8');
  const { panels, templating } = JSON.parse(read('dashboard.json')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
    readonly templating: {
      readonly list: readonly { readonly query: string | { readonly query: string } }[];
    };
  };
  const ofPanels = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const ofVariables = templating.list.flatMap(({ query }) =>
    typeof query === 'string' ? [] : [query.query],
  );
  // `expr: ...` on one line, or a block of lines that are indented further.
  const ofAlerts = [...read('alerts.yml').matchAll(/^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.+)$)/gm)].map(
    ([, block, line]) => block ?? line ?? '',
  );
  expect(ofAlerts).toHaveLength(10);
  expect(ofPanels.length).toBeGreaterThan(20);
  return [...ofPanels, ...ofVariables, ...ofAlerts];
}
