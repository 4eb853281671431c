import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ServiceOptions {
  readonly postgres: string;
  readonly maxPendingEvents?: number;
}

export interface RunningService {
  readonly port: number;
  /** Bytes of memory it has now. */
  rss(): Promise<number>;
  stop(): Promise<void>;
}

/** As many as a careful installation has. */
export const KEYS = Array.from({ length: 5 }, (_, n) => `${n}-4kD0fK2mZq8sW1xV7tB9yN3cR6pL5hJ`);

/** The one that senders use. */
export const KEY = KEYS[0] ?? '';

export const keyed = (body: string, key = KEY): string => `{"writeKey":"${key}",${body.slice(1)}`;

const main = fileURLToPath(new URL('./service-main.js', import.meta.url));

export async function startService(o: ServiceOptions): Promise<RunningService> {
  const child = fork(main, [JSON.stringify(o)]);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    async rss() {
      child.send('rss');
      const [{ rss }] = (await once(child, 'message')) as [{ rss: number }];
      return rss;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
