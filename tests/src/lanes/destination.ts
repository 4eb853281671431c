import type { Destination, LaneLimits } from '@fragment/core';
import {
  classify,
  createHttpClient,
  resultFor,
  type HttpClientOptions,
  type VerdictTable,
} from '@fragment/http-client';

/** A key that is refused is the one answer about which destinations have a rule of their own everywhere. */
const table: VerdictTable = { 401: { outcome: 'failed', hold: 'credentials' } };

/** One request per job, judged as every destination judges. */
export function plainDestination(o: {
  readonly name: string;
  readonly url: string;
  readonly path?: string;
  readonly timeoutMs?: number;
  readonly transport?: HttpClientOptions['transport'];
  readonly limits?: LaneLimits;
  /** Is told how long each request took. */
  readonly took?: (ms: number) => void;
}): Destination {
  const client = createHttpClient({
    baseUrl: o.url,
    allowPrivate: true,
    ...(o.timeoutMs !== undefined && { timeoutMs: o.timeoutMs }),
    ...(o.transport && { transport: o.transport }),
  });
  return {
    name: o.name,
    accepts: 'segment',
    ...(o.limits && { limits: o.limits }),
    actions: [
      {
        name: 'track',
        load: async ([job], { signal }) => {
          if (!job) return [];
          const begin = performance.now();
          const reply = await client.request({
            method: 'POST',
            path: `/${o.path ?? o.name}`,
            headers: {
              'content-type': 'application/json',
              'idempotency-key': job.idempotencyKey,
              'x-attempt': String(job.attempt),
            },
            body: job.event.data,
            signal,
          });
          o.took?.(performance.now() - begin);
          return [resultFor(job.id, classify(reply, table))];
        },
      },
    ],
    shutdown: () => client.close(),
  };
}
