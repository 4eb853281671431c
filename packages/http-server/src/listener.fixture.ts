import { once } from 'node:events';
import { connect } from 'node:net';
import { answerJson, createListener, type Listener, type ListenerOptions } from './index.js';

const listeners: Listener[] = [];

/** Every test file runs it after each test. */
export async function cleanUp(): Promise<void> {
  await Promise.all(listeners.splice(0).map((listener) => listener.stop(AbortSignal.abort())));
}

export function listener(o: Partial<ListenerOptions> = {}): Listener {
  const made = createListener({
    service: 'gateway',
    host: '127.0.0.1',
    port: 0,
    handle: (_req, res) => answerJson(res, 200, { ok: true }),
    ...o,
  });
  listeners.push(made);
  return made;
}

/** Sends bytes as they are and returns all that comes back until the server closes. */
export async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.from(text, 'latin1'));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}
