import net from 'node:net';

/** What a load brought about. */
export interface DriveResult {
  /** Requests answered 200. */
  readonly ok: number;
  readonly failed: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface DriveOptions {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** A new body for each request. */
  readonly body: () => string;
}

/**
 * Keeps `connections` requests on their way for `seconds`. Written on bare sockets, because on two cores the driver
 * shares the machine with what it measures: an HTTP client would cost more than the server under test.
 */
export async function drive(o: DriveOptions): Promise<DriveResult> {
  const begin = process.hrtime.bigint();
  const end = Date.now() + o.seconds * 1_000;
  const latencies: number[] = [];
  let ok = 0;
  let failed = 0;
  const connection = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = net.connect(o.port, '127.0.0.1');
      socket.setNoDelay(true);
      let sentAt = 0;
      let text = '';
      const send = (): void => {
        if (Date.now() >= end) {
          socket.end();
          resolve();
          return;
        }
        const body = o.body();
        sentAt = performance.now();
        socket.write(
          `POST ${o.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      };
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        const status = completeStatus(text);
        if (status === undefined) return;
        text = '';
        latencies.push(performance.now() - sentAt);
        if (status === 200) ok += 1;
        else failed += 1;
        send();
      });
    });
  await Promise.all(Array.from({ length: o.connections }, connection));
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { ok, failed, seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** The status once the whole answer is there. Every server measured here answers with a content length. */
function completeStatus(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(text.slice(0, head));
  if (text.length < head + 4 + Number(length?.[1] ?? 0)) return undefined;
  return Number(text.slice(9, 12));
}
