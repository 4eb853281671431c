import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { got } from 'got';
import { IDLE_CONNECTION_MS, type Transport, type TransportOptions } from './transport.js';

/** The default transport. */
export function gotTransport(o: TransportOptions): Transport {
  const settings = {
    keepAlive: true,
    maxSockets: o.connections,
    timeout: IDLE_CONNECTION_MS,
    ...(o.lookup && { lookup: o.lookup }),
  };
  const agent = o.origin.startsWith('https:')
    ? { https: new HttpsAgent(settings) }
    : { http: new HttpAgent(settings) };
  const client = got.extend({
    agent,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
  });

  return {
    async send(request, progress) {
      // A body that is undefined would make got wait for one to be piped in.
      const body = request.body ?? (request.method === 'GET' ? undefined : '');
      const stream = client.stream(`${o.origin}${request.target}`, {
        method: request.method,
        headers: { ...request.headers },
        signal: progress.deadline.signal,
        ...(body !== undefined && { body, allowGetBody: true }),
      });
      // Errors reach us through `once` and through the iteration; this keeps one between the two from being unhandled.
      stream.on('error', () => undefined);
      const [response] = (await once(stream, 'response')) as [IncomingMessage];
      progress.status = response.statusCode ?? 0;
      const read = await readUpTo(stream as AsyncIterable<Uint8Array>, progress.maxBytes);
      return { status: progress.status, headers: response.headers, ...read };
    },
    close() {
      agent.http?.destroy();
      agent.https?.destroy();
      return Promise.resolve();
    },
  };
}

/** Reads at most so many bytes; leaving the iteration closes the connection. */
async function readUpTo(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ bytes: Buffer; complete: boolean }> {
  const chunks: Uint8Array[] = [];
  let room = maxBytes;
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) break;
  }
  return { bytes: Buffer.concat(chunks), complete: room >= 0 };
}
