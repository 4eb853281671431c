import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
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

/** Every command is a process, and the machine may be busy. */
const LONG = { timeoutMs: 25_000 };
const TOKEN = 'a-token-of-an-operator';

/** A vendor that refuses everything for good, one that takes it, and one that is busy: once briefly, then for an hour. */
const mountedAt = (basePath: string) => ({
  'fragment.config.js': `
    const action = (outcome) => ({
      name: 'track',
      load: async (jobs) => jobs.map(({ id }) => ({ job: id, ...outcome })),
    });
    const busy = ({ id, attempt }) => ({
      job: id,
      outcome: 'failed',
      error: { code: 'BUSY', message: 'later' },
      retryAfterMs: attempt === 1 ? 500 : 3_600_000,
      countsAsAttempt: true,
    });
    const error = { code: 'REFUSED', message: 'never\\u001b[2J' };
    export default (env) => ({
      // Every job gets its attempts, however many have failed before it.
      execution: { breaker: { consecutive: 1_000, minCalls: 1_000 } },
      adminToken: env['FRAGMENT_ADMIN_TOKEN'],
      admin: { basePath: '${basePath}' },
      destinations: [
        { name: 'bad', accepts: 'segment', actions: [action({ outcome: 'discarded', error })], check: async () => 'refused' },
        { name: 'good', accepts: 'segment', actions: [action({ outcome: 'succeeded' })] },
        { name: 'slow', accepts: 'segment', actions: [{ name: 'track', load: async (jobs) => jobs.map(busy) }] },
      ],
    });`,
});
const threeDestinations = mountedAt('/admin');

async function jobs(cwd: string, args: readonly string[], env?: Record<string, string>) {
  const { stdout, stderr, code } = await result(cwd, ['jobs', ...args, '--json'], env);
  if (code !== 0) throw new Error(stderr + stdout);
  return JSON.parse(stdout) as {
    data: Record<string, unknown>[];
    meta: { count: number; next_cursor: string };
  };
}

/** What a change tells of its order. */
async function order(cwd: string, args: readonly string[]): Promise<{ readonly order: string }> {
  const { stdout, stderr, code } = await result(cwd, ['jobs', ...args]);
  if (code !== 0) throw new Error(stderr + stdout);
  return JSON.parse(stdout) as { order: string };
}

/** Asks the admin API, and with a body tells it to do something. */
const administrator =
  (api: string) =>
  async (where: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${api}/${where}`, {
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    const { data } = (await answer.json()) as { data?: unknown };
    if (data === undefined) throw new Error(`${where} was answered ${answer.status}.`);
    return data;
  };

describe('jobs and events', () => {
  it('are listed, followed, retried and discarded on the store of a running application', async () => {
    const cwd = await usedProject(threeDestinations);
    const app = await started(cwd);
    const tail = fragment(cwd, ['events', 'tail', '--type', 'track', '--limit', '4']);
    await waitFor(() => tail.stderr.includes('Following'), LONG);
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
    // Where no token is set, none is asked for on this machine.
    const remote = await jobs(await project({}), [
      'list',
      ...discarded,
      '--limit',
      '1',
      '--url',
      app.scheduler,
    ]);
    expect(remote.data).toEqual((await jobs(cwd, ['list', ...discarded, '--limit', '1'])).data);
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

  it('are followed, listed, retried and discarded through the admin API, with its token', async () => {
    const cwd = await usedProject(mountedAt('/cdp'));
    const app: Running = await started(cwd, [], { FRAGMENT_ADMIN_TOKEN: TOKEN });
    const elsewhere = await project({ '.env': `FRAGMENT_ADMIN_TOKEN=${TOKEN}` });
    const url = ['--url', `${app.scheduler}/cdp/`];
    const admin = administrator(`${app.scheduler}/cdp/api`);

    const tail = fragment(elsewhere, ['events', 'tail', '--destination', 'bad', ...url]);
    await waitFor(() => tail.stderr.includes('Following'), LONG);
    let users = 0;
    const isToldTwice = (): boolean =>
      /(u\d+) {2}-> slow {2}failed[^]*\1 {2}-> slow {2}failed/.test(tail.stdout);
    await waitFor(async () => (await send(app.gateway, `u${++users}`), isToldTwice()), {
      ...LONG,
      intervalMs: 500,
    });
    tail.process.kill('SIGINT');
    expect(await tail.code).toBe(0);
    // Some to purge, and some that are left.
    await send(app.gateway, `u${++users}`);
    await send(app.gateway, `u${++users}`);
    const lines = tail.stdout.trim().split('\n');
    for (const line of lines)
      expect(line).toMatch(/^[\d:]{8} {2}track {2}Order Paid {2}u\d+ {2}-> (bad|good|slow) {2}[a-z]+/);
    // An event comes again when one of its jobs has changed; what has been said of the others is not said again.
    const others = lines.filter((line) => !line.includes('-> slow'));
    expect(others.join('\n')).toMatch(/ -> bad {2}discarded {2}\d+ ms {2}REFUSED$/m);
    expect(new Set(others).size).toBe(others.length);

    const precisely = ['--type', 'track', '--min-attempts', '1', '--max-attempts', '1', '--since', '1h'];
    const filter = ['--destination', 'bad', '--error-code', 'REFUSED', ...precisely];
    const discarded = ['list', '--status', 'discarded', ...filter];
    const ended = async (query: string): Promise<readonly { readonly finished_at: string }[] | undefined> => {
      const found = (await admin(`store/jobs?limit=500&${query}`)) as { finished_at: string }[];
      return found.length === users ? found : undefined;
    };
    const first = await waitFor(() => ended('jobs.destinations_in=bad&jobs.status_in=discarded'), LONG);
    const before = await jobs(cwd, discarded);
    expect(await jobs(elsewhere, [...discarded, ...url])).toEqual(before);
    const none = ['jobs', 'list', ...filter, '--user', 'nobody', '--fail-if-empty', ...url];
    expect((await result(elsewhere, none)).code).toBe(5);

    const dry = await result(elsewhere, ['jobs', 'retry', ...filter, ...url, '--dry-run', '--yes']);
    expect(dry.stdout).toMatch(new RegExp(`^Retry would change ${users} jobs?\\. Dry run`));
    expect(await admin('store/bulks')).toEqual([]);
    expect(await jobs(cwd, discarded)).toEqual(before);

    const yes = ['--yes', '--json'];
    const retried = await order(elsewhere, ['retry', ...filter, ...url, '--rate', '600/m', ...yes]);
    expect(retried).toEqual({ kind: 'retry', dry_run: false, count: users, order: expect.any(String) });
    expect(await admin(`store/bulks/${retried.order}`)).toMatchObject({ kind: 'retry', rate_per_second: 10 });
    const times = new Set(first.map(({ finished_at }) => finished_at));
    await waitFor(async () => {
      const again = await ended('jobs.destinations_in=bad&jobs.status_in=discarded');
      return again?.every(({ finished_at }) => !times.has(finished_at));
    }, LONG);

    await waitFor(() => ended('jobs.destinations_in=slow&jobs.status_in=failed&jobs.min_attempts=2'), LONG);
    const discard = await order(elsewhere, ['discard', '--destination', 'slow', ...url, ...yes]);
    expect(await admin(`store/bulks/${discard.order}`)).toMatchObject({
      kind: 'discard',
      rate_per_second: null,
    });
    await waitFor(() => ended('jobs.destinations_in=slow&jobs.status_in=discarded'), LONG);

    const of = ['--user', 'u1', '--older-than', '0s'];
    const would = await result(elsewhere, ['events', 'purge', ...of, ...url, '--dry-run']);
    expect(would.stdout).toBe('Purge would delete 1 event. Dry run: nothing was changed.\n');
    expect(await admin('store/events?events.user_id=u1')).toHaveLength(1);
    const unsaid = await result(elsewhere, ['events', 'purge', ...url, ...yes]);
    expect([unsaid.code, unsaid.stdout]).toEqual([2, expect.stringContaining('or --all')]);
    const purged = await result(elsewhere, ['events', 'purge', ...of, ...url, '--rate', '50/s', '--yes']);
    expect(purged.stdout).toMatch(
      /^Ordered to delete 1 event at 50 a second; a scheduler .* \([0-9a-f-]{36}\)\.\n$/,
    );
    const goneOf = async (user: string) =>
      ((await admin(`store/events?events.user_id=${user}`)) as unknown[]).length === 0;
    await waitFor(() => goneOf('u1'), LONG);
    const here = await result(cwd, ['events', 'purge', '--user', 'u2', ...yes]);
    expect(JSON.parse(here.stdout)).toMatchObject({ kind: 'purge', dry_run: false, count: 1 });
    await waitFor(() => goneOf('u2'), LONG);
    const all = await result(elsewhere, ['events', 'purge', '--all', ...url, '--dry-run', '--json']);
    expect(JSON.parse(all.stdout)).toMatchObject({ dry_run: true, count: users - 2 });

    const own = await order(cwd, ['retry', '--destination', 'bad', '--rate', '5/s', ...yes]);
    expect(await admin(`store/bulks/${own.order}`)).toMatchObject({ actor: 'cli', rate_per_second: 5 });

    const last = fragment(elsewhere, ['events', 'tail', '--user', 'last', '--json', ...url]);
    await waitFor(async () => (await send(app.gateway, 'last'), last.stdout.includes('"user_id":"last"')), {
      ...LONG,
      intervalMs: 300,
    });
    const wrong = await result(await project({}), ['jobs', 'list', ...url, '--json']);
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      error: { code: 'FRAGMENT_CLI_REMOTE_REFUSED', message: expect.stringContaining('401') },
    });
    expect(wrong.stderr).toBe('');

    app.process.kill('SIGKILL');
    expect(await last.code).toBe(4);
    expect(last.stdout).toContain('"code":"FRAGMENT_CLI_REMOTE_UNREACHABLE"');
  }, 120_000);

  it('say that nothing answers at --url, or something else does', async () => {
    const list = (url: string) => project({}).then((cwd) => result(cwd, ['jobs', 'list', '--url', url]));
    const { code, stderr } = await list('http://127.0.0.1:1');
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining('FRAGMENT_CLI_REMOTE_UNREACHABLE'),
    });
    const other = createServer((_req, res) => res.end('hello'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    atTheEnd(() => new Promise((resolve) => other.close(resolve)));
    expect(await list(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('as no admin API does'),
    });
  });
});

describe('doctor', () => {
  it('looks at everything, and fails for credentials that are refused', async () => {
    const cwd = await usedProject(threeDestinations);
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
      'credentials of slow': 'ok',
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
