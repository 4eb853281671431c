import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** As @fragment/http-client publishes it: secrets are masked. */
export interface Exchange {
  readonly request: string;
  readonly status?: number;
  readonly response?: string;
  readonly error?: string;
}

const CHANNEL = 'fragment:http';

/** Runs `work` and collects the requests that destinations make meanwhile. */
export async function watched<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly exchanges: readonly Exchange[] }> {
  const exchanges: Exchange[] = [];
  const collect = (message: unknown): void => void exchanges.push(message as Exchange);
  subscribe(CHANNEL, collect);
  try {
    return { result: await work(), exchanges };
  } finally {
    unsubscribe(CHANNEL, collect);
  }
}

/**
 * Runs `work` while this process can't connect to anything. At the socket, which every client goes through, because a
 * destination may use any: what it would have sent is what is wanted, and a try must not become a delivery.
 */
export async function disconnected<T>(work: () => Promise<T>): Promise<T> {
  const connect: unknown = Reflect.get(Socket.prototype, 'connect');
  Socket.prototype.connect = function refuse(this: Socket): Socket {
    // As a real refusal: writing waits for the connection, and a request listens for errors only some ticks later.
    Object.assign(this, { connecting: true });
    setImmediate(() => this.destroy(new Error('nothing is sent without --send')));
    return this;
  };
  try {
    return await work();
  } finally {
    Object.assign(Socket.prototype, { connect });
  }
}
