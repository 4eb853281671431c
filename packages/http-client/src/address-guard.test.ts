import type { LookupFunction } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addressGuard } from './address-guard.js';
import { classify, createHttpClient, type HttpClientOptions, type HttpReply } from './index.js';
import { Vendor } from './vendor.fixture.js';

describe.each(['got', 'undici'] as const)('a guarded client on the %s transport', (transport) => {
  const vendor = new Vendor();
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

  // Every address of this machine: 127.0.0.2 is one as well.
  beforeAll(() => vendor.start('0.0.0.0'));
  afterAll(() => vendor.stop());

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
    ...['[64:ff9b::127.0.0.1]', '[2002:7f00:1::]', '１２７.0.0.1', '①②⑦.⓪.⓪.①', '127.0.0.1.', 'LOCALHOST'],
    ...['0177.0.0.1', '0x7f.0x0.0x0.0x1', '127.0.1', '%31%32%37.0.0.1', '[0:0:0:0:0:ffff:127.0.0.1]'],
    ...['10.0.0.1', '100.64.0.1', '169.254.169.254', '192.168.0.1', '[fd00:ec2::254]', '[fe80::1]'],
  ])('never reaches loopback as %s', async (host) => {
    const reply = await get({ baseUrl: `http://${host}:${vendor.port}` });
    expect(reply).toMatchObject({ kind: 'failure', error: { code: 'FRAGMENT_DELIVERY_ADDRESS_REFUSED' } });
    expect(classify(reply)).toMatchObject({ outcome: 'failed' });
    expect(vendor.connections).toBe(0);
  });

  it.each([[['127.0.0.1']], [['192.0.66.1', '127.0.0.1']]])(
    'refuses a name bound to %j by the time of the connection',
    async (addresses) => {
      const reply = await get({
        baseUrl: `http://vendor.test:${vendor.port}`,
        lookup: resolvingTo(...addresses),
      });
      expect(reply).toMatchObject({ kind: 'failure', error: { code: 'FRAGMENT_DELIVERY_ADDRESS_REFUSED' } });
      expect(vendor.connections).toBe(0);
    },
  );

  it('refuses a name that is bound to another address after a check', async () => {
    const before = vendor.connections;
    const addresses = ['127.0.0.2', '127.0.0.1'];
    const lookup: LookupFunction = (name, options, callback) => {
      resolvingTo(addresses.shift() ?? '')(name, options, callback);
    };
    const client = createHttpClient({
      baseUrl: `http://vendor.test:${vendor.port}`,
      transport,
      lookup,
      allow: ['127.0.0.2'],
    });
    vendor.respond = (_, response) => response.setHeader('connection', 'close').end('{}');
    const request = { method: 'GET', path: '/' } as const;
    expect(await client.request(request)).toMatchObject({ kind: 'answer', status: 200 });
    expect(await client.request(request)).toMatchObject({
      error: { code: 'FRAGMENT_DELIVERY_ADDRESS_REFUSED' },
    });
    expect(addresses).toEqual([]);
    expect(vendor.connections).toBe(before + 1);
    await client.close();
  });

  it.each<Partial<HttpClientOptions>>([
    { allowPrivate: true },
    { allow: ['127.0.0.0/8'] },
    { allow: ['10.0.0.0/8', '127.0.0.1'] },
    { allow: ['Vendor.Test'] },
    { allow: ['vendor.test.'] },
  ])('reaches a private address with %j', async (o) => {
    const lookup = resolvingTo('127.0.0.1');
    const reply = await get({ baseUrl: `http://vendor.test:${vendor.port}`, lookup, ...o });
    expect(reply).toMatchObject({ kind: 'answer', status: 200 });
  });

  it.each<readonly string[]>([['10.0.0.0/8'], ['127.0.0.2'], ['other.test', 'vendor.test.evil.test']])(
    'does not with an allow-list that holds only %j',
    async (...allow) => {
      const before = vendor.connections;
      const lookup = resolvingTo('127.0.0.1');
      const reply = await get({ baseUrl: `http://vendor.test:${vendor.port}`, lookup, allow });
      expect(reply).toMatchObject({ error: { code: 'FRAGMENT_DELIVERY_ADDRESS_REFUSED' } });
      expect(vendor.connections).toBe(before);
    },
  );
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

  it.each([
    ['10.1.2.3', '10.0.0.0/8', '10.1.2.4/32'],
    ['[fd00::7]', 'fd00::/8', 'fd01::/16'],
    ['[64:ff9b::10.0.0.1]', '10.0.0.0/8', '64:ff9b::/96'],
  ])('lets %s pass with %s in its allow-list, not with %s', (host, fitting, other) => {
    expect(addressGuard({ allow: [other] }).refusesLiteral(host)).toBe(true);
    expect(addressGuard({ allow: ['8.8.8.8', fitting] }).refusesLiteral(host)).toBe(false);
  });

  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.1', '0x7f.1', '*.test', 'a b', ''])(
    'takes no %j in its allow-list',
    (entry) => {
      expect(() => createHttpClient({ baseUrl: 'https://vendor.test', allow: ['ok.test', entry] })).toThrow(
        expect.objectContaining({ validations: [expect.objectContaining({ path: ['allow', '1'] })] }),
      );
    },
  );
});
