import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { FragmentError, type Application } from '@fragment/core';
import { attached, bodyOf, cleanUp, hosted, started, stored } from './gateway.fixture.js';
import { gateway, type Gateway } from './index.js';

afterEach(cleanUp);

describe('the service', () => {
  it('answers health beside the routes', async () => {
    const { url } = await started();
    expect(await bodyOf(await fetch(`${url}/_health`))).toEqual({ statusCode: 200, message: 'Successful' });
    expect((await fetch(`${url}/_health/ready`)).status).toBe(200);
    expect((await fetch(`${url}/_health`, { method: 'DELETE' })).status).toBe(405);
    expect((await fetch(`${url}/_health/`)).status).toBe(404);
  });

  it('serves the metrics it is given, after its routes and only where it listens', async () => {
    const given = {
      metrics: (_req: unknown, res: { end: (text: string) => void }): void => {
        res.end('up 1');
      },
    };
    const { url, made } = await started(given);
    expect(await (await fetch(`${url}/metrics?x`)).text()).toBe('up 1');
    const host = await hosted(express().use(made.router()));
    expect((await fetch(`${host}/metrics`)).status).toBe(404);
    expect((await fetch(`${(await started()).url}/metrics`)).status).toBe(404);
  });

  it('finishes what runs when it stops', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let arrived: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (arrived = resolve));
    const { made, post } = await started({
      accept: async () => {
        arrived();
        await released;
        return stored;
      },
    });
    const answer = post('{}');
    await running;
    const stopped = made.stop(new AbortController().signal);
    release();
    const res = await answer;
    expect([res.status, res.headers.get('connection')]).toEqual([200, 'close']);
    await stopped;
    await expect(post('{}')).rejects.toThrow();
  });

  it('reports every problem of its options at once', () => {
    const make = (): Gateway =>
      gateway({ port: -1, host: '', trustProxy: -1, limits: { requestBytes: 0, inFlightBytes: -5 } });
    const paths = [
      'host',
      'port',
      'limits.requestBytes',
      'limits.inFlightBytes',
      'limits.inFlightBytes',
      'trustProxy',
    ];
    expect(make).toThrow(FragmentError);
    try {
      make();
    } catch (error) {
      expect((error as FragmentError).code).toBe('FRAGMENT_CONFIG_INVALID');
      expect((error as FragmentError).validations.map(({ path }) => path.slice(1).join('.'))).toEqual(paths);
    }
  });

  it('belongs to one application', async () => {
    const { made } = attached();
    expect(() => made.attach({} as Application)).toThrow(FragmentError);
    await expect(gateway().start()).rejects.toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
    const url = await hosted(gateway().handler);
    expect((await fetch(url)).status).toBe(503);
  });
});

describe('embedded', () => {
  it('never listens with port false, and serves a plain server of the host', async () => {
    const { made, seen } = attached({ port: false });
    expect(await made.start()).toBeUndefined();
    const url = await hosted(made.handler);
    expect((await fetch(`${url}/v1/track`, { method: 'POST', body: '{}' })).status).toBe(200);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/_health/ready`)).status).toBe(200);
    expect(seen).toHaveLength(1);
    await made.stop(AbortSignal.abort());
  });

  it('mounts in Express, below a prefix too, and leaves other paths to the host', async () => {
    const { made, seen } = attached({ port: false });
    const host = express();
    host.use('/cdp', made.router());
    host.use(made.router());
    host.use((_req, res) => void res.status(418).send('host'));
    const url = await hosted(host);
    const post = (path: string) => fetch(`${url}${path}`, { method: 'POST', body: '{"a":1}' });
    expect((await post('/cdp/v1/track?q=1')).status).toBe(200);
    expect((await post('/v1/track')).status).toBe(200);
    expect((await post('/other')).status).toBe(418);
    expect((await fetch(`${url}/cdp/_health`)).status).toBe(200);
    expect(seen.map(({ path, query }) => [path, query.get('q')])).toEqual([
      ['/v1/track', '1'],
      ['/v1/track', null],
    ]);
  });

  it('takes what a body parser of the host left: bytes, text, a value or nothing', async () => {
    const parsers = {
      raw: express.raw({ type: '*/*' }),
      text: express.text({ type: '*/*' }),
      json: express.json({ type: '*/*' }),
    };
    for (const [name, parser] of Object.entries(parsers)) {
      const { made, seen } = attached({ port: false, limits: { requestBytes: 20 } });
      const url = await hosted(express().use(parser, made.router()));
      const post = (body: string | Buffer, headers = {}) =>
        fetch(`${url}/v1/track`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', ...headers },
        });
      expect((await post('{"a":"é"}')).status).toBe(200);
      expect((await post(gzipSync('{"a":"é"}'), { 'content-encoding': 'gzip' })).status).toBe(200);
      expect((await post(`{"a":"${'x'.repeat(20)}"}`)).status).toBe(400);
      expect([name, seen.map(({ body }) => body.toString())]).toEqual([name, ['{"a":"é"}', '{"a":"é"}']]);
    }
    const { made, seen } = attached({ port: false });
    const url = await hosted(
      express().use((req, _res, next) => void req.resume().on('end', next), made.router()),
    );
    expect((await fetch(`${url}/v1/track`, { method: 'POST', body: '{}' })).status).toBe(200);
    expect(seen[0]?.body.length).toBe(0);
  });

  it('answers 400 to a value of the host that is nested too deeply to be written again', async () => {
    const { made } = attached({ port: false });
    const url = await hosted(express().use(express.json(), made.router()));
    const res = await fetch(`${url}/v1/track`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    });
    expect([res.status, (await bodyOf(res))['code']]).toEqual([400, 'FRAGMENT_INGEST_BODY_TOO_DEEP']);
  });
});
