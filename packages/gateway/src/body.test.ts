import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FragmentError } from '@fragment/core';
import { bodyOf, cleanUp, started, stored } from './gateway.fixture.js';

afterEach(cleanUp);

describe('limits of a body', () => {
  const limits = { requestBytes: 1_000 };
  const encoders: [string, (body: string | Buffer) => Buffer][] = [
    ['identity', (body) => Buffer.from(body as string)],
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['BR', (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ];

  const packings = encoders.filter(([name]) => name !== 'identity');

  it('holds to the byte, after decompression', async () => {
    const { post, seen } = await started({ limits });
    for (const [name, encode] of encoders) {
      const exact = await post(encode('x'.repeat(1_000)), { 'content-encoding': name });
      expect([name, exact.status]).toEqual([name, 200]);
      const dense = randomBytes(1_000);
      expect((await post(encode(dense), { 'content-encoding': name })).status).toBe(200);
      const over = await post(encode('x'.repeat(1_001)), { 'content-encoding': name });
      expect([name, over.status]).toEqual([name, 400]);
      expect(await bodyOf(over)).toMatchObject({
        code: 'FRAGMENT_INGEST_BODY_TOO_LARGE',
        message: 'Bad Request',
      });
    }
    expect(seen.map(({ body }) => body.length)).toEqual(encoders.flatMap(() => [1_000, 1_000]));
  });

  it('holds for a body that does not say how long it is', async () => {
    const { port, seen } = await started({ limits });
    const send = async (length: number): Promise<number | undefined> => {
      const req = httpRequest({ port, host: '127.0.0.1', path: '/v1/track', method: 'POST' });
      req.write('x');
      req.end('x'.repeat(length - 1));
      const [res] = (await once(req, 'response')) as [IncomingMessage];
      res.resume();
      return res.statusCode;
    };
    expect([await send(1_000), await send(1_001)]).toEqual([200, 400]);
    expect(seen).toHaveLength(1);
  });

  it('stops compression bombs early, with little memory', async () => {
    const { post, refused } = await started();
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    const bombs = packings.map(([name, encode]) => [name, encode(zeros)] as const);
    const before = process.memoryUsage().rss;
    for (const [name, bomb] of bombs) {
      for (let n = 0; n < 5; n += 1) {
        const res = await post(bomb, { 'content-encoding': name });
        expect([name, res.status, (await bodyOf(res))['code']]).toEqual([
          name,
          400,
          'FRAGMENT_INGEST_BODY_TOO_LARGE',
        ]);
      }
    }
    // Less than one of them unpacked: the figure itself is the bench's.
    expect(process.memoryUsage().rss - before).toBeLessThan(zeros.length);
    expect(refused).toHaveLength(5 * bombs.length);
  });

  it.each(packings)('unpacks %s once: what is packed in it stays packed', async (name, encode) => {
    const { post, seen } = await started();
    const inner = encode(Buffer.alloc(10 * 1024 * 1024));
    expect((await post(encode(inner), { 'content-encoding': name })).status).toBe(200);
    expect(seen[0]?.body.equals(inner)).toBe(true);
  });

  it('answers 400 to what does not unpack, and tells the application of it', async () => {
    const { post, seen, refused } = await started();
    const text = '{"type":"track","userId":"u","event":"Order Completed"}';
    const bodies = packings.flatMap(([name, encode]): [string, Buffer, string][] => {
      const packed = encode(Buffer.from(text));
      const broken = Buffer.from(packed);
      broken.fill(0xff, 8, 16);
      return [
        [`${name} cut short`, packed.subarray(0, packed.length - 6), name],
        [`${name} cut at its start`, packed.subarray(0, 2), name],
        [`${name} with bytes changed`, broken, name],
        [`${name} that is plain`, Buffer.from(text), name],
        [`${name} under another name`, packed, name === 'BR' ? 'gzip' : 'br'],
        [`${name} twice named`, encode(packed), `${name}, ${name}`],
        [`${name} under a name nobody knows`, packed, 'zstd'],
        [`${name} under a name of JavaScript`, packed, 'constructor'],
      ];
    });
    for (const [what, body, encoding] of bodies) {
      const res = await post(body, { 'content-encoding': encoding });
      expect([what, res.status, (await bodyOf(res))['code']]).toEqual([
        what,
        400,
        'FRAGMENT_INGEST_BODY_ENCODING',
      ]);
    }
    expect(seen).toEqual([]);
    expect(refused).toHaveLength(bodies.length);
    expect(refused).toEqual(refused.map(() => expect.objectContaining({ rejection: {} })));
  });

  it('lets a client that sends far too much see the answer, and go on on the same connection', async () => {
    const { port } = await started();
    const socket = connect(port, '127.0.0.1');
    const head = (length: number): string =>
      `POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(head(5_000_000));
    socket.write(Buffer.alloc(5_000_000, 'x'));
    socket.write(`${head(2)}{}`);
    while (!text.includes('"success":true')) await once(socket, 'data');
    socket.destroy();
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200']);
  });

  it('does not wait for a body that says it is enormous', async () => {
    const { port } = await started();
    const req = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/v1/track',
      method: 'POST',
      headers: { 'content-length': 1e12 },
    });
    req.on('error', () => undefined);
    req.flushHeaders();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    res.resume();
    expect([res.statusCode, res.headers.connection]).toEqual([400, 'close']);
    req.destroy();
  });

  it('answers 429 while too many bytes are held, and takes requests again afterwards', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let arrived: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (arrived = resolve));
    const { post, refused: told } = await started({
      limits: { requestBytes: 600, inFlightBytes: 1_000 },
      accept: async () => {
        arrived();
        await released;
        return stored;
      },
    });
    const held = post('x'.repeat(600));
    await first;
    const refused = await post('x'.repeat(600));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await bodyOf(refused)).toMatchObject({ code: 'FRAGMENT_INGEST_OVERLOADED' });
    // Counted, and nothing to keep: it will come again.
    expect(told).toMatchObject([{ code: 'FRAGMENT_INGEST_OVERLOADED' }]);
    expect((told[0] as FragmentError).rejection).toBeUndefined();
    release();
    expect((await held).status).toBe(200);
    expect((await post('x'.repeat(600))).status).toBe(200);
  });

  it('gives back what an aborted request held', async () => {
    const { post, port, refused } = await started({ limits: { requestBytes: 600, inFlightBytes: 700 } });
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 600\r\n\r\n${'x'.repeat(500)}`);
    // Until the 500 bytes are held, and then until they are not.
    while ((await post('x'.repeat(600))).status !== 429) continue;
    socket.destroy();
    while ((await post('x'.repeat(600))).status !== 200) continue;
    const codes = refused.map((error) => (error as FragmentError).code);
    expect(codes).toContain('FRAGMENT_INGEST_BODY_INCOMPLETE');
  });

  it('answers 400 to a body that does not come in time and closes the connection', async () => {
    const { port } = await started({ limits: { requestTimeoutMs: 80, headersTimeoutMs: 80 } });
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write('POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 600\r\n\r\n{');
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text).toMatch(/connection: close/i);
    expect(text).toMatch(/FRAGMENT_(INGEST_BODY_INCOMPLETE|HTTP_MALFORMED)/);
  });
});
