import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FragmentError } from '@fragment/core';
import { isLoopback } from '@fragment/http-server';

export interface AccessRules {
  readonly token: string | undefined;
  /** The host has asked for a login before the request gets here. */
  readonly hostLogin: boolean;
}

/**
 * Makes the check of every request.
 * The check throws FRAGMENT_ADMIN_UNAUTHORIZED without the token, FRAGMENT_ADMIN_HOST_REFUSED where there is no token
 * and the request is not plainly one of this machine to this machine.
 */
export function accessCheck({ token, hostLogin }: AccessRules): (req: IncomingMessage) => void {
  if (token !== undefined) {
    const expected = digest(token);
    return (req) => {
      const [, given] = /^Bearer +(.+)$/i.exec(req.headers.authorization ?? '') ?? [];
      if (given === undefined || !timingSafeEqual(digest(given), expected)) {
        throw new FragmentError('FRAGMENT_ADMIN_UNAUTHORIZED');
      }
    };
  }
  if (hostLogin) return () => undefined;
  return (req) => {
    if (!isLocal(req)) throw new FragmentError('FRAGMENT_ADMIN_HOST_REFUSED');
  };
}

/** Equal lengths, so that the comparison takes as long whatever was guessed. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The connection alone proves nothing: a page of another site whose name was made to resolve to 127.0.0.1 comes from
 * this machine too, but keeps its own name in Host. A forwarded request comes from anywhere.
 */
function isLocal(req: IncomingMessage): boolean {
  const { host, forwarded, 'x-forwarded-for': forwardedFor } = req.headers;
  if (forwarded !== undefined || forwardedFor !== undefined) return false;
  const name = (host ?? '').replace(/:\d+$/, '');
  return isLoopback(name) && isLoopback(req.socket.remoteAddress ?? '');
}
