import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { requiring, testRedis, waitFor } from '@fragment/testing';
import {
  atTheEnd,
  cleanUp,
  fragment,
  project,
  result,
  send,
  started,
  usedProject,
  type Running,
} from './process.fixture.js';

afterEach(cleanUp);

/** A vendor that refuses everything for good, a second one that takes it. */
const twoDestinations = {
  'fragment.config.js': `
    const action = (outcome) => ({
      name: 'track',
      load: async (jobs) => jobs.map(({ id }) => ({ job: id, ...outcome })),
    });
    const error = { code: 'REFUSED', message: 'never\\u001b[2J' };
    export default (env) => ({
      adminToken: env['FRAGMENT_ADMIN_TOKEN'],
      destinations: [
        { name: 'bad', accepts: 'segment', actions: [action({ outcome: 'discarded', error })], check: async () => 'refused' },
        { name: 'good', accepts: 'segment', actions: [action({ outcome: 'succeeded' })] },
      ],
    });`,
};

async function jobs(cwd: string, args: readonly string[], env?: Record<string, string>) {
  const { stdout, stderr, code } = await result(cwd, ['jobs', ...args, '--json'], env);
  if (code !== 0) throw new Error(stderr + stdout);
  return JSON.parse(stdout) as {
    data: Record<string, unknown>[];
    meta: { count: number; next_cursor: string };
  };
}

describe('jobs and events', () => {
  it('are listed, followed, retried and discarded on the store of a running application', async () => {
    const cwd = await usedProject(twoDestinations);
    const app = await started(cwd);
    const tail = fragment(cwd, ['events', 'tail', '--type', 'track', '--limit', '4']);
    await waitFor(() => tail.stderr.includes('Following'), { timeoutMs: 25_000 });
    await waitFor(async () => {
      await send(app.gateway);
      return tail.stdout.includes('track  Order Paid  u1  -> ');
    });

    const discarded = ['--destination', 'bad', '--status', 'discarded'];
    await waitFor(async () => (await jobs(cwd, ['list', ...discarded])).meta.count > 0);
    const page = await jobs(cwd, ['list', ...discarded, '--limit', '1']);
    expect(page.data).toEqual([
      expect.objectContaining({
        destination: 'bad',
        status: 'discarded',
        attempt: 1,
        error: expect.objectContaining({ code: 'REFUSED' }),
      }),
    ]);
    const people = await result(cwd, ['jobs', 'list', ...discarded]);
    expect(people.stdout).toMatch(/bad\/track {2}discarded {2}1x {2}REFUSED: never \[2J\n/);
    expect(people.stdout).not.toContain('\u001b');

    const dry = await result(cwd, ['jobs', 'retry', ...discarded, '--dry-run']);
    expect(dry.stdout).toMatch(/^Retry would change \d+ jobs?\. Dry run: nothing was changed\.\n$/);
    const unasked = await result(cwd, ['jobs', 'retry', ...discarded]);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('add --yes') });
    expect((await result(cwd, ['jobs', 'retry', ...discarded, '--yes'])).stdout).toMatch(
      /^Retried \d+ jobs?\.\n$/,
    );
    expect((await result(cwd, ['jobs', 'discard', '--destination', 'good', '--yes'])).stdout).toContain(
      'No job matches',
    );
    const nothing = await result(cwd, ['jobs', 'list', '--user', 'nobody', '--fail-if-empty']);
    expect(nothing).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('FRAGMENT_CLI_NOTHING_MATCHED'),
    });
    await waitFor(() => tail.process.exitCode !== null);
    expect(tail.process.exitCode).toBe(0);
    expect(tail.stdout.split('\n').length - 1).toBe(4);
  }, 120_000);

  it('are listed through the admin API, with its token', async () => {
    const cwd = await usedProject(twoDestinations);
    const token = { FRAGMENT_ADMIN_TOKEN: 'a-token-of-an-operator' };
    const app: Running = await started(cwd, [], token);
    await send(app.gateway);
    const elsewhere = await project({ '.env': 'FRAGMENT_ADMIN_TOKEN=a-token-of-an-operator' });
    const remote = ['list', '--destination', 'bad', '--url', app.scheduler];
    await waitFor(async () => (await jobs(elsewhere, remote)).meta.count === 1);
    expect((await jobs(elsewhere, remote)).data[0]).toEqual((await jobs(cwd, remote.slice(0, 3))).data[0]);
    const wrong = await result(await project({}), ['jobs', ...remote, '--json']);
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      error: { code: 'FRAGMENT_CLI_REMOTE_REFUSED', message: expect.stringContaining('401') },
    });
  }, 60_000);
});

/** Answers like an admin API, and keeps what it was asked. */
async function adminApi(
  answer: RequestListener,
): Promise<{ url: string; asked: { url: string; body: unknown }[] }> {
  const asked: { url: string; body: unknown }[] = [];
  const read = async (req: IncomingMessage): Promise<unknown> => {
    let text = '';
    for await (const chunk of req) text += String(chunk);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  const server = createServer((req, res) => {
    void read(req).then((body) => {
      asked.push({ url: req.url ?? '', body });
      answer(req, res);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atTheEnd(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('--url', () => {
  it('orders what is to be done at a rate', async () => {
    const api = await adminApi((req, res) => {
      const data = req.url?.endsWith('preview')
        ? { kind: 'retry', count: 7, count_is_capped: false }
        : { id: 'order-1', total: 7, total_is_capped: false };
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ statusCode: 200, data }));
    });
    const args = [
      'jobs',
      'retry',
      '--error-code',
      'X',
      '--since',
      '2026-01-01T00:00:00Z',
      '--rate',
      '600/m',
      '--yes',
      '--url',
      api.url,
    ];
    const { code, stdout } = await result(await project({}), args);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Ordered to retry 7 jobs at 10 a second; a scheduler carries it out (order-1).\n',
    });
    const where = { 'jobs.error_code': 'X', 'jobs.created_after': '2026-01-01T00:00:00.000Z' };
    expect(api.asked).toEqual([
      { url: '/admin/api/store/preview', body: { kind: 'retry', where } },
      { url: '/admin/api/store/bulks', body: { kind: 'retry', where, rate_per_second: 10 } },
    ]);
  });

  it('follows a stream, and tells of each change once', async () => {
    const job = (status: string) => ({
      id: 'e.0',
      destination: 'crm',
      action: 'track',
      status,
      attempt: 1,
      error: null,
      started_at: null,
      finished_at: null,
    });
    const event = (status: string): string =>
      `event: event\nid: e\ndata: ${JSON.stringify({ id: 'e', trigger: 'track', type: 'track', name: 'Paid', user_id: 'u1', received_at: '2026-01-01T00:00:00Z', jobs: [job(status)] })}\n\n`;
    const api = await adminApi((_req, res) => {
      res.setHeader('content-type', 'text/event-stream');
      res.write('retry: 2000\n\nevent: ping\ndata: {}\n\n');
      res.end(event('awaiting') + event('awaiting') + event('succeeded'));
    });
    const { code, stdout } = await result(await project({}), [
      'events',
      'tail',
      '--source',
      'rest',
      '--url',
      `${api.url}/cdp/`,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\S+ {2}track {2}Paid {2}u1 {2}-> crm {2}awaiting\n\S+ .* crm {2}succeeded\n$/);
    expect(api.asked).toEqual([{ url: '/cdp/api/store/stream?events.sources_in=rest', body: undefined }]);
  });

  it('says that nothing answers there, or something else does', async () => {
    const list = (url: string) => project({}).then((cwd) => result(cwd, ['jobs', 'list', '--url', url]));
    const { code, stderr } = await list('http://127.0.0.1:1');
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining('FRAGMENT_CLI_REMOTE_UNREACHABLE'),
    });
    const other = await adminApi((_req, res) => res.end('hello'));
    expect(await list(other.url)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('as no admin API does'),
    });
  });
});

describe('doctor', () => {
  it('looks at everything, and fails for credentials that are refused', async () => {
    const cwd = await usedProject(twoDestinations);
    const { code, stdout } = await result(cwd, ['doctor', '--json']);
    const findings = JSON.parse(stdout) as { name: string; status: string; message: string }[];
    expect(Object.fromEntries(findings.map(({ name, status }) => [name, status]))).toEqual({
      Node: 'ok',
      configuration: 'ok',
      store: 'ok',
      migrations: 'warning',
      clock: 'ok',
      PostgreSQL: 'ok',
      'credentials of bad': 'failed',
      'credentials of good': 'ok',
    });
    expect(code).toBe(1);
  }, 60_000);

  it('tells of a configuration that is not valid, and of a store that cannot be reached', async () => {
    const invalid = await result(await project({ 'fragment.config.js': 'export default { redis: "x" };' }), [
      'doctor',
    ]);
    expect(invalid).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/FAIL {2}configuration .*\n.*redis must be/),
    });
    const env = { POSTGRES_STORE_URL: 'postgresql://fragment:hunter2@127.0.0.1:1/none' };
    const away = await result(await project({ 'fragment.config.js': 'export default {};' }), ['doctor'], env);
    expect(away).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/FAIL {2}store .*FRAGMENT_STORE_UNAVAILABLE/),
    });
    expect(away.stdout + away.stderr).not.toContain('hunter2');
  }, 60_000);
});

const describeWithRedis = await requiring('redis', describe);

describeWithRedis('doctor with Redis', () => {
  it('warns of one that may evict, and fails without it, also before the first migration', async () => {
    const redis = await testRedis({ own: true });
    if (redis === undefined) throw new Error('It was there a moment ago.');
    atTheEnd(() => redis.stop());
    const { hostname, port } = new URL(redis.url);
    const connection = connect(Number(port), hostname);
    connection.end('CONFIG SET maxmemory-policy allkeys-lru\r\n');
    await once(connection.resume(), 'close');

    const cwd = await usedProject({ 'fragment.config.js': 'export default {};' });
    const env = { REDIS_URL: redis.url };
    const advice = /^WARN +eviction policy +allkeys-lru; set `maxmemory-policy noeviction`$/m;
    const fresh = await result(cwd, ['doctor'], env);
    expect(fresh.stdout).toMatch(/^WARN +migrations +\d+ of \d+ pending/m);
    expect(fresh).toMatchObject({ code: 0, stdout: expect.stringMatching(advice) });
    expect((await result(cwd, ['migrations', 'run'], env)).code).toBe(0);
    const migrated = await result(cwd, ['doctor'], env);
    expect(migrated.stdout).toMatch(/^ok +queue$/m);
    expect(migrated).toMatchObject({ code: 0, stdout: expect.stringMatching(advice) });

    await redis.kill();
    const another = await usedProject({ 'fragment.config.js': 'export default {};' });
    for (const where of [cwd, another]) {
      const { code, stdout } = await result(where, ['doctor'], env);
      expect(stdout).toMatch(/^FAIL +queue +\S/m);
      expect(code).toBe(4);
    }
  }, 60_000);
});
