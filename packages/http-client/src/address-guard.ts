import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { FragmentError } from '@fragment/core';
import { allowList } from './allow-list.js';

/** Special-purpose addresses (IANA registries, RFC 6890) that no vendor's API has. */
const IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * The same for IPv6. Only 2000::/3 is public, so everything else is refused; within it the tunnels, which lead to an
 * IPv4 address of the name server's choice, documentation and the like. NAT64 is looked into, see below.
 */
const IPV6 = ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** The well-known NAT64 prefix (RFC 6052): in IPv6-only networks every IPv4-only vendor has such an address. */
const NAT64 = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/;

export interface AddressGuard {
  /** Refuses a host that is a literal address, for which no lookup takes place. A host name passes. */
  readonly refusesLiteral: (hostname: string) => boolean;
  /** Resolves a name and fails when one of its addresses is refused. */
  readonly lookup: LookupFunction;
}

export interface AddressGuardOptions {
  /** Networks, addresses and host names that are let through. Default none. */
  readonly allow?: readonly string[] | undefined;
  /** Default `dns.lookup`. */
  readonly resolve?: LookupFunction | undefined;
}

/** Keeps connections away from everything that is not a public unicast address. */
export function addressGuard({ allow, resolve = dnsLookup }: AddressGuardOptions = {}): AddressGuard {
  // Two lists: in one, IPv4 addresses are also looked up as IPv4-mapped ones, and ::/3 would refuse them all.
  const ipv4 = blockList(IPV4, 'ipv4');
  const ipv6 = blockList(IPV6, 'ipv6');
  const allowed = allowList(allow);

  const refuses = (found: string): boolean => {
    const address = nat64Address(found) ?? found;
    if (allowed.hasAddress(address)) return false;
    const family = isIP(address);
    if (family === 0) return true;
    return family === 4 ? ipv4.check(address, 'ipv4') : ipv6.check(address, 'ipv6');
  };

  return {
    refusesLiteral(hostname) {
      const address = hostname.replace(/^\[|\]$/g, '');
      return isIP(address) !== 0 && refuses(address);
    },
    lookup(hostname, options, callback) {
      if (allowed.hasName(hostname)) {
        resolve(hostname, options, callback);
        return;
      }
      resolve(hostname, options, (error, address, family) => {
        const found: readonly LookupAddress[] = Array.isArray(address)
          ? address
          : [{ address, family: family ?? 0 }];
        if (error || !found.some((one) => refuses(one.address))) callback(error, address, family);
        else callback(new FragmentError('FRAGMENT_DELIVERY_ADDRESS_REFUSED', { detail: hostname }), [], 0);
      });
    },
  };
}

function blockList(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

/** The IPv4 address inside a NAT64 one; undefined for every other address. */
function nat64Address(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  // URL writes IPv6 in its shortest form, without dots.
  const match = NAT64.exec(new URL(`http://[${address.split('%')[0] ?? ''}]`).hostname.slice(1, -1));
  if (!match) return undefined;
  const high = parseInt(match[1] ?? '0', 16);
  const low = parseInt(match[2] ?? '0', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
