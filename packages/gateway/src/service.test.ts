import express from 'express';
import { afterEach, describe, expect, it } from '@jest/globals';
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
