import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addressGuard } from './address-guard.js';
import { classify, createHttpClient, type HttpClientOptions, type HttpReply } from './index.js';

describe.each(['got', 'undici'] as const)('a guarded client on the %s transport', (transport) => {
  let connections = 0;
  const server = createServer((_, response) => response.end('{}')).on('connection', () => (connections += 1));
  const port = () => (server.address() as AddressInfo).port;
  const get = async (o: HttpClientOptions): Promise<HttpReply> => {
    const client = createHttpClient({ transport, timeoutMs: 5_000, ...o });
    const reply = await client.request({ method: 'GET', path: '/' });
    await client.close();
    return reply;
  };
  /** A name server that binds every name to these addresses. */
  const resolvingTo =
    (...addresses: string[]): LookupFunction =>
    (_, options, callback) => {
      if (options.all)
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        );
      else callback(null, addresses.at(-1) ?? '', 4);
    };

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await once(server, 'close');
  });

  it.each([
    ...[
      'localhost',
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.1',
      '0x7f000001',
      '017700000001',
      '0',
      '0.0.0.0',
    ],
    ...['127.255.255.254', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
    ...['[64:ff9b::127.0.0.1]', '[2002:7f00:1::]', '１２７.0.0.1'],
  ])('never reaches loopback as %s', async (host) => {
    const reply = await get({ baseUrl: `http://${host}:${port()}` });
    expect(reply).toMatchObject({ kind: 'failure', error: { code: 'FRAGMENT_DELIVERY_ADDRESS_REFUSED' } });
    expect(classify(reply)).toMatchObject({ outcome: 'failed' });
    expect(connections).toBe(0);
  });

  it.each([[['127.0.0.1']], [['192.0.66.1', '127.0.0.1']]])(
    'refuses a name bound to %j by the time of the connection',
    async (addresses) => {
      const reply = await get({ baseUrl: `http://vendor.test:${port()}`, lookup: resolvingTo(...addresses) });
      expect(reply).toMatchObject({ kind: 'failure', error: { code: 'FRAGMENT_DELIVERY_ADDRESS_REFUSED' } });
      expect(connections).toBe(0);
    },
  );

  it('reaches it when the operator allows it', async () => {
    const lookup = resolvingTo('127.0.0.1');
    const reply = await get({ baseUrl: `http://vendor.test:${port()}`, lookup, allowPrivate: true });
    expect(reply).toMatchObject({ kind: 'answer', status: 200 });
  });
});

describe('the address guard', () => {
  const guard = addressGuard();
  it.each([
    ...[
      '0.1.2.3',
      '10.0.0.1',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.1',
    ],
    ...[
      '192.168.1.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '[::]',
      '[::1]',
      '[::ffff:8.8.8.8]',
      '[64:ff9b::10.0.0.1]',
    ],
    ...[
      '[64:ff9b:1::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
      '[fe80::1]',
      '[fec0::1]',
      '[ff02::1]',
      '[2001::1]',
      '[2001:db8::1]',
    ],
    ...['[2002:a00:1::]', '[100::1]'],
  ])('refuses %s', (host) => expect(guard.refusesLiteral(host)).toBe(true));

  it.each([
    ...['8.8.8.8', '1.1.1.1', '100.128.0.1', '172.32.0.1', '192.167.1.1', '223.255.255.255'],
    ...['[2606:4700::1111]', '[2a00:1450::1]', '[64:ff9b::8.8.8.8]', 'api.vendor.com'],
  ])('lets %s pass', (host) => expect(guard.refusesLiteral(host)).toBe(false));
});
