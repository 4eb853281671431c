import { Pool, type Dispatcher } from 'undici';
import {
  IDLE_CONNECTION_MS,
  type Progress,
  type Transport,
  type TransportOptions,
  type WireResponse,
} from './transport.js';

/** The transport for one request per event: a tenth of got's CPU time for each. */
export function undiciTransport(o: TransportOptions): Transport {
  const pool = new Pool(o.origin, {
    connections: o.connections,
    pipelining: 1,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: o.connectTimeoutMs, ...(o.lookup && { lookup: o.lookup }) },
  });
  return {
    send: (request, progress) =>
      new Promise((resolve, reject) => {
        const { method, target: path, headers, body = null } = request;
        pool.dispatch(
          { method, path, headers: headers as Record<string, string>, body },
          new Reading(progress, resolve, reject),
        );
      }),
    close: () => pool.destroy(),
  };
}

/**
 * Reads one answer straight off the parser. `pool.request` would make a stream of every body, and a signal for every
 * deadline, which together cost more than the request.
 */
class Reading implements Dispatcher.DispatchHandler {
  readonly #progress: Progress;
  readonly #resolve: (response: WireResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #headers: WireResponse['headers'] = {};
  #room: number;

  constructor(
    progress: Progress,
    resolve: (response: WireResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#progress = progress;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#room = progress.maxBytes;
    progress.deadline.onStop(() => reject(new Error('stopped')));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#progress.deadline.onStop(() => {
      const stopped = new Error('stopped');
      controller.abort(stopped);
      this.#reject(stopped);
    });
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: WireResponse['headers']): void {
    // 1xx: the answer itself is still to come.
    if (status < 200) return;
    this.#progress.status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#room < 0) return;
    this.#chunks.push(chunk.length > this.#room ? chunk.subarray(0, this.#room) : chunk);
    this.#room -= chunk.length;
    if (this.#room >= 0) return;
    this.#finish();
    controller.abort(new Error('more than is read'));
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }

  #finish(): void {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#resolve({
      status: this.#progress.status ?? 0,
      headers: this.#headers,
      bytes: bytes ?? Buffer.alloc(0),
      complete: this.#room >= 0,
    });
  }
}
