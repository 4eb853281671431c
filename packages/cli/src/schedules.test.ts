import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { localOperator } from './operate/local.js';
import type { Operator, RemoteOperator } from './operate/operator.js';
import { remoteOperator } from './operate/remote.js';
import { atTheEnd, cleanUp, project, result, started, type Running } from './process.fixture.js';

const LONG = { timeoutMs: 60_000 };
const contacts = { source: 'crm', trigger: 'contacts' };
const broken = { source: 'crm', trigger: 'broken' };

/** Schedules that never come due within a test, and destinations with every answer that a check can have. */
const config = (postgres: string): string => `
  const cron = (name, extract) => ({ name, mode: 'cron', schedule: '@yearly', extract });
  const hook = { name: 'hook', mode: 'http', route: { methods: ['POST'], path: '/hook' }, extract: () => ({ data: {} }) };
  const vendor = (name, check) => ({ name, accepts: 'segment', actions: [{ name: 'track', load: async () => [] }], check });
  export default {
    postgres: ${JSON.stringify(postgres)},
    sources: [{
      name: 'crm',
      triggers: [
        cron('contacts', () => ({ data: { found: 1 } })),
        cron('broken', () => Promise.reject(new Error('gone\\u001b[2J'))),
        hook,
      ],
    }],
    destinations: [
      vendor('open', async () => 'ok'),
      vendor('shut', async () => 'refused'),
      vendor('mute'),
    ],
  };`;

let postgres: TestPostgres;
let app: Running;
let cwd = '';
let local: Operator;
let remote: RemoteOperator;

beforeAll(async () => {
  postgres = await testPostgres();
  cwd = await project({
    'fragment.config.mjs': config(postgres.url),
    'none.config.mjs': `export default { postgres: ${JSON.stringify(postgres.url)} };`,
  });
  app = await started(cwd);
  local = await localOperator({ cwd });
  remote = remoteOperator(app.scheduler, { cwd });
}, 120_000);

afterAll(async () => {
  await local.close();
  await cleanUp();
  await postgres.stop();
});

/** Asks both, and returns what both say. */
async function both<T>(ask: (operator: Operator) => Promise<T>): Promise<T> {
  const [own, answered] = await Promise.all([ask(local), ask(remote)]);
  expect(own).toEqual(answered);
  return own;
}

/** So many runs, all of them over. */
const over = (of: typeof contacts, count: number): Promise<unknown> =>
  waitFor(async () => {
    const { items } = await local.findRuns(of, { limit: 10 });
    return items.length === count && items.every(({ finished_at }) => finished_at !== null);
  }, LONG);

const run = async (expected: number, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await result(cwd, args);
  expect({ args, code, stderr }).toEqual({ args, code: expected, stderr: expect.any(String) });
  return stdout;
};

describe('an operator of schedules', () => {
  it('sees the same on the store and through the admin API', async () => {
    expect(await both((operator) => operator.schedules())).toMatchObject([
      { ...contacts, interval: '@yearly', next_run_at: expect.stringMatching(/-01-01T00:00:00/) },
      { ...broken, last_run: null },
    ]);
    const first = await remote.runNow(contacts);
    expect(first).toMatchObject({ ...contacts, by_hand: true, state: 'running' });
    await over(contacts, 1);
    const second = await remote.runNow(contacts);
    await remote.runNow(broken);
    await over(contacts, 2);
    await over(broken, 1);

    const page = await both((operator) => operator.findRuns(contacts, { limit: 1 }));
    expect(page).toMatchObject({ items: [{ id: second.id, state: 'succeeded', events: 1 }], count: 2 });
    const cursor = String(page.nextCursor);
    const rest = await both((operator) => operator.findRuns(contacts, { limit: 1, cursor }));
    expect(rest.items.map(({ id }) => id)).toEqual([first.id]);
    expect(await both((operator) => operator.schedules())).toMatchObject([
      { last_run: { id: second.id } },
      { last_run: { state: 'failed', error: { message: expect.stringContaining('gone') }, events: null } },
    ]);
    // When each was seen last may change between the two answers.
    const services = await both(async (operator) =>
      (await operator.services()).map((service) => ({ ...service, seen_at: typeof service.seen_at })),
    );
    expect(services.map(({ service, gone, pid }) => [service, gone, pid]).sort()).toEqual([
      ['gateway', false, app.process.pid],
      ['scheduler', false, app.process.pid],
    ]);
    for (const [operator, code] of [
      [local, 'FRAGMENT_ADMIN_SOURCE_UNKNOWN'],
      [remote, 'FRAGMENT_CLI_REMOTE_REFUSED'],
    ] as const)
      for (const unknown of [
        { source: 'x/y', trigger: 'contacts' },
        { source: 'crm', trigger: 'nothing' },
      ])
        await expect(operator.findRuns(unknown, { limit: 1 })).rejects.toMatchObject({ code });
  }, 120_000);

  it('checks destinations, and finds that in the audit', async () => {
    for (const [destination, answer] of [
      ['open', 'ok'],
      ['shut', 'refused'],
      ['mute', 'unknown'],
    ] as const)
      expect(await both((operator) => operator.check(destination))).toEqual({ destination, result: answer });
    await expect(local.check('nobody')).rejects.toMatchObject({ code: 'FRAGMENT_ADMIN_DESTINATION_UNKNOWN' });
    await expect(remote.runNow({ source: 'crm', trigger: 'hook' })).rejects.toMatchObject({
      message: expect.stringContaining('FRAGMENT_TRIGGER_NOT_SCHEDULED'),
    });
    const { items } = await local.findAudit({ limit: 3 });
    expect(items.map(({ actor, action, target, outcome }) => [actor, action, target, outcome])).toEqual([
      ['local', 'trigger.run', 'crm/hook', 'FRAGMENT_TRIGGER_NOT_SCHEDULED'],
      ['cli', 'destination.check', 'nobody', 'FRAGMENT_ADMIN_DESTINATION_UNKNOWN'],
      [expect.any(String), 'destination.check', 'mute', 'ok'],
    ]);
  }, 120_000);
});

describe('commands', () => {
  it('run a schedule, and tell how it ended', async () => {
    const refused = await result(cwd, ['schedules', 'run', 'crm', 'contacts']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--url') });
    const before = (await local.findRuns(broken, { limit: 10 })).count;
    const remotely = ['--url', app.scheduler];
    expect(await run(0, 'schedules', 'run', 'crm', 'broken', ...remotely)).toMatch(
      /^Run [\w-]+ of crm\/broken has begun\.\n$/,
    );
    await over(broken, before + 1);
    const [schedules, runs, none, services] = await Promise.all([
      run(0, 'schedules', 'list', ...remotely),
      run(0, 'schedules', 'runs', 'crm', 'broken', '--limit', '1', '--json'),
      run(5, 'schedules', 'list', '--config', 'none.config.mjs', '--fail-if-empty'),
      run(0, 'services'),
    ]);
    expect(schedules).toMatch(/^crm\/broken +@yearly +next \d+-01-01\S+ +last \S+ +failed: .*gone \[2J\n$/m);
    const { meta, data } = JSON.parse(runs) as { meta: object; data: object[] };
    expect(meta).toMatchObject({ count: before + 1 });
    expect(data).toMatchObject([{ ...broken, state: 'failed', by_hand: true }]);
    expect(none).toBe('');
    expect(services).toMatch(new RegExp(`^scheduler +runs .*:${app.process.pid} +http://\\S+ +since`, 'm'));
  }, 120_000);

  it('tell whether credentials work, and fail when they are refused', async () => {
    const [ok, refused, unknown] = await Promise.all([
      run(0, 'destinations', 'check', 'open'),
      run(1, 'destinations', 'check', 'shut', '--json', '--url', app.scheduler),
      run(0, 'destinations', 'check', 'mute'),
    ]);
    expect([ok, unknown]).toEqual(['ok\n', 'unknown\n']);
    expect(JSON.parse(refused)).toEqual({ destination: 'shut', result: 'refused' });
  }, 120_000);

  it('name a service that is gone', async () => {
    const seen = { started_at: '2026-01-01T00:00:00.000Z', seen_at: '2026-01-02T00:00:00.000Z' };
    const gone = { service: 'gateway', application: 'shop', host: 'a', pid: 7, address: null, gone: true };
    // A real one would have to be silent for half a minute.
    const server = createServer((_req, res) => res.end(JSON.stringify({ data: [{ ...gone, ...seen }] })));
    atTheEnd(() => new Promise((resolve) => server.close(resolve)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await run(0, 'services', '--url', url)).toBe(
      'gateway  gone  shop  a:7  no address  last seen 2026-01-02T00:00:00.000Z\n',
    );
  }, 120_000);

  it('are completed with the names of sources and of their triggers', async () => {
    expect(await run(0, '__complete', '3', 'schedules', 'runs', '')).toBe('crm\n');
    expect(await run(0, '__complete', '4', 'schedules', 'runs', 'crm', 'co')).toBe('contacts\n');
    expect(await run(0, '__complete', '4', 'schedules', 'runs', 'other', '')).toBe('');
  }, 120_000);
});
