import { afterEach, describe, expect, it } from '@jest/globals';
import { FragmentError } from '@fragment/core';
import { cleanUp, started } from './gateway.fixture.js';
import { gateway } from './index.js';

afterEach(cleanUp);

const origin = 'https://shop.example.com';
const preflight = (url: string, headers: Record<string, string>) =>
  fetch(url, { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST', ...headers } });

describe('CORS', () => {
  it('answers a preflight', async () => {
    const { url, seen } = await started();
    const res = await preflight(`${url}/v1/track`, {
      origin,
      'access-control-request-headers': 'authorization,x-retry-count',
    });
    expect([res.status, await res.text()]).toEqual([204, '']);
    expect(Object.fromEntries(res.headers)).toMatchObject({
      vary: 'Origin, Access-Control-Request-Headers',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type, x-retry-count',
      'access-control-max-age': '7200',
    });
    expect(seen).toEqual([]);
  });

  it('allows the headers that are asked for, if they are names of headers, and not without end', async () => {
    const { url } = await started();
    const allowed = async (asked: string): Promise<string[]> => {
      const res = await preflight(`${url}/v1/track`, { origin, 'access-control-request-headers': asked });
      return res.headers.get('access-control-allow-headers')!.split(', ').slice(3);
    };
    expect(await allowed('X-Tenant, x-tenant,Authorization , x-b')).toEqual(['x-tenant', 'x-b']);
    expect(await allowed(`x y, x:y, "z", <b>, ,x-${'a'.repeat(200)}, x-c`)).toEqual(['x-c']);
    const many = Array.from({ length: 500 }, (_, n) => `x-${n}`).join(',');
    expect(await allowed(many)).toHaveLength(50);
  });

  it('is on every answer: taken, refused, overloaded, away, broken, wrong method, wrong path', async () => {
    const outcomes: Error[] = [
      new FragmentError('FRAGMENT_INGEST_KEY_UNKNOWN'),
      new FragmentError('FRAGMENT_INGEST_INVALID'),
      new FragmentError('FRAGMENT_INGEST_OVERLOADED', { retryAfterSeconds: 3 }),
      new FragmentError('FRAGMENT_STORE_UNAVAILABLE'),
      new TypeError('a fault of ours'),
    ];
    const { url, post } = await started({
      limits: { requestBytes: 10 },
      accept: () => Promise.reject(outcomes.shift()!),
    });
    const answers = [
      await post('x'.repeat(11), { origin }),
      await post('{}', { origin, 'content-encoding': 'x' }),
    ];
    for (let n = 0; n < 5; n += 1) answers.push(await post('{}', { origin }));
    answers.push(await fetch(`${url}/v1/track`, { method: 'PUT', headers: { origin } }));
    answers.push(await post('{}', { origin }, '/v1/unknown'));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 401, 400, 429, 503, 500, 405, 404]);
    for (const { headers } of answers) {
      expect(headers.get('vary')).toBe('Origin');
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      expect(headers.get('access-control-expose-headers')).toBe('Retry-After, X-RateLimit-Reset');
    }
  });

  it('tells browsers alone of X-RateLimit-Reset, in seconds', async () => {
    const { post } = await started({
      accept: () => Promise.reject(new FragmentError('FRAGMENT_INGEST_OVERLOADED', { retryAfterSeconds: 3 })),
    });
    const browser = await post('{}', { origin });
    expect([browser.headers.get('retry-after'), browser.headers.get('x-ratelimit-reset')]).toEqual([
      '3',
      '3',
    ]);
    const server = await post('{}');
    expect([server.headers.get('retry-after'), server.headers.get('x-ratelimit-reset')]).toEqual(['3', null]);
  });

  it('says nothing to a request without an origin, but that it varies', async () => {
    const { post, url } = await started();
    const { headers } = await post('{}');
    expect([headers.get('vary'), headers.has('access-control-allow-origin')]).toEqual(['Origin', false]);
    const options = await fetch(`${url}/v1/track`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
    expect(options.headers.has('access-control-allow-methods')).toBe(false);
  });

  it('repeats no origin that is none', async () => {
    const { post } = await started();
    for (const odd of ['https://a.example, https://b.example', `https://${'a'.repeat(600)}.example`]) {
      expect((await post('{}', { origin: odd })).headers.has('access-control-allow-origin')).toBe(false);
    }
  });

  it('can be for some origins only', async () => {
    const { url, post } = await started({ cors: { origins: [origin, 'null'] } });
    for (const allowed of [origin, 'null']) {
      const { headers } = await post('{}', { origin: allowed });
      expect(headers.get('access-control-allow-origin')).toBe(allowed);
    }
    for (const other of ['https://evil.example', `${origin}.evil.example`, 'http://shop.example.com']) {
      const { headers } = await post('{}', { origin: other });
      expect([headers.get('vary'), headers.has('access-control-allow-origin')]).toEqual(['Origin', false]);
      const asked = await preflight(`${url}/v1/track`, { origin: other });
      expect([asked.status, asked.headers.has('access-control-allow-methods')]).toEqual([204, false]);
    }
  });

  it('can be switched off', async () => {
    const { url, post } = await started({ cors: false });
    const { headers } = await post('{}', { origin });
    expect([headers.has('vary'), headers.has('access-control-allow-origin')]).toEqual([false, false]);
    const asked = await preflight(`${url}/v1/track`, { origin });
    expect([asked.status, asked.headers.has('access-control-allow-methods')]).toEqual([204, false]);
  });

  it('is refused with origins that no browser sends, all at once', () => {
    const problems = (origins: readonly string[]) => {
      try {
        gateway({ cors: { origins } });
      } catch (error) {
        return (error as FragmentError).validations.map(({ path }) => path.join('.'));
      }
      return [];
    };
    expect(problems([origin, 'capacitor://localhost', 'http://localhost:3000', 'null'])).toEqual([]);
    expect(problems([])).toEqual(['gateway.cors.origins']);
    expect(problems(['shop.example.com', `${origin}/`, origin, 'https://Shop.example.com', '*'])).toEqual([
      'gateway.cors.origins.0',
      'gateway.cors.origins.1',
      'gateway.cors.origins.3',
      'gateway.cors.origins.4',
    ]);
  });
});
