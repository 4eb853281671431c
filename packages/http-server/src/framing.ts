import type { IncomingMessage } from 'node:http';

/**
 * What Node lets through although RFC 9112 calls it faulty (3.2: two Host headers; 6.1: codings beside `chunked`, or any
 * in HTTP/1.0). A proxy in front may read such a request otherwise than we do, which is how requests are smuggled.
 */
export function isAmbiguous({ headers, httpVersionMinor, rawHeaders }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersionMinor === 0)) return true;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}
