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
    async send(request, signal) {
      // A body that is undefined would make got wait for one to be piped in.
      const body = request.body ?? (request.method === 'GET' ? undefined : '');
      const stream = client.stream(`${o.origin}${request.target}`, {
        method: request.method,
        headers: { ...request.headers },
        signal,
        ...(body !== undefined && { body, allowGetBody: true }),
      });
      // Errors reach us through `once` and through the iteration; this keeps one between the two from being unhandled.
      stream.on('error', () => undefined);
      const [response] = (await once(stream, 'response')) as [IncomingMessage];
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: stream as AsyncIterable<Uint8Array>,
      };
    },
    close() {
      agent.http?.destroy();
      agent.https?.destroy();
      return Promise.resolve();
    },
  };
}
