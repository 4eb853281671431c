import { once } from 'node:events';
import net from 'node:net';

export interface Timed {
  readonly status: number;
  readonly ms: number;
}

export interface Request {
  readonly body: string | Buffer;
  readonly path?: string;
  /** Lines, each with its end. */
  readonly headers?: string;
}

/** One kept connection that sends one request after the other. */
export class Client {
  /** Resolves when it is. */
  readonly connected: Promise<unknown>;
  readonly #socket: net.Socket;
  #answered: ((status: number) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  #text = '';

  constructor(port: number) {
    this.#socket = net.connect(port, '127.0.0.1').setNoDelay(true);
    this.connected = once(this.#socket, 'connect');
    this.#socket.on('error', (error) => this.#failed?.(error));
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
      const end = this.#text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(this.#text)?.[1] ?? 0);
      if (end < 0 || this.#text.length < end + 4 + length) return;
      const status = Number(this.#text.slice(9, 12));
      this.#text = '';
      this.#answered?.(status);
    });
  }

  async send({ body, path = '/v1/track', headers = '' }: Request): Promise<Timed> {
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
    const whole = Buffer.concat([Buffer.from(head), Buffer.from(body)]);
    const begin = performance.now();
    const status = await new Promise<number>((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(whole);
    });
    return { status, ms: performance.now() - begin };
  }

  close(): void {
    this.#socket.destroy();
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
