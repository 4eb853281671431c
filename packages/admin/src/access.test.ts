import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Clock } from '@fragment/core';
import { cleanUp, started } from './admin.fixture.js';
import { bulk, eventId, job } from './samples.fixture.js';
import { adminEndpoints } from './api/endpoints.js';
import type { AdminToken, Role } from './index.js';

afterEach(cleanUp);

const tokens: readonly AdminToken[] = [
  { name: 'viewer', role: 'read', token: 'viewer token, quite long' },
  { name: 'operator', role: 'operate', token: 'operator token, quite long' },
  { name: 'owner', role: 'admin', token: 'owner token, quite long' },
];
const tokenOf = (role: Role): string => tokens.find((token) => token.role === role)?.token ?? '';
const as = (role: Role): Record<string, string> => ({ authorization: `Bearer ${tokenOf(role)}` });
const json = { 'content-type': 'application/json' };

const known: Readonly<Record<string, string>> = {
  ':source_name': 'rest',
  ':trigger_name': 'track',
  ':destination_name': 'amplitude',
  ':action_name': 'track',
  ':event_id': eventId,
  ':job_id': job.id,
  ':bulk_id': bulk.id,
  ':user_id': 'u1',
  ':migration_id': '0001',
};
const bodies: Readonly<Record<string, object>> = {
  '/api/store/preview': { kind: 'retry', where: {} },
  '/api/store/bulks': { kind: 'retry', where: {} },
  '/api/test-events': { message: { type: 'track' } },
  '/api/users/:user_id/erase': { confirm: 'u1' },
};
const endpoints = adminEndpoints('/admin').filter(({ role }) => role !== 'open');
const pathOf = (path: string): string =>
  path.replace(/:[a-z_]+/g, (name) => encodeURIComponent(known[name] ?? name));

describe('every endpoint', () => {
  const callers = ['nobody', 'read', 'operate', 'admin'] as const;
  const cases = endpoints.flatMap((endpoint) => callers.map((caller) => ({ ...endpoint, caller })));
  const ranks = { read: 1, operate: 2, admin: 3, open: 0, nobody: 0 } as const;

  it('is one of those that are described', () => {
    expect(endpoints.length).toBeGreaterThan(35);
  });

  it.each(cases)(
    '$method $path is answered to $caller by its role',
    async ({ method, path, role, caller }) => {
      const { url, done } = await started({ tokens });
      const init: RequestInit = {
        method,
        headers: { ...json, ...(caller === 'nobody' ? {} : as(caller)) },
        ...(method === 'POST' ? { body: JSON.stringify(bodies[path] ?? {}) } : {}),
      };
      const end = new AbortController();
      const res = await fetch(`${url}/admin${pathOf(path)}`, { ...init, signal: end.signal });
      const allowed = ranks[caller] >= ranks[role];
      expect(res.status).toBe(caller === 'nobody' ? 401 : !allowed ? 403 : res.ok ? res.status : 200);
      if (!allowed) expect(done).toEqual([]);
      end.abort();
    },
  );
});

/** Logs in and returns what a browser keeps. */
async function loggedIn(url: string, role: Role) {
  const res = await fetch(`${url}/admin/api/session`, {
    method: 'POST',
    headers: { ...json, origin: url },
    body: JSON.stringify({ token: tokenOf(role) }),
  });
  const set = res.headers.get('set-cookie') ?? '';
  const cookie = set.split(';', 1)[0] ?? '';
  const session = await fetch(`${url}/admin/api/session`, { headers: { cookie } });
  const { data } = (await session.json()) as { data: { csrf: string; actor: string; role: string } };
  return { status: res.status, set, cookie, ...data };
}

describe('a session', () => {
  it('is a cookie that only its own site sends and no script reads', async () => {
    const { url } = await started({ tokens });
    const { status, set, actor, role } = await loggedIn(url, 'operate');
    expect(status).toBe(200);
    expect(set).toMatch(/^fragment_session=[\w.-]+; Path=\/admin; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain('token');
    expect([actor, role]).toEqual(['operator', 'operate']);
  });

  it('is marked secure behind a proxy that speaks https', async () => {
    const { url } = await started({ tokens });
    const res = await fetch(`${url}/admin/api/session`, {
      method: 'POST',
      headers: { ...json, 'x-forwarded-proto': 'https' },
      body: JSON.stringify({ token: tokenOf('read') }),
    });
    expect(res.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  it('reads by itself, and writes only with what the page alone knows', async () => {
    const { url, done } = await started({ tokens });
    const { cookie, csrf } = await loggedIn(url, 'operate');
    expect((await fetch(`${url}/admin/api/lanes`, { headers: { cookie } })).status).toBe(200);
    const pause = (headers: Record<string, string>) =>
      fetch(`${url}/admin/api/destinations/amplitude/pause`, {
        method: 'POST',
        headers: { ...json, cookie, ...headers },
        body: '{}',
      });
    for (const headers of [
      {},
      { 'x-fragment-csrf': `${csrf}x` },
      { 'x-fragment-csrf': csrf, origin: 'https://evil.example.com' },
      { 'x-fragment-csrf': csrf, 'sec-fetch-site': 'cross-site' },
      { 'x-fragment-csrf': csrf, 'sec-fetch-site': 'same-site' },
      { 'x-fragment-csrf': csrf, origin: 'null' },
    ]) {
      const res = await pause(headers);
      expect([headers, res.status]).toEqual([headers, 403]);
    }
    expect(done.filter(([name]) => name === 'pause')).toEqual([]);
    expect(
      (await pause({ 'x-fragment-csrf': csrf, origin: url, 'sec-fetch-site': 'same-origin' })).status,
    ).toBe(200);
    expect(done).toContainEqual(['pause', 'amplitude', undefined]);
  });

  it('ends: by itself, by logging out, and when its token is changed', async () => {
    const clock = { now: Date.now() };
    const moving: Clock = { now: () => clock.now, setTimer: () => ({ clear: () => undefined }) };
    const { url } = await started({ tokens, clock: moving });
    const { cookie } = await loggedIn(url, 'admin');
    const status = async (at: string) =>
      (await fetch(`${at}/admin/api/lanes`, { headers: { cookie } })).status;
    expect(await status(url)).toBe(200);
    const { url: other } = await started({
      tokens: [...tokens.slice(0, 2), { name: 'owner', role: 'admin', token: 'another token, quite long' }],
    });
    expect(await status(other)).toBe(401);
    clock.now += 12 * 3_600_000;
    expect(await status(url)).toBe(401);
    const out = await fetch(`${url}/admin/api/session`, { method: 'DELETE', headers: { cookie } });
    expect(out.headers.get('set-cookie')).toMatch(/^fragment_session=; .*Max-Age=0/);
  });

  it.each(['', 'x', 'x.y', 'e30.AAAA', '%00.%00', `x.${'é'.repeat(43)}`])(
    'is not what somebody makes up: %j',
    async (value) => {
      const { ask } = await started({ tokens });
      expect(
        (await ask('/admin/api/lanes', { headers: { cookie: `fragment_session=${value}` } })).status,
      ).toBe(401);
    },
  );

  it('is told by the audit when it begins and ends, with who and as what, and never with its token', async () => {
    const { url, done } = await started({ tokens });
    const { cookie, csrf } = await loggedIn(url, 'operate');
    const headers = { cookie, 'x-fragment-csrf': csrf, origin: url };
    const end = (sent: Record<string, string>) =>
      fetch(`${url}/admin/api/session`, { method: 'DELETE', headers: sent });
    expect((await end({ cookie, origin: 'https://evil.example.com' })).status).toBe(403);
    expect((await end(headers)).status).toBe(200);
    // Nobody's, a second time: there is nothing to end.
    expect((await end({ origin: url })).status).toBe(200);
    expect(done).toEqual([
      ['note', { actor: 'operator', action: 'session.open', target: 'operate', outcome: 'ok' }],
      ['note', { actor: 'operator', action: 'session.close', target: 'operate', outcome: 'ok' }],
    ]);
    expect(JSON.stringify(done)).not.toContain(tokenOf('operate'));
  });

  it('cannot be guessed for long, nor flood the audit', async () => {
    const clock = { now: Date.now() };
    const moving: Clock = { now: () => clock.now, setTimer: () => ({ clear: () => undefined }) };
    const { ask, done } = await started({ tokens, clock: moving });
    const guess = (token: string) =>
      ask('/admin/api/session', { method: 'POST', headers: json, body: JSON.stringify({ token }) });
    const answers: number[] = [];
    for (let n = 0; n < 25; n += 1) answers.push((await guess('wrong')).status);
    expect(answers.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401));
    const { status, headers } = await guess(tokenOf('read'));
    expect([status, headers.get('retry-after')]).toEqual([429, '3']);
    // Five minutes of guessing as often as one may leaves a row a minute.
    for (let n = 0; n < 100; n += 1) {
      clock.now += 3_000;
      await guess('wrong');
    }
    const failed = { actor: 'nobody', action: 'session.open', outcome: 'FRAGMENT_ADMIN_UNAUTHORIZED' };
    expect(done).toEqual(Array.from({ length: 25 }, () => ['note', failed]));
  });
});

describe('without a login', () => {
  it('this machine may do everything, but no page of another site through its browser', async () => {
    const { url, done } = await started();
    const retry = (headers: Record<string, string>) =>
      fetch(`${url}/admin/api/store/jobs/${job.id}/retry`, { method: 'POST', headers, body: '{}' });
    expect((await retry({ ...json, origin: 'https://evil.example.com' })).status).toBe(403);
    expect((await retry({ ...json, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    // A form needs no permission to be sent, but cannot say that it is JSON.
    expect((await retry({ 'content-type': 'text/plain' })).status).toBe(400);
    expect(done.filter(([name]) => name === 'retry')).toEqual([]);
    expect((await retry(json)).status).toBe(200);
  });

  it('says that nobody is asked', async () => {
    const { ask } = await started();
    expect((await ask('/admin/api/session')).body.data).toEqual({
      authenticated: true,
      actor: 'local',
      role: 'admin',
      login: 'none',
      csrf: null,
    });
  });
});

describe("a host's login", () => {
  it('says who somebody is and what they may do', async () => {
    const hostLogin = (req: IncomingMessage) => {
      const actor = req.headers['x-user'];
      return typeof actor === 'string' ? { actor, role: 'operate' as const } : undefined;
    };
    const { ask, done } = await started({ hostLogin });
    expect((await ask('/admin/api/lanes')).status).toBe(401);
    const headers = { ...json, 'x-user': 'jane' };
    expect((await ask('/admin/api/lanes', { headers })).status).toBe(200);
    const pause = '/admin/api/destinations/amplitude/pause';
    expect((await ask(pause, { method: 'POST', headers, body: '{}' })).status).toBe(200);
    expect(done).toContainEqual([
      'note',
      { actor: 'jane', action: 'lane.pause', target: 'amplitude', outcome: 'ok' },
    ]);
    const foreign = { ...headers, origin: 'https://evil.example.com' };
    expect((await ask(pause, { method: 'POST', headers: foreign, body: '{}' })).status).toBe(403);
    expect((await ask('/admin/api/audit', { headers })).status).toBe(403);
  });
});

describe('the names in Host', () => {
  it('are those that are allowed', async () => {
    const { url } = await started({ tokens, hosts: ['cdp.example.com'] });
    const status = async (host: string) => {
      const [res] = (await once(get(`${url}/admin`, { headers: { host } }), 'response')) as [IncomingMessage];
      res.resume();
      return res.statusCode;
    };
    expect(await status('cdp.example.com:9091')).toBe(200);
    expect(await status('evil.example.com')).toBe(403);
  });
});
