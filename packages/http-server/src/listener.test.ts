import { once } from 'node:events';
import { get, type IncomingMessage, Agent } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Application, Health } from '@fragment/core';
import { FragmentError, silentLogger } from '@fragment/core';
import {
  answerError,
  answerHealth,
  answerJson,
  isHealthPath,
  isLoopback,
  listenProblems,
  positiveProblems,
} from './index.js';
import { cleanUp, listener } from './listener.fixture.js';

afterEach(cleanUp);

describe('createListener', () => {
  it('tells where it listens, and that a port is taken', async () => {
    const first = await listener().start();
    expect(first.url).toBe(`http://127.0.0.1:${first.port}`);
    expect(await (await fetch(first.url)).json()).toEqual({ ok: true });

    const second = listener({ port: first.port }).start();
    await expect(second).rejects.toMatchObject({
      code: 'FRAGMENT_SERVICE_PORT_TAKEN',
      detail: `The gateway cannot listen on 127.0.0.1:${first.port}.`,
    });
  });

  it('calls an address of another machine a fault of the configuration', async () => {
    await expect(listener({ host: '192.0.2.1' }).start()).rejects.toMatchObject({
      code: 'FRAGMENT_CONFIG_INVALID',
      validations: [{ path: ['gateway', 'host'] }],
    });
  });

  it('lets a running request end, closes its connection and leaves idle ones at once', async () => {
    let answer: () => void = () => undefined;
    const running = new Promise<void>((arrived) => {
      answer = arrived;
    });
    const made = listener({
      handle: (req, res) => {
        const now = answer;
        if (req.url === '/slow') answer = () => answerJson(res, 200, { late: true });
        else answerJson(res, 200, {});
        if (req.url === '/slow') now();
      },
    });
    const { port } = await made.start();
    const agent = new Agent({ keepAlive: true });
    const request = async (path: string): Promise<IncomingMessage> => {
      const [res] = (await once(get({ port, host: '127.0.0.1', path, agent }), 'response')) as [
        IncomingMessage,
      ];
      res.resume();
      await once(res, 'end');
      return res;
    };
    const idle = await request('/idle');
    expect(idle.headers.connection).toBe('keep-alive');
    const unused = connect(port, '127.0.0.1');
    await once(unused, 'connect');

    const slow = request('/slow');
    await running;
    const stopped = made.stop(new AbortController().signal);
    await once(unused.resume(), 'close');
    answer();
    expect((await slow).headers.connection).toBe('close');
    await stopped;
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
    agent.destroy();
  });

  it('cuts what still runs when the signal aborts', async () => {
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const made = listener({ handle: () => arrive() });
    const { port } = await made.start();
    get({ port, host: '127.0.0.1' }).on('error', () => undefined);
    await arrived;
    const controller = new AbortController();
    const stopped = made.stop(controller.signal);
    controller.abort();
    await stopped;
  });
});

describe('answers', () => {
  const answered = async (error: unknown, logged: object[] = []): Promise<Response> => {
    const logger = { ...silentLogger, error: (fields: object) => void logged.push(fields) };
    const { url } = await listener({ handle: (_req, res) => answerError(res, error, logger) }).start();
    return fetch(url);
  };

  it('says whole seconds in Retry-After on 429 and 503, and nothing else', async () => {
    const overloaded = await answered(
      new FragmentError('FRAGMENT_INGEST_OVERLOADED', { retryAfterSeconds: 1.2 }),
    );
    expect([overloaded.status, overloaded.headers.get('retry-after')]).toEqual([429, '2']);
    const away = await answered(
      new FragmentError('FRAGMENT_STORE_UNAVAILABLE', { detail: 'connect 10.0.0.5' }),
    );
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await away.text()).not.toContain('10.0.0.5');
    const missing = await answered(new FragmentError('FRAGMENT_HTTP_NOT_FOUND'));
    expect(missing.headers.has('retry-after')).toBe(false);
  });

  it('answers 500 without a word of what broke, and logs it without what a sender wrote', async () => {
    const logged: object[] = [];
    const res = await answered(new TypeError('secret machine'), logged);
    expect(await res.json()).toEqual({
      statusCode: 500,
      code: 'FRAGMENT_HTTP_INTERNAL',
      message: 'Internal Server Error',
      validations: [],
    });
    expect(logged).toEqual([{ err: new TypeError('secret machine') }]);

    logged.length = 0;
    const syntax = await answered(new SyntaxError('Unexpected token in "jane@example.com"'), logged);
    expect(syntax.status).toBe(500);
    expect(JSON.stringify(logged)).not.toContain('jane');
    expect(logged).toMatchObject([{ error: 'SyntaxError' }]);
  });
});

describe('health', () => {
  const asked = async (path: string, health: () => Promise<Health>, init?: RequestInit, stopping = false) => {
    const app = { health, logger: silentLogger } as unknown as Application;
    const { url } = await listener({
      handle: (req, res) => void answerHealth(req, res, path, { app, stopping }),
    }).start();
    return fetch(url, init);
  };
  const never = (): Promise<Health> => Promise.reject(new TypeError('the store must not be asked'));
  const checks = [{ name: 'store', status: 'failed', message: 'connect 10.0.0.5' }] as const;

  it('is live whatever the store does', async () => {
    for (const path of ['/_health', '/_health/live']) {
      const res = await asked(path, never);
      expect([res.status, await res.json()]).toEqual([200, { statusCode: 200, message: 'Successful' }]);
    }
    expect(isHealthPath('/_health/live')).toBe(true);
    expect(isHealthPath('/_health/other')).toBe(false);
  });

  it('is ready unless the application is unavailable or stopping, and keeps messages to itself', async () => {
    const degraded = await asked('/_health/ready', () => Promise.resolve({ status: 'degraded', checks }));
    expect(degraded.status).toBe(200);
    const away = await asked('/_health/ready', () => Promise.resolve({ status: 'unavailable', checks }));
    expect([away.status, await away.json()]).toEqual([
      503,
      {
        statusCode: 503,
        message: 'Service Unavailable',
        data: { status: 'unavailable', checks: [{ name: 'store', status: 'failed' }] },
      },
    ]);
    const stopping = await asked(
      '/_health/ready',
      () => Promise.resolve({ status: 'ok', checks: [] }),
      {},
      true,
    );
    expect(stopping.status).toBe(503);
    expect((await asked('/_health/ready', never)).status).toBe(500);
    const posted = await asked('/_health', never, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('options', () => {
  it('finds every problem', () => {
    expect(listenProblems('gateway', { host: '', port: 70_000 }).map(({ path }) => path)).toEqual([
      ['gateway', 'host'],
      ['gateway', 'port'],
    ]);
    expect(listenProblems('gateway', { port: false })).toEqual([]);
    expect(positiveProblems('gateway', { a: 1, 'limits.b': 0, c: undefined })).toMatchObject([
      { path: ['gateway', 'limits', 'b'] },
    ]);
  });

  it('knows loopback by name and by address', () => {
    const inside = [
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '[::1]',
      'localhost',
      'LOCALHOST',
      'a.localhost',
      '::ffff:127.0.0.1',
    ];
    const outside = [
      '0.0.0.0',
      '::',
      '10.0.0.1',
      '127.0.0.1.example.com',
      'example.com',
      'localhost.evil.com',
      '',
      '1277.0.0.1',
    ];
    expect(inside.filter((host) => !isLoopback(host))).toEqual([]);
    expect(outside.filter(isLoopback)).toEqual([]);
  });
});
