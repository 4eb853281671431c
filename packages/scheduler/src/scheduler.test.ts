import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, type Application } from '@fragment/core';
import { scheduler, type AdminHandler, type SchedulerOptions } from './index.js';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function attached(options: SchedulerOptions) {
  const calls: string[] = [];
  const app = {
    logger: silentLogger,
    health: () => Promise.resolve({ status: 'ok', checks: [] }),
    execution: {
      start: () => Promise.resolve(void calls.push('start')),
      stop: (signal: AbortSignal) => Promise.resolve(void calls.push(signal.aborted ? 'cut' : 'stop')),
    },
  } as unknown as Application;
  const made = scheduler({ port: 0, ...options });
  made.attach(app);
  return { made, calls, app };
}

async function started(options: SchedulerOptions = {}) {
  const parts = attached(options);
  const address = await parts.made.start();
  cleanups.push(() => parts.made.stop(AbortSignal.abort()));
  return { ...parts, address, url: address?.url ?? '' };
}

const adminHandler = (isProtected: boolean) => {
  const attachedTo: Application[] = [];
  const admin: AdminHandler = {
    basePath: '/admin',
    protected: isProtected,
    attach: (app) => void attachedTo.push(app),
    handler: (req, res) => void res.end(`admin ${req.url ?? ''}`),
  };
  return { admin, attachedTo };
};

describe('scheduler', () => {
  it('serves metrics where admin has them, and nothing there where it has none', async () => {
    const { admin } = adminHandler(false);
    const withMetrics = await started({ admin: { ...admin, metrics: (_req, res) => void res.end('up 1') } });
    expect(await (await fetch(`${withMetrics.url}/metrics?x`)).text()).toBe('up 1');
    const without = await started({ admin });
    expect((await fetch(`${without.url}/metrics`)).status).toBe(404);
  });

  it('runs the execution for as long as it listens', async () => {
    const { made, calls, url } = await started();
    expect(calls).toEqual(['start']);
    expect((await fetch(`${url}/_health/ready`)).status).toBe(200);
    await made.stop(new AbortController().signal);
    expect(calls).toEqual(['start', 'stop']);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('serves what it is given below its path, health, and 404 for the rest', async () => {
    const { admin, attachedTo } = adminHandler(false);
    const { url, app } = await started({ admin });
    expect(attachedTo).toEqual([app]);
    const text = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();
    expect(await text('/admin')).toBe('admin /admin');
    expect(await text('/admin/api/x?y=1')).toBe('admin /admin/api/x?y=1');
    expect(await text('/_health')).toBe('{"statusCode":200,"message":"Successful"}');
    const missing = await fetch(`${url}/administrator`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'FRAGMENT_HTTP_NOT_FOUND' }]);
    const none = await started();
    expect((await fetch(`${none.url}/admin`)).status).toBe(404);
  });

  it('refuses to show an open admin to other machines before anything starts', async () => {
    const open = attached({ host: '0.0.0.0', admin: adminHandler(false).admin });
    await expect(open.made.start()).rejects.toMatchObject({ code: 'FRAGMENT_ADMIN_TOKEN_REQUIRED' });
    expect(open.calls).toEqual([]);
    expect((await started({ host: '0.0.0.0', admin: adminHandler(true).admin })).address?.url).toMatch(
      /localhost/,
    );
    expect((await started({ host: '0.0.0.0' })).address).toBeDefined();
  });

  it('stops the execution again when it cannot listen', async () => {
    const { address } = await started();
    const second = attached({ port: address!.port });
    await expect(second.made.start()).rejects.toMatchObject({ code: 'FRAGMENT_SERVICE_PORT_TAKEN' });
    expect(second.calls).toEqual(['start', 'cut']);
  });

  it('runs without listening inside a host', async () => {
    const { address, calls } = await started({
      port: false,
      host: '0.0.0.0',
      admin: adminHandler(false).admin,
    });
    expect([address, calls]).toEqual([undefined, ['start']]);
  });

  it('refuses bad options and a second application', async () => {
    expect(() => scheduler({ port: 1.5 })).toThrow('The configuration is not valid.');
    const { made, app } = attached({});
    expect(() => made.attach(app)).toThrow('The scheduler belongs to an application.');
    await expect(scheduler().start()).rejects.toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
  });
});
