import { BlockList, isIP } from 'node:net';

/** What an operator lets through the address guard. */
export interface AllowList {
  /** A network or an address of the list holds this address. */
  readonly hasAddress: (address: string) => boolean;
  /** The list names this host, whatever it resolves to. */
  readonly hasName: (hostname: string) => boolean;
}

/** @param entries each without a {@link allowFault}. */
export function allowList(entries: readonly string[] = []): AllowList {
  // Two lists: in one, IPv4 addresses are also looked up as IPv4-mapped ones.
  const networks = { ipv4: new BlockList(), ipv6: new BlockList() };
  const names = new Set<string>();
  for (const entry of entries) {
    const network = networkOf(entry);
    if (network) networks[network.family].addSubnet(network.address, network.prefix, network.family);
    else names.add(nameOf(entry) ?? entry);
  }
  return {
    hasAddress(address) {
      const family = familyOf(address);
      return family !== undefined && networks[family].check(address, family);
    },
    hasName: (hostname) => names.has(hostname.replace(/\.$/, '')),
  };
}

/** What is wrong with an entry; undefined for a network (`10.0.0.0/8`), an address or a host name. */
export function allowFault(entry: unknown): string | undefined {
  if (typeof entry === 'string' && (networkOf(entry) ?? nameOf(entry)) !== undefined) return undefined;
  return 'must be a host name, an address or a network such as 10.0.0.0/8';
}

function networkOf(
  entry: string,
): { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', length, ...rest] = entry.split('/');
  const family = familyOf(address);
  if (!family || rest.length > 0) return undefined;
  const bits = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  const valid = length === undefined || (/^\d{1,3}$/.test(length) && prefix <= bits);
  return valid ? { address, prefix, family } : undefined;
}

/** As it stands in a URL. What a URL reads as an address, such as `10.1` or `0x7f.1`, is no name. */
function nameOf(entry: string): string | undefined {
  if (!/^[^\s/\\:@?#[\]*]+$/.test(entry) || !URL.canParse(`http://${entry}`)) return undefined;
  const { hostname } = new URL(`http://${entry}`);
  return isIP(hostname) === 0 ? hostname.replace(/\.$/, '') : undefined;
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}
