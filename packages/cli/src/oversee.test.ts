import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { localOperator } from './operate/local.js';
import type { Operator } from './operate/operator.js';
import { remoteOperator } from './operate/remote.js';
import { cleanUp, fragment, project, result, started, type Running } from './process.fixture.js';

/** Every command is a process, and the machine may be busy. */
const LONG = { timeoutMs: 60_000 };
const PAGE = { limit: 500 };

/** A vendor that refuses everything for good, and tells what was said; one that takes it; one flow that throws. */
const config = (postgres: string): string => `
  const action = (outcome) => ({
    name: 'track',
    load: async (jobs) => jobs.map(({ id }) => ({ job: id, ...outcome })),
  });
  const wire = { status: 422, request: 'POST /v1\\n{"a":1}', response: 'never\\u001b[2J' };
  const error = { code: 'REFUSED', message: 'not you', ...wire };
  export default {
    postgres: ${JSON.stringify(postgres)},
    destinations: [
      { name: 'bad', accepts: 'segment', actions: [action({ outcome: 'discarded', error })] },
      { name: 'good', accepts: 'segment', actions: [action({ outcome: 'succeeded' })] },
    ],
  };`;

let postgres: TestPostgres;
let app: Running;
let cwd = '';
let local: Operator;
let remote: Operator;

beforeAll(async () => {
  postgres = await testPostgres();
  cwd = await project({ 'fragment.config.mjs': config(postgres.url) });
  app = await started(cwd);
  local = await localOperator({ cwd });
  remote = remoteOperator(app.scheduler, { cwd });
}, 120_000);

afterAll(async () => {
  await local.close();
  await cleanUp();
  await postgres.stop();
});

/** Takes in an event, and waits until its jobs have ended. */
async function delivered(operator: Operator, userId: string): Promise<string> {
  const { event_id, jobs } = await operator.sendTest({ type: 'track', userId, event: 'Order Paid' }, {});
  expect(jobs.map(({ destination }) => destination)).toEqual(['bad', 'good']);
  await ended(event_id);
  return event_id;
}

const ended = (eventId: string): Promise<unknown> =>
  waitFor(async () => {
    const { jobs } = await local.findEvent(eventId);
    return jobs.every(({ finished_at }) => finished_at !== null);
  }, LONG);

const finished = (order: string): Promise<unknown> =>
  waitFor(async () => (await local.findOrder(order)).state === 'done', LONG);

const orderIn = (change: object): string => ('order' in change ? String(change.order) : '');

/** Asks both, and returns what both say. */
async function both<T>(ask: (operator: Operator) => Promise<T>): Promise<T> {
  const [own, answered] = await Promise.all([ask(local), ask(remote)]);
  expect(own).toEqual(answered);
  return own;
}

describe('an operator', () => {
  it('sees the same on the store and through the admin API', async () => {
    const [first, second] = [await delivered(local, 'seen'), await delivered(remote, 'seen')];
    const refused = await fetch(`${app.gateway}/v1/track`, { method: 'POST', body: '{"event":"x"}' });
    expect(refused.status).toBe(400);
    await waitFor(async () => (await local.findRejections(PAGE)).count > 0, LONG);
    const where = {
      events: { userId: 'seen', planFailed: false, receivedAfter: new Date(0) },
      jobs: { destinationsIn: ['bad'], statusIn: ['discarded' as const], createdAfter: new Date(0) },
    };
    const order = orderIn(await local.change('retry', where, 1_000));
    await finished(order);
    await ended(first);

    const events = await both((operator) => operator.findEvents({ events: { userId: 'seen' } }, PAGE));
    expect(events.items.map(({ id }) => id)).toEqual([second, first]);
    expect((await both((operator) => operator.findEvents(where, { limit: 1 }))).nextCursor).toBeDefined();
    const event = await both((operator) => operator.findEvent(first));
    expect(event).toMatchObject({ data: { userId: 'seen' }, jobs: [{ id: `${first}.0` }, {}] });
    const job = await both((operator) => operator.findJob(`${first}.0`));
    expect(job.transitions.filter(({ state_after }) => state_after === 'discarded')).toEqual(
      [1, 2].map((attempt) =>
        expect.objectContaining({
          error: { code: 'REFUSED', message: 'not you' },
          exchange: { status: 422, request: 'POST /v1\n{"a":1}', response: 'never\u001b[2J' },
          ...(attempt === 1 && { attempt }),
        }),
      ),
    );
    await both((operator) => operator.findJobs(where, PAGE));
    const { items: rejections } = await both((operator) => operator.findRejections(PAGE));
    expect(rejections[0]?.validations.length).toBeGreaterThan(0);
    expect(await both((operator) => operator.failures(where, 10))).toMatchObject([
      { destination: 'bad', code: 'REFUSED', count: 2 },
    ]);
    expect(await both((operator) => operator.findOrder(order))).toMatchObject({
      where: { 'events.user_id': 'seen', 'jobs.status_in': ['discarded'] },
      state: 'done',
      done: 2,
      actor: 'cli',
    });
    expect((await both((operator) => operator.findOrders(PAGE))).items.map(({ id }) => id)).toContain(order);
    await local.pause('bad', 'a look at it');
    expect(await both((operator) => operator.lanes())).toMatchObject([
      { destination: 'bad', state: 'paused', reason: 'a look at it', counts: { discarded: 2 } },
      { destination: 'good', state: 'open', counts: { succeeded: 2 } },
    ]);
    await remote.resume('bad');
    expect(await both((operator) => operator.findUser('seen'))).toMatchObject({ events: 2 });
    await local.erase('seen');
    await both((operator) => operator.findErasures(PAGE));
    await both((operator) => operator.preview('replay', { events: { planFailed: false } }));

    const { items: acts } = await both((operator) => operator.findAudit(PAGE));
    const told = acts.map(({ actor, action }) => `${actor} ${action}`).reverse();
    expect(told).toEqual([
      'cli event.test',
      'local event.test',
      'cli bulk.order',
      'cli lane.pause',
      'local lane.resume',
      'cli user.erase',
    ]);
    // What is kept for good names nobody who was forgotten.
    expect(JSON.stringify(acts)).not.toContain('seen');
  }, 120_000);

  it('finds what was changed at once in the audit, and what could not be', async () => {
    const id = await delivered(local, 'changed');
    const where = { events: { userId: 'changed' }, jobs: { destinationsIn: ['bad'] } };
    expect(await local.change('retry', where, undefined)).toEqual({ count: 1 });
    await ended(id);
    expect(await local.change('replay', { events: { idsIn: [id] } }, undefined)).toEqual({
      count: 1,
      jobs: 2,
    });
    await ended(id);
    await expect(local.pause('nobody', undefined)).rejects.toMatchObject({
      code: 'FRAGMENT_ADMIN_DESTINATION_UNKNOWN',
    });
    for (const operator of [local, remote]) {
      const aimed = await operator.sendTest({ type: 'track', userId: 'changed' }, { destination: 'good' });
      expect(aimed.jobs.map(({ destination }) => destination)).toEqual(['good']);
    }
    const { items } = await local.findAudit({ limit: 5 });
    expect(
      items.map(({ action, target, count, outcome }) => [action, target, count, outcome]).slice(2),
    ).toEqual([
      ['lane.pause', 'nobody', null, 'FRAGMENT_ADMIN_DESTINATION_UNKNOWN'],
      ['event.replay', `events.ids_in=${id}`, 2, 'ok'],
      ['job.retry', 'events.user_id jobs.destinations_in=bad', 1, 'ok'],
    ]);
    for (const operator of [local, remote]) {
      const unknown = [
        operator.findEvent('nothing'),
        operator.findJob('nothing'),
        operator.findOrder('nothing'),
        operator.findUser('nobody'),
        operator.cancelOrder('nothing'),
      ];
      for (const answer of await Promise.allSettled(unknown))
        expect(answer).toMatchObject({
          status: 'rejected',
          reason: { code: expect.stringMatching(/_UNKNOWN$|REMOTE_REFUSED$/) },
        });
    }
  }, 120_000);
});

describe('commands', () => {
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await result(cwd, args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: expect.any(String) });
    return stdout;
  };

  it('tell people of events and jobs, with what went over the wire', async () => {
    const id = await delivered(local, 'told');
    const [events, none, event, job, retry, failures] = await Promise.all([
      run('events', 'list', '--user', 'told', '--since', '1h'),
      result(cwd, ['events', 'list', '--user', 'told', '--until', '1h', '--fail-if-empty']),
      run('events', 'show', id, '--url', app.scheduler),
      run('jobs', 'show', `${id}.1`, '--json'),
      run('jobs', 'retry', '--job', `${id}.0`, '--dry-run'),
      run('failures', '--user', 'told', '--destination', 'bad'),
    ]);
    expect(events).toMatch(new RegExp(`${id} {2}track {2}Order Paid {2}told {2}1 discarded, 1 succeeded\n`));
    expect(none.code).toBe(5);
    expect(event).toMatch(/^user +told\n/m);
    expect(event).toContain('    "event": "Order Paid"\n');
    const tried =
      / {2}discarded {2}try 1 {2}REFUSED: not you\n {4}request\n {6}POST \/v1\n {6}\{"a":1\}\n {4}response {2}422\n {6}never \[2J\n/;
    expect(event).toMatch(tried);
    expect(JSON.parse(job)).toMatchObject({ destination: 'good', transitions: [{}, {}, {}, {}] });
    expect(retry).toContain('Retry would change 1 job.');
    expect(failures).toMatch(new RegExp(`^1 {2}bad/track {2}discarded .*${id}\\.0 {2}REFUSED: not you\n$`));
  }, 120_000);

  it('take in a message, pause a lane, and forget a user', async () => {
    const message = JSON.stringify({ type: 'track', userId: 'acted', event: 'X' });
    const sent = await run('events', 'send', message, '--destination', 'good');
    expect(sent).toMatch(/^Event [\w-]+: stored\.\n {2}[\w-]+\.0 {2}good\/track\n$/);
    const remotely = ['--url', app.scheduler];
    expect(await run('destinations', 'pause', 'good', '--reason', 'theirs', ...remotely)).toContain(
      'is paused.',
    );
    const [lanes, user] = await Promise.all([run('destinations', 'list'), run('users', 'show', 'acted')]);
    expect(lanes).toMatch(/^good +paused .* theirs$/m);
    expect(user).toMatch(/^events +1$/m);
    expect(JSON.parse(await run('destinations', 'resume', 'good', '--json'))).toMatchObject({
      state: 'open',
    });
    expect(await run('users', 'erase', 'acted', '--confirm', 'acted', ...remotely)).toMatch(
      /^Erased 1 event, 1 job, 0 rejections\.\nreceipt +[\w-]+\n/,
    );
    expect((await result(cwd, ['users', 'show', 'acted'])).stderr).toContain('FRAGMENT_ADMIN_USER_UNKNOWN');
  }, 120_000);

  it('follow an order until it has ended, and cancel it', async () => {
    const batch = Array.from({ length: 100 }, () => ({ type: 'track', userId: 'many', event: 'Order Paid' }));
    const answer = await fetch(`${app.gateway}/v1/batch`, {
      method: 'POST',
      body: JSON.stringify({ batch }),
    });
    expect(answer.status).toBe(200);
    const many = ['--user', 'many', '--type', 'track'];
    const dry = await run('events', 'replay', ...many, '--dry-run', '--url', app.scheduler);
    expect(dry).toBe('Replay would change 100 events. Dry run: nothing was changed.\n');
    // Longer than this test may take.
    const ordered = await run('events', 'replay', ...many, '--rate', '30/m', '--yes', '--json');
    const { order, count } = JSON.parse(ordered) as { order: string; count: number };
    expect(count).toBe(100);

    const watching = [[], ['--url', app.scheduler]].map((where) =>
      fragment(cwd, ['orders', 'show', order, '--watch', ...where]),
    );
    const [interrupted, patient] = watching;
    await waitFor(() => watching.every(({ stderr }) => /^running .* of 100,/m.test(stderr)), LONG);
    interrupted?.process.kill('SIGINT');
    expect(await interrupted?.code).toBe(130);
    expect(await run('orders', 'cancel', order)).toMatch(
      /^The order is cancelled: \d+ of 100, \d+ changed\.\n$/,
    );
    expect(await patient?.code).toBe(1);
    expect(patient?.stdout).toMatch(/^state +cancelled$/m);

    const done = orderIn(await local.change('replay', { events: { userId: 'many' } }, 10_000));
    expect(await run('orders', 'show', done, '--watch')).toMatch(/^progress +100 of 100, 200 changed$/m);
  }, 120_000);
});
