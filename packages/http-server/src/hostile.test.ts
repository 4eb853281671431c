import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cleanUp, listener, raw } from './listener.fixture.js';

afterEach(cleanUp);

const head = 'POST / HTTP/1.1\r\nHost: x\r\n';
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;

describe('what proxies and servers may read differently', () => {
  const probes: readonly (readonly [string, string])[] = [
    ['no HTTP', 'nonsense\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2 without an upgrade', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['another version', 'POST / HTTP/1.2\r\nHost: x\r\n\r\n'],
    ['an unknown method', 'FROB / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n'],
    ['two lengths', `${head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`],
    ['one length twice', `${head}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
    ['a list of lengths', `${head}Content-Length: 2, 2\r\n\r\n{}`],
    ['a signed length', `${head}Content-Length: +2\r\n\r\n{}`],
    ['a negative length', `${head}Content-Length: -2\r\n\r\n{}`],
    ['a hexadecimal length', `${head}Content-Length: 0x2\r\n\r\n{}`],
    ['a length beyond numbers', `${head}Content-Length: 99999999999999999999\r\n\r\n{}`],
    ['no length', `${head}Content-Length: \r\n\r\n{}`],
    ['length, then chunks', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks, then length', `${head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks, then not', `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
    ['chunks that are not last', `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['compressed chunks', `${head}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
    ['a coding nobody knows', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a space before the colon', `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['a vertical tab in the coding', `${head}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size that is none', `${chunked}zz\r\n{}\r\n0\r\n\r\n`],
    ['a negative chunk', `${chunked}-2\r\n{}\r\n0\r\n\r\n`],
    ['a chunk beyond numbers', `${chunked}ffffffffffffffffff\r\n{}\r\n0\r\n\r\n`],
    ['a chunk that is longer than it says', `${chunked}1\r\n{}\r\n0\r\n\r\n`],
    ['a chunk extension without end', `${chunked}2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`],
    ['a folded header', `${head}X-Folded: a\r\n b: c\r\nContent-Length: 2\r\n\r\n{}`],
    ['a header folded by a tab', `${head}X-Folded: a\r\n\tb\r\nContent-Length: 2\r\n\r\n{}`],
    ['a header name with a space', `${head}Bad Header: 1\r\n\r\n`],
    ['a header without a colon', `${head}Bad\r\n\r\n`],
    ['a first header that is folded', 'POST / HTTP/1.1\r\n Host: x\r\nContent-Length: 2\r\n\r\n{}'],
    ['lines that end in LF alone', 'POST / HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}'],
    ['a lone CR', `${head}X: a\rTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}`],
    ['NUL in a header', `${head}X: a\0b\r\nContent-Length: 2\r\n\r\n{}`],
    ['two hosts', `${head}HOST: y\r\nContent-Length: 2\r\n\r\n{}`],
    ['headers of 20 KB', `${head}X: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['a target of 20 KB', `POST /?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ];

  it.each(probes)('%s: 400 in JSON, nothing is served, the connection is closed', async (_, probe) => {
    let served = 0;
    const { port } = await listener({
      handle: (req, res) => {
        served += 1;
        // A probe may be sound up to its body.
        req.resume().on('end', () => res.end('served'));
      },
    }).start();
    const answer = await raw(port, probe);
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400']);
    expect(answer).toMatch(/connection: close/i);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ code: 'FRAGMENT_HTTP_MALFORMED' });
    expect(served).toBeLessThanOrEqual(probe.startsWith(chunked) ? 1 : 0);
    expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(200);
  });

  it('no host: 400', async () => {
    const { port } = await listener().start();
    expect(await raw(port, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('what is odd and sound', () => {
  const bodyless = 'GET / HTTP/1.1\r\nHost: x\r\n';
  it.each([
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['an offer to change to HTTP/2', `${bodyless}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`],
    ['an expectation that nobody knows', `${bodyless}Expect: the-unexpected\r\nConnection: close\r\n\r\n`],
  ])('%s is served', async (_, request) => {
    const { port } = await listener().start();
    expect(await raw(port, request)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('a client that waits for 100 before it sends the body is told to', async () => {
    const { port } = await listener({
      handle: (req, res) => void req.resume().on('end', () => res.end()),
    }).start();
    const socket = connect(port, '127.0.0.1');
    socket.write(`${head}Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1.1 100 /);
    socket.write('{}');
    const [second] = (await once(socket, 'data')) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1.1 200 /);
    await once(socket.resume(), 'close');
  });

  it('requests that are sent without waiting are answered in order', async () => {
    let held: (() => void) | undefined;
    const { port } = await listener({
      handle: (req, res) => {
        if (req.url === '/1') held = () => res.end('first');
        else res.end(`then ${req.url}`, () => held?.());
        if (req.url === '/2') held?.();
      },
    }).start();
    const line = (n: number, more = ''): string => `GET /${n} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
    const answer = await raw(port, line(1) + line(2) + line(3, 'Connection: close\r\n'));
    expect(answer.match(/first|then \/\d/g)).toEqual(['first', 'then /2', 'then /3']);
  });
});

describe('slow clients', () => {
  const timeouts = { headersMs: 50, requestMs: 100 };

  it.each([
    ['never sends anything', ''],
    ['does not finish its headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['does not finish its body', `${head}Content-Length: 100\r\n\r\n{`],
    ['does not finish its chunks', `${chunked}100\r\n{`],
  ])('one that %s is answered 400 and closed in time', async (_, sent) => {
    const { port } = await listener({ timeouts, handle: (req) => void req.resume() }).start();
    expect(await raw(port, sent)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  });

  it.each([
    ['headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['body', `${head}Content-Length: 100000\r\n\r\n`],
  ])('one that drips its %s byte by byte gains nothing by it', async (_, sent) => {
    const { port } = await listener({ timeouts, handle: (req) => void req.resume() }).start();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(sent);
    const drip = setInterval(() => socket.write('a'), 5);
    await once(socket.resume(), 'close');
    clearInterval(drip);
  });

  it('one that never reads its answer is cut', async () => {
    const size = 64 * 1024 * 1024;
    let cut: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (cut = resolve));
    const { port } = await listener({
      timeouts: { stallMs: 50 },
      handle: (_req, res) => {
        res.on('close', () => cut());
        res.end(Buffer.alloc(size));
      },
    }).start();
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await closed;
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length));
    await once(socket, 'close');
    expect(received).toBeLessThan(size);
  });
});
