import { isIP, isIPv4 } from 'node:net';
import type { IncomingRequest } from '@fragment/core';
import type { Fields } from './body.js';

const MAPPED = '::ffff:';

/** The sender's address as `context.ip` shows it; undefined when it is not known, or is none. */
export function addressOf({ ip }: IncomingRequest): string | undefined {
  if (ip === undefined) return undefined;
  // How a socket that listens for IPv6 as well writes an IPv4 address.
  const mapped = ip.startsWith(MAPPED) ? ip.slice(MAPPED.length) : '';
  const plain = isIPv4(mapped) ? mapped : ip;
  return isIP(plain) === 0 ? undefined : plain;
}

/** What a message or an envelope says of where it was sent from. */
export interface Whereabouts {
  /** It says that the user's own device sent it (Segment, "Collecting IP address"). */
  readonly direct: boolean;
  /** It has an address of its own, which is never overruled, `0.0.0.0` included. */
  readonly hasIp: boolean;
}

const unsaid: Whereabouts = { direct: false, hasIp: false };

export function whereaboutsOf(fields: Fields): Whereabouts {
  const context = fields['context'];
  if (typeof context !== 'object' || context === null) return unsaid;
  const { direct, ip } = context as Fields;
  return { direct: direct === true, hasIp: ip !== undefined };
}
