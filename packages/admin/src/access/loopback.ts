import type { IncomingMessage } from 'node:http';
import { isLoopback } from '@fragment/http-server';

/**
 * Is this plainly a request of this machine to this machine? The connection alone proves nothing: a page of another site
 * whose name was made to resolve to 127.0.0.1 comes from this machine too, but keeps its own name in Host. A forwarded
 * request comes from anywhere.
 */
export function isLocal(req: IncomingMessage): boolean {
  const { forwarded, 'x-forwarded-for': forwardedFor } = req.headers;
  if (forwarded !== undefined || forwardedFor !== undefined) return false;
  return isLoopback(hostOf(req)) && isLoopback(req.socket.remoteAddress ?? '');
}

/** The name in Host, without its port. */
export const hostOf = (req: IncomingMessage): string =>
  (req.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
