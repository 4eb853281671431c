import { createRequire } from 'node:module';
import type { IncomingMessage } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import express, { type RequestHandler } from 'express';
import { attached, bodyOf, cleanUp, hosted, type Setup } from './gateway.fixture.js';

afterEach(cleanUp);

/** Has no types of its own; what is used here is alike in both. */
const express4 = createRequire(import.meta.url)('express-4') as typeof express;

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

describe.each([
  ['Express 4', express4],
  ['Express 5', express],
] as const)('in %s', (_, framework) => {
  const mounted = async (parsers: readonly RequestHandler[], setup: Setup = {}) => {
    const parts = attached({ port: false, ...setup });
    const host = framework();
    for (const parser of parsers) host.use(parser);
    host.use('/cdp/eu', parts.made.router());
    host.use((_req, res) => void res.status(418).send('host'));
    const url = await hosted(host);
    const post = (body: string | Buffer, type: string, headers: Record<string, string> = {}) =>
      fetch(`${url}/cdp/eu/v1/track?q=1`, {
        method: 'POST',
        body: new Uint8Array(Buffer.from(body)),
        headers: { 'content-type': type, ...headers },
      });
    return { ...parts, url, post };
  };

  it('stands below a prefix, knows it, and leaves other paths to the host', async () => {
    const { url, post, seen } = await mounted([], {
      routes: [
        { methods: ['POST'], path: '/v1/track' },
        { methods: ['GET'], path: '/v1/projects/:key/settings' },
      ],
    });
    expect((await post('{"a":1}', 'text/plain')).status).toBe(200);
    expect((await fetch(`${url}/cdp/eu/v1/projects/k/settings`)).status).toBe(200);
    expect((await fetch(`${url}/cdp/eu/_health`)).status).toBe(200);
    const wrong = await fetch(`${url}/cdp/eu/v1/track`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    const cors = await fetch(`${url}/cdp/eu/v1/track`, {
      method: 'OPTIONS',
      headers: { origin: 'https://a.b' },
    });
    expect([cors.status, cors.headers.get('access-control-allow-origin')]).toEqual([204, 'https://a.b']);
    for (const path of ['/cdp/eu/other', '/v1/track', '/cdp/v1/track']) {
      expect((await fetch(`${url}${path}`, { method: 'POST' })).status).toBe(418);
    }
    expect(seen.map(({ path, query, params, base }) => [path, query.get('q'), params, base])).toEqual([
      ['/v1/track', '1', undefined, `${url}/cdp/eu`],
      ['/v1/projects/k/settings', null, { key: 'k' }, `${url}/cdp/eu`],
    ]);
  });

  const text = '{"name":"é + ü","url":"https://a.b/?c=d&e=%20"}';
  const types = [
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/octet-stream',
    'multipart/form-data; boundary=x',
    'nonsense',
  ];
  const packings: [string | undefined, (body: string) => Buffer | string][] = [
    [undefined, (body) => body],
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ...(framework === express ? [['br', brotliCompressSync] as [string, typeof brotliCompressSync]] : []),
  ];
  const keepBytes = (req: IncomingMessage, _res: unknown, bytes: Buffer): void =>
    void Object.assign(req, { rawBody: bytes });
  const parsers: Record<string, readonly RequestHandler[]> = {
    none: [],
    'json alone': [framework.json()],
    'json of everything': [framework.json({ type: () => true })],
    'text of everything': [framework.text({ type: () => true })],
    'bytes of everything': [framework.raw({ type: () => true })],
    'all four': [
      framework.json(),
      framework.urlencoded({ extended: true }),
      framework.text(),
      framework.raw(),
    ],
    'all four, keeping the bytes': [
      framework.json({ verify: keepBytes }),
      framework.urlencoded({ extended: true, verify: keepBytes }),
      framework.text({ verify: keepBytes }),
      framework.raw({ verify: keepBytes }),
    ],
  };

  it.each(Object.keys(parsers))('reads every body behind the parsers of its host: %s', async (name) => {
    const { post, seen } = await mounted(parsers[name]!);
    const formIsRead = name === 'all four';
    const all = formIsRead ? types : [...types, 'application/x-www-form-urlencoded'];
    for (const type of all) {
      for (const [encoding, pack] of packings) {
        const res = await post(
          pack(text),
          type,
          encoding === undefined ? {} : { 'content-encoding': encoding },
        );
        expect([type, encoding, res.status]).toEqual([type, encoding, 200]);
      }
    }
    expect(new Set(seen.map(({ body }) => body.toString()))).toEqual(new Set([text]));
    expect(seen).toHaveLength(all.length * packings.length);
  });

  it('repeats bytes that were kept, not what a parser made of them', async () => {
    const exact = '{ "n": 12345678901234567890, "a": 1, "a": 2 }';
    const { post, seen } = await mounted(parsers['all four, keeping the bytes']!);
    await post(exact, 'application/json');
    expect(seen[0]?.body.toString()).toBe(exact);
  });

  it('refuses JSON that was read as a form, with what to do about it: its plus signs are gone', async () => {
    const { post, seen, refused } = await mounted([framework.urlencoded({ extended: true })]);
    const res = await post(text, 'application/x-www-form-urlencoded');
    expect([res.status, await bodyOf(res)]).toMatchObject([
      400,
      {
        code: 'FRAGMENT_INGEST_BODY_NOT_JSON',
        validations: [{ message: expect.stringContaining('req.rawBody') as unknown }],
      },
    ]);
    expect([seen.length, refused.length]).toEqual([0, 1]);
  });

  it('holds its limits for what a parser has read', async () => {
    const { post, refused } = await mounted([framework.json()], { limits: { requestBytes: 20 } });
    expect((await post(`{"a":"${'x'.repeat(11)}"}`, 'application/json')).status).toBe(200);
    expect((await post(`{"a":"${'x'.repeat(13)}"}`, 'application/json')).status).toBe(400);
    const deep = await mounted([framework.json()]);
    const nested = await deep.post(`${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'application/json');
    expect([nested.status, (await bodyOf(nested))['code']]).toEqual([400, 'FRAGMENT_INGEST_BODY_TOO_DEEP']);
    expect([refused.length, deep.refused.length]).toEqual([1, 1]);
  });

  it.each(Object.keys(parsers))('does not wait for a body that was empty: %s', async (name) => {
    const { post, seen } = await mounted(parsers[name]!);
    for (const type of types) expect((await post('', type)).status).toBe(200);
    expect(seen).toHaveLength(types.length);
  });

  it('takes a body of which nothing is left for an empty one', async () => {
    const { post, seen } = await mounted([(req, _res, next) => void req.resume().on('end', next)]);
    expect((await post('{}', 'application/json')).status).toBe(200);
    expect(seen[0]?.body.length).toBe(0);
  });
});
