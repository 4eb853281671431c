import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JOB_STATUSES } from '@fragment/core';
import { atTheEnd, cleanUp, project, result } from './process.fixture.js';
import { parametersOf, whereOf } from './operate/filter.js';
import { readEvents } from './operate/server-sent-events.js';
import { mappedFields } from './trial/fields.js';
import { moment, rate, STATUSES } from './values.js';

afterEach(cleanUp);

const message = { type: 'track', event: 'Order Paid', userId: 'u1', properties: { revenue: 12.5 } };

/** A destination that talks to a server, in a project of its own. The channel is where @fragment/http-client tells. */
async function vendor(): Promise<{ cwd: string; received: string[] }> {
  const received: string[] = [];
  const server = createServer((req, res) => {
    received.push(req.url ?? '');
    res.end('{"ok":true}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atTheEnd(() => new Promise((resolve) => server.close(resolve)));
  const cwd = await project({
    'event.json': JSON.stringify(message),
    'fragment.config.js': `
      import { channel } from 'node:diagnostics_channel';
      const post = async (body) => {
        const request = 'POST /orders\\n' + JSON.stringify(body);
        const told = channel('fragment:http');
        try {
          const answer = await fetch('http://127.0.0.1:${(server.address() as AddressInfo).port}/orders', { method: 'POST', body: JSON.stringify(body) });
          told.publish({ request, status: answer.status, response: await answer.text() });
          return { outcome: 'succeeded' };
        } catch (error) {
          told.publish({ request, error: error.cause.message });
          return { outcome: 'failed', error: { code: 'AWAY', message: 'away' } };
        }
      };
      const action = (name) => ({
        name,
        load: ([job]) => post({ who: job.event.userId, total: JSON.parse(job.event.data).properties.revenue, kind: name }).then((r) => [{ job: job.id, ...r }]),
      });
      export default { destinations: [{ name: 'orders', accepts: 'segment', actions: [action('track'), action('special')] }] };`,
  });
  return { cwd, received };
}

describe('test', () => {
  it('shows what would be sent and sends nothing, until it is told to', async () => {
    const { cwd, received } = await vendor();
    const dry = await result(cwd, ['test', 'orders', '--event', 'event.json']);
    expect(dry).toMatchObject({ code: 0, stderr: 'Nothing was sent: --send does that.\n' });
    expect(dry.stdout).toBe(`orders/track, by rest/track

Request
  POST /orders
  {"who":"u1","total":12.5,"kind":"track"}

Response
  nothing is sent without --send

Outcome  failed  AWAY: away

Fields (sent, value, from the event)
  who    "u1"     userId
  total  12.5     properties.revenue
  kind   "track"  type
`);
    expect(received).toEqual([]);

    const sent = await result(cwd, [
      'test',
      'orders',
      '--event',
      'event.json',
      '--action',
      'special',
      '--send',
      '--json',
    ]);
    expect(JSON.parse(sent.stdout)).toMatchObject({
      destination: 'orders',
      sent: true,
      jobs: [
        { action: 'special', outcome: 'succeeded', exchanges: [{ status: 200, response: '{"ok":true}' }] },
      ],
    });
    expect({ code: sent.code, received }).toEqual({ code: 0, received: ['/orders'] });
  });

  it('refuses the connection of any client, as a server that is away would', async () => {
    const cwd = await project({
      'event.json': JSON.stringify(message),
      'fragment.config.js': `
        import { request } from 'node:http';
        const post = () => new Promise((resolve) =>
          request('http://127.0.0.1:1/', { method: 'POST' }).on('error', ({ message }) => resolve(message)).end('{}'));
        const load = async ([{ id }]) => [{ job: id, outcome: 'failed', error: { code: 'AWAY', message: await post() } }];
        export default { destinations: [{ name: 'orders', accepts: 'segment', actions: [{ name: 'track', load }] }] };`,
    });
    const { stdout } = await result(cwd, ['test', 'orders', '--event', 'event.json']);
    expect(stdout).toContain('Outcome  failed  AWAY: nothing is sent without --send');
  });

  it('says that nothing is planned, or that there is no such destination', async () => {
    const { cwd } = await vendor();
    const page = await project({ 'page.json': '{"type":"page","userId":"u1"}' });
    const none = await result(cwd, ['test', 'orders', '--event', `${page}/page.json`]);
    expect(none).toMatchObject({ code: 1, stdout: expect.stringContaining('plan nothing for orders') });
    const unknown = await result(cwd, ['test', 'order', '--event', 'event.json']);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no destination 'order'; there is orders"),
    });
  });
});

describe('check and env', () => {
  const files = {
    'fragment.config.js':
      'export default (env, secret) => ({ adminToken: secret("OPERATORS"), writeKeys: ["hunter2"] });',
    '.env':
      'OPERATORS=hunter2-hunter2-hunter2\nFRAGMENT_HOST=127.0.0.2\nFRAGMENT_LOG_LEVEL=warn\nNODE_ENV=staging',
    '.env.staging': 'FRAGMENT_LOG_LEVEL=error\nFRAGMENT_HOST=127.0.0.3',
    '.env.local': 'FRAGMENT_HOST=127.0.0.4',
    '.env.staging.local': 'FRAGMENT_GATEWAY_PORT=1',
    '.env.development': 'FRAGMENT_GATEWAY_PORT=2',
  };

  it('shows what holds and why, by the files of the mode, and no secret', async () => {
    const { code, stdout } = await result(await project(files), ['env', '--json'], {
      FRAGMENT_SCHEDULER_PORT: '3',
    });
    const shown = JSON.parse(stdout) as { name: string; value: string; from: string }[];
    const of = (wanted: string): string[] =>
      shown.filter(({ name }) => name === wanted).map(({ value, from }) => `${value} ${from}`);
    expect(of('gatewayHost')).toEqual(['127.0.0.4 FRAGMENT_HOST in .env.local']);
    expect(of('logLevel')).toEqual(['error FRAGMENT_LOG_LEVEL in .env.staging']);
    expect(of('gatewayPort')).toEqual(['1 FRAGMENT_GATEWAY_PORT in .env.staging.local']);
    expect(of('schedulerPort')).toEqual(['3 environment FRAGMENT_SCHEDULER_PORT']);
    expect(of('adminToken')).toEqual(['•••••••• option adminToken']);
    expect(of('secret OPERATORS')).toEqual(['•••••••• OPERATORS in .env']);
    expect(stdout).not.toContain('hunter2');
    expect(code).toBe(0);
  });

  it('tells what the application consists of, under both names', async () => {
    const cwd = await project(files);
    const { code, stdout } = await result(cwd, ['check']);
    expect(stdout).toMatch(
      /fragment\.config\.js is valid\.\n.*source +rest\/identify +POST \/v1\/identify +6 flows\n[^]*destination +log/,
    );
    expect(code).toBe(0);
    const json = JSON.parse((await result(cwd, ['build', '--json'])).stdout) as {
      destinations: { name: string }[];
    };
    expect(json.destinations.map(({ name }) => name)).toEqual(['log']);
  });
});

describe('values', () => {
  it('knows the statuses of core', () => {
    expect(STATUSES).toEqual(JOB_STATUSES);
  });

  it('reads times and rates', () => {
    expect(Math.round((Date.now() - moment('2h').getTime()) / 60_000)).toBe(120);
    expect(moment('2026-01-31').toISOString()).toBe('2026-01-31T00:00:00.000Z');
    expect(['50', '50/s', '600/m', '7200/h'].map(rate)).toEqual([50, 50, 10, 2]);
    for (const wrong of ['0', '1/d', '-1', 'fast']) expect(() => rate(wrong)).toThrow('It must be like');
    for (const wrong of ['2', 'h', '2026-13-01', '99y'])
      expect(() => moment(wrong)).toThrow('It must be like');
  });

  it('has a parameter of the admin API for every filter', () => {
    const time = new Date(0);
    const where = whereOf({
      source: ['a'],
      trigger: ['a'],
      type: ['a'],
      name: 'a',
      user: 'a',
      anonymous: 'a',
      messageId: 'a',
      destination: ['a'],
      action: ['a'],
      status: ['failed'],
      errorCode: 'a',
      minAttempts: 1,
      maxAttempts: 2,
      since: time,
      until: time,
    });
    const names = parametersOf(where).map(([name]) => name);
    expect(names).toHaveLength(15);
    for (const name of names) expect(name).toMatch(/^(events|jobs)\.[a-z_]+$/);
    expect(parametersOf(whereOf({ event: 'e' }))).toEqual([['jobs.event_id', 'e']]);
  });
});

describe('mappedFields', () => {
  it('finds a field by its value, the same name first, and times in other spellings', () => {
    const event = { userId: 'x', context: { id: 'x' }, timestamp: '2026-01-01T00:00:00Z' };
    const body = { user_id: 'x', id: 'x', time: 1_767_225_600_000, seconds: 1_767_225_600, other: true };
    const fields = mappedFields(`POST /\n${JSON.stringify([body])}`, event);
    expect(fields.map(({ to, from }) => [to, from])).toEqual([
      ['0.user_id', 'userId'],
      ['0.id', 'context.id'],
      ['0.time', 'timestamp'],
      ['0.seconds', 'timestamp'],
      ['0.other', null],
    ]);
    expect(mappedFields('POST /\na=b', event)).toEqual([]);
  });
});

describe('readEvents', () => {
  it('puts events together, however they arrive', async () => {
    const text = 'data: one\r\n\r\nevent: event\ndata: {"a":\ndata: "é"}\n\n: comment\n\ndata: cut';
    const bytes = new TextEncoder().encode(text);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const events = [];
    for await (const event of readEvents(body)) events.push(event);
    expect(events).toEqual([
      { event: 'message', data: 'one' },
      { event: 'event', data: '{"a":\n"é"}' },
    ]);
  });
});
