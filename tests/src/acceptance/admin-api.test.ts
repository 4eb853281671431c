import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@fragment/runtime';
import {
  removeDirectory,
  scratchDirectory,
  testPostgres,
  waitFor,
  type TestPostgres,
} from '@fragment/testing';
import { Client } from 'pg';
import { askAdmin, dumpTables, follow, type AdminAnswer } from './admin-client.js';
import { fragmentProcess } from './fragment-process.js';
import { failure, recorder, succeeds } from './recorder.js';
import { Opened, openWorld, post, type World, type WorldOptions } from './world.js';

let database: TestPostgres;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

const open = async (o: Partial<WorldOptions> = {}): Promise<World> =>
  opened.add(await openWorld({ database, destinations: [recorder('crm').destination], ...o }));
const asking =
  ({ scheduler }: { readonly scheduler: string }) =>
  <T>(method: string, at: string, body?: unknown): Promise<AdminAnswer<T>> =>
    askAdmin<T>(scheduler, method, at, method === 'POST' ? (body ?? {}) : undefined);

const track = (userId: string, messageId: string) => ({
  type: 'track',
  userId,
  event: 'Order Completed',
  messageId,
});
const batchOf = (count: number) => ({
  batch: Array.from({ length: count }, (_, n) => track(`user-${n}`, `m-${n}`)),
});
const refused = () => ({ outcome: 'discarded', error: failure }) as const;

interface Bulk {
  readonly id: string;
  readonly state: string;
  readonly total: number;
  readonly done: number;
  readonly visited: number;
}

describe('an order for many', () => {
  it('is previewed, carried out at its rate, and cancelled half-way', async () => {
    const crm = recorder('crm', { answer: refused });
    const world = await open({ destinations: [crm.destination] });
    const ask = asking(world);
    await world.post('/v1/batch', batchOf(300));
    await world.ended(300);

    const where = { 'jobs.status_in': ['discarded'], 'jobs.error_code': failure.code };
    const preview = await ask('POST', '/store/preview', { kind: 'retry', where });
    expect(preview.body.data).toEqual({ kind: 'retry', count: 300, count_is_capped: false });
    const ordered = await ask<Bulk>('POST', '/store/bulks', { kind: 'retry', where, rate_per_second: 50 });
    expect(ordered).toMatchObject({ status: 202, body: { data: { total: 300, done: 0, actor: 'local' } } });
    const { id } = ordered.body.data;
    await waitFor(async () => (await ask<Bulk>('GET', `/store/bulks/${id}`)).body.data.done >= 50);
    expect((await ask<Bulk>('POST', `/store/bulks/${id}/cancel`)).body.data.state).toBe('cancelled');

    // Every job that was retried was refused again; when all have ended, what was done is counted.
    const retried = await waitFor(async () => {
      const jobs = await world.ended(300);
      return jobs.filter(({ attempt }) => attempt > 1).length;
    });
    const { body } = await ask<Bulk>('GET', `/store/bulks/${id}`);
    expect(body.data).toMatchObject({ state: 'cancelled', finished_at: expect.any(String) });
    expect(retried).toBeGreaterThanOrEqual(50);
    expect(retried).toBeLessThan(300);

    // The rest: those it has not come to are still there to be ordered.
    const rest = { ...where, 'jobs.max_attempts': 1 };
    await ask('POST', '/store/bulks', { kind: 'retry', where: rest });
    await waitFor(async () => (await world.jobs()).every(({ attempt }) => attempt > 1));
    await world.ended(300);
    expect(crm.taken).toHaveLength(600);
  }, 60_000);

  it('to purge deletes what has ended as it says, with its batch, and forgets no key', async () => {
    const [crm, mail] = [recorder('crm'), recorder('mail', { answer: refused })];
    const world = await open({ destinations: [crm.destination, mail.destination] });
    const ask = asking(world);
    const crmOnly = { integrations: { All: false, crm: true } };
    const { batch } = batchOf(120);
    const sent = { batch: batch.map((message) => ({ ...message, ...crmOnly })) };
    await world.post('/v1/batch', sent);
    await world.post('/v1/track', track('both', 'both'));
    await world.ended(122);

    const where = { 'jobs.status_in': ['succeeded'] };
    const preview = await ask('POST', '/store/preview', { kind: 'purge', where });
    expect(preview.body.data).toEqual({ kind: 'purge', count: 120, count_is_capped: false });
    const ordered = await ask<Bulk>('POST', '/store/purge', { where, rate_per_second: 100 });
    expect(ordered.body).toMatchObject({
      statusCode: 202,
      message: 'Accepted',
      meta: { where: { jobs: { transitions: { 'jobs.status_in': ['succeeded'] } } } },
      data: { kind: 'purge', total: 120 },
    });
    const { id } = ordered.body.data;
    await waitFor(async () => (await ask<Bulk>('GET', `/store/bulks/${id}`)).body.data.state === 'done');
    expect((await ask<Bulk>('GET', `/store/bulks/${id}`)).body.data).toMatchObject({
      done: 120,
      visited: 120,
    });

    const left = await world.ops.findEvents({});
    expect(left.items.map(({ messageId, jobs }) => [messageId, jobs.length])).toEqual([['both', 2]]);
    expect((await world.post('/v1/batch', sent)).body.meta).toMatchObject({ stored: 0 });
    expect((await ask<Bulk>('POST', '/store/purge', { all: true })).body.data).toMatchObject({ total: 1 });
    await waitFor(async () => (await world.ops.findEvents({})).count === 0);
  }, 60_000);

  it('is taken over by another scheduler when the first dies', async () => {
    const own = opened.add(await testPostgres({ own: true }));
    const directory = await scratchDirectory();
    opened.add({ stop: () => removeDirectory(directory) });
    const file = path.join(directory, 'fragment.config.ts');
    await writeFile(file, configuration);
    const env = { POSTGRES_STORE_URL: own.url, FRAGMENT_LOG_LEVEL: 'warn' };
    const [gateway, first, second] = [
      await fragmentProcess('gateway', file, env),
      await fragmentProcess('scheduler', file, env),
      await fragmentProcess('scheduler', file, env),
    ];
    opened.add({ stop: () => Promise.all([gateway, first, second].map((each) => each.kill())) });
    await Promise.all([gateway.start(), first.start()]);
    const ask = asking({ scheduler: first.url });
    expect((await post(`${gateway.url}/v1/batch`, batchOf(200))).status).toBe(200);
    const discarded = '/store/jobs?jobs.status_in=discarded&jobs.max_attempts=1&limit=1';
    await waitFor(async () => (await ask('GET', discarded)).body.meta?.count === 200, { timeoutMs: 20_000 });

    const where = { 'jobs.status_in': ['discarded'] };
    const ordered = await ask<Bulk>('POST', '/store/bulks', { kind: 'retry', where, rate_per_second: 20 });
    const { id } = ordered.body.data;
    await waitFor(async () => (await ask<Bulk>('GET', `/store/bulks/${id}`)).body.data.visited >= 20);
    await first.kill();
    await second.start();

    const askSecond = asking({ scheduler: second.url });
    const left = (await askSecond<Bulk>('GET', `/store/bulks/${id}`)).body.data;
    expect(left).toMatchObject({ state: 'running' });
    expect(left.visited).toBeLessThan(200);
    await endLocks(own.url);
    const done = await waitFor(
      async () => {
        const { data } = (await askSecond<Bulk>('GET', `/store/bulks/${id}`)).body;
        return data.state === 'done' ? data : undefined;
      },
      { timeoutMs: 40_000, message: 'the end of the order' },
    );
    // The step that the first had done and not written down may be missing from what is counted, not from what is done.
    expect(done.visited).toBeGreaterThanOrEqual(180);
    await waitFor(
      async () => {
        const { body } = await askSecond('GET', discarded.replace('max_attempts=1', 'min_attempts=2'));
        return body.meta?.count === 200;
      },
      { timeoutMs: 20_000 },
    );
  }, 90_000);
});

/** Refuses everything, so that there is something to retry. */
const configuration = `
const answer = { outcome: 'discarded', error: { code: 'TEST', message: 'As the test wants it.' } };
const load = async (jobs) => jobs.map(({ id }) => ({ ...answer, job: id }));
export default {
  destinations: [{ name: 'crm', accepts: 'segment', actions: [{ name: 'track', load }] }],
  execution: { leaseMs: 2_000, renewMs: 500, sweepMs: 250 },
};`;

/** The seconds for which a dead process keeps what it had locked are over. */
async function endLocks(connection: string): Promise<void> {
  const client = new Client({ connectionString: connection });
  await client.connect();
  await client.query("update fragment.locks set until = now() where name like 'bulk/%'");
  await client.end();
}

describe('erasure', () => {
  it('leaves no row, no queue message and no line of the log that holds the user', async () => {
    const own = opened.add(await testPostgres({ own: true }));
    const fails = () => ({ outcome: 'failed', error: failure, retryAfterMs: 60_000 }) as const;
    const mail = recorder('mail', { does: ['track', 'identify'], answer: fails });
    const world = await open({ database: own, destinations: [mail.destination] });
    const ask = asking(world);
    const user = 'ada-of-the-erasure';
    const anonymous = 'anon-of-the-erasure';
    await world.post('/v1/identify', { userId: user, anonymousId: anonymous, messageId: 'i-1' });
    await world.post('/v1/track', { ...track('someone-else', 'kept'), anonymousId: 'other' });
    await world.post('/v1/track', { anonymousId: anonymous, event: 'Visited', messageId: 't-1' });
    await world.post('/v1/batch', { batch: [track(user, 't-2'), track('someone-else', 'kept-too')] });
    await world.post('/v1/track', { userId: user, messageId: 't-3', event: 7 });
    await ask('POST', '/store/bulks', { kind: 'discard', where: { 'events.user_id': user } });
    await ask('GET', `/users/${user}`);
    await waitFor(async () => (await ask<Bulk[]>('GET', '/store/bulks')).body.data[0]?.state === 'done');
    const traces = /ada-of-the-erasure|anon-of-the-erasure/;
    const found = async (): Promise<readonly string[]> => {
      const dump = await dumpTables(own.url);
      return [...dump].flatMap(([table, rows]) => (rows.some((row) => holds(row, traces)) ? [table] : []));
    };
    expect(await found()).toEqual(
      expect.arrayContaining([`${world.schema}.events`, `${world.schema}.bulks`]),
    );

    expect((await ask('POST', `/users/${user}/erase`, { confirm: 'ada' })).status).toBe(400);
    const { status, body } = await ask<Record<string, unknown>>('POST', `/users/${user}/erase`, {
      confirm: user,
    });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ actor: 'local', events: expect.any(Number) });
    expect(body.data['events']).toBeGreaterThanOrEqual(3);
    expect(await found()).toEqual([]);
    expect(JSON.stringify(world.log)).not.toMatch(traces);
    expect((await ask('GET', `/users/${user}`)).status).toBe(404);
    expect((await ask<unknown[]>('GET', '/erasures')).body.data).toEqual([body.data]);

    // Nobody else was touched, and it can be done again.
    const kept = await ask<{ message_id: string }[]>('GET', '/store/events?events.user_id=someone-else');
    expect(kept.body.data.map(({ message_id }) => message_id).sort()).toEqual(['kept', 'kept-too']);
    const again = await ask('POST', `/users/${user}/erase`, { confirm: user });
    expect(again).toMatchObject({ status: 200, body: { data: { events: 0, jobs: 0 } } });
  });
});

/** In letters, or in the digits of bytes. */
const holds = (row: string, traces: RegExp): boolean =>
  traces.test(row) ||
  [...row.matchAll(/\\x([0-9a-f]+)/g)].some(([, hex = '']) =>
    traces.test(Buffer.from(hex, 'hex').toString('latin1')),
  );

describe('the audit (S29)', () => {
  it('has one row for each write, done or refused, and none for what only reads', async () => {
    const world = await open({ destinations: [recorder('crm', { answer: refused }).destination] });
    const ask = asking(world);
    await world.post('/v1/track', track('u', 'm-1'));
    const [job] = await world.ended(1);
    const where = { 'events.user_id': 'nobody' };
    const bulk = await ask<Bulk>('POST', '/store/bulks', { kind: 'retry', where });
    const { id } = bulk.body.data;
    const writes: [string, string, unknown?][] = [
      ['bulk.cancel', `/store/bulks/${id}/cancel`],
      ['lane.pause', '/destinations/crm/pause', { reason: 'they move' }],
      ['job.retry', `/store/jobs/${job!.id}/retry`],
      ['job.discard', `/store/jobs/${job!.id}/discard`],
      ['event.replay', `/store/events/${job!.eventId}/replay`],
      ['lane.resume', '/destinations/crm/resume'],
      ['destination.check', '/destinations/crm/check'],
      ['event.test', '/test-events', { message: { type: 'track', userId: 'u', event: 'Test' } }],
      ['user.erase', '/users/nobody-here/erase', { confirm: 'nobody-here' }],
      ['user.erase', '/users/nobody-here/erase', { confirm: 'somebody' }],
      ['store.purge', '/store/purge'],
      ['lane.pause', '/destinations/unknown/pause'],
    ];
    for (const [, at, body] of writes) await ask('POST', at, body);
    for (const at of ['/overview', '/store/jobs', '/audit']) await ask('GET', at);
    await ask('POST', '/store/preview', { kind: 'retry', where });

    const { body } = await ask<{ action: string; outcome: string; actor: string }[]>('GET', '/audit');
    expect(body.data.map(({ action }) => action).reverse()).toEqual([
      'bulk.order',
      ...writes.map(([action]) => action),
    ]);
    expect(new Set(body.data.map(({ actor }) => actor))).toEqual(new Set(['local']));
    expect(body.data.filter(({ outcome }) => outcome !== 'ok').map(({ outcome }) => outcome)).toEqual([
      'FRAGMENT_ADMIN_DESTINATION_UNKNOWN',
      'FRAGMENT_ADMIN_BODY_INVALID',
    ]);
    expect(JSON.stringify(body.data)).not.toContain('nobody-here');
  });
});

describe('what an operator sees', () => {
  it('comes as it happens: an event, and then its outcome', async () => {
    const world = await open({ destinations: [recorder('crm', { answer: refused }).destination] });
    const stream = opened.add(
      await follow(`${world.scheduler}/admin/api/store/stream?events.user_id=watched`),
    );
    await world.post('/v1/track', track('unwatched', 'm-0'));
    await world.post('/v1/track', track('watched', 'm-1'));
    const last = await waitFor(() => {
      const told = stream.sent.filter(({ event }) => event === 'event').at(-1);
      return JSON.stringify(told?.data).includes('"discarded"') ? told : undefined;
    });
    expect(last.data).toMatchObject({ message_id: 'm-1', user_id: 'watched' });
    expect(last.id).toBe((last.data as { id: string }).id);
    expect(JSON.stringify(stream.sent)).not.toContain('unwatched');
  });

  it('comes as a file: every row of many pages once, whatever comes in meanwhile', async () => {
    const world = await open({ destinations: [recorder('crm', { answer: refused }).destination] });
    await world.post('/v1/batch', batchOf(450));
    await world.ended(450);
    const meanwhile = world.post('/v1/track', track('late', 'm-late'));
    const base = `${world.scheduler}/admin/api/store`;
    const events = await fetch(`${base}/events/export?format=ndjson&events.types_in=track`);
    const sent = (await events.text()).split('\n').slice(0, -1);
    await meanwhile;
    const ids = sent.map((line) => (JSON.parse(line) as { message_id: string }).message_id);
    expect(ids.filter((id) => id !== 'm-late').reverse()).toEqual(
      batchOf(450).batch.map(({ messageId }) => messageId),
    );
    const jobs = await fetch(`${base}/jobs/export?jobs.status_in=discarded&jobs.error_code=${failure.code}`);
    const rows = (await jobs.text()).split('\r\n').slice(1, -1);
    expect(new Set(rows.map((row) => row.split(',', 1)[0])).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThanOrEqual(450);
  });

  it('agrees with what was sent: figures, and failures by reason', async () => {
    const reasons = ['A', 'B'] as const;
    const crm = recorder('crm', {
      answer: ({ event }) => {
        const n = Number(event.messageId?.split('-')[1]);
        if (n < 6) return succeeds();
        return { outcome: 'discarded', error: { code: reasons[n < 10 ? 0 : 1], message: 'no' } };
      },
    });
    const world = await open({ destinations: [crm.destination] });
    const ask = asking(world);
    await world.post('/v1/batch', batchOf(12));
    await world.post('/v1/track', track('user-1', 'm-1'));
    await world.post('/v1/track', '{');
    await world.ended(12);

    const groups = await ask<unknown[]>('GET', '/store/failures?jobs.status_in=discarded');
    expect(groups.body.data).toMatchObject([
      { destination: 'crm', action: 'track', status: 'discarded', code: 'A', count: 4, advice: null },
      { destination: 'crm', action: 'track', status: 'discarded', code: 'B', count: 2, advice: null },
    ]);
    // They are written down every few seconds.
    const totals = await waitFor(
      async () => {
        const { data } = (await ask<{ totals: Totals }>('GET', '/statistics')).body;
        return data.totals.delivery[0]?.discarded === 6 && data.totals.ingest.refused > 0
          ? data.totals
          : undefined;
      },
      { timeoutMs: 20_000, intervalMs: 200 },
    );
    expect(totals.ingest).toMatchObject({ duplicate: 1, refused: 1, overloaded: 0, unavailable: 0 });
    expect(totals.delivery).toMatchObject([
      { destination: 'crm', succeeded: 6, failed: 0, discarded: 6, p95_ms: expect.any(Number) },
    ]);
    const overview = await ask<{ lanes: unknown[] }>('GET', '/overview');
    expect(overview.body.data.lanes).toMatchObject([
      { destination: 'crm', registered: true, counts: { succeeded: 6, discarded: 6, awaiting: 0 } },
    ]);
  });
});

interface Totals {
  readonly ingest: Readonly<Record<string, number>> & { readonly refused: number };
  readonly delivery: readonly { readonly discarded: number }[];
}

describe('a line of the log (S28)', () => {
  it('stays one line whatever was planted in it', async () => {
    const planted = 'x\r\n{"level":60,"msg":"forged"}\u001b[31m\u2028red\u0085';
    const world = await open({
      destinations: [
        recorder('crm', {
          answer: () => ({ outcome: 'discarded', error: { code: 'TEST', message: planted } }),
        }).destination,
      ],
    });
    const ask = asking(world);
    await world.post('/v1/track', { ...track(planted, planted), event: planted });
    await world.ended(1);
    await ask('POST', '/destinations/crm/pause', { reason: planted });
    await ask('GET', `/store/events?events.user_id=${encodeURIComponent(planted)}`);
    await waitFor(() => JSON.stringify(world.log).includes('forged'));
    const written: string[] = [];
    const logger = createLogger('debug', { write: (text: string) => void written.push(text) });
    for (const { level, message, fields } of world.log) logger[level](fields, message);
    logger.info({ planted }, planted);
    expect(written.length).toBeGreaterThan(1);
    for (const text of written) {
      expect(text).toMatch(/^\{[^\u0000-\u001f\u007f]*\}\n$/);
      expect(JSON.parse(text)).not.toMatchObject({ level: 60 });
    }
  });
});
