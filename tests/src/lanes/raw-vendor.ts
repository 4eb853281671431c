import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A way to answer, chosen by the first part of the path. Bare sockets, because an HTTP server would not do such things. */
export type RawAnswer = (socket: Socket) => void;

export interface RawVendor {
  readonly url: string;
  /** Requests by the name of their answer. */
  readonly requests: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** Answers `POST /<name>` as the answer of that name says. */
export async function startRawVendor(answers: Readonly<Record<string, RawAnswer>>): Promise<RawVendor> {
  const requests = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Clients that reach their deadline hang up.
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!isComplete(text)) return;
      const name = /^\S+ \/([^/? ]*)/.exec(text)?.[1] ?? '';
      text = '';
      requests.set(name, (requests.get(name) ?? 0) + 1);
      answers[name]?.(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function isComplete(request: string): boolean {
  const head = request.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? 0);
  return head >= 0 && request.length >= head + 4 + length;
}

const headOf = (status: string, length: number, headers: Readonly<Record<string, string>> = {}): string =>
  [
    `HTTP/1.1 ${status}`,
    `content-length: ${length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n');

/** A whole answer, at once. */
export const answer =
  (status: string, body = '', headers: Readonly<Record<string, string>> = {}): RawAnswer =>
  (socket) =>
    void socket.write(headOf(status, Buffer.byteLength(body), headers) + body);

/** A good answer that comes late. */
export const slowly =
  (ms: number): RawAnswer =>
  (socket) => {
    const timer = setTimeout(() => answer('200 OK')(socket), ms);
    socket.once('close', () => clearTimeout(timer));
  };

/** Headers, and nothing after them. */
export const hangAfterHeaders: RawAnswer = (socket) => void socket.write(headOf('200 OK', 100));

/** A good answer of a thousand bytes, one at a time. */
export const drip =
  (everyMs: number): RawAnswer =>
  (socket) => {
    socket.write(headOf('200 OK', 1_000));
    const timer = setInterval(() => socket.write('x'), everyMs);
    socket.once('close', () => clearInterval(timer));
  };

export const reset: RawAnswer = (socket) => void socket.resetAndDestroy();
