// One gateway or scheduler of the failure tests, in a process that may be killed at any moment. It is put together
// from the published packages; the faults are wrapped around its store, queue and destinations from outside.
import { createApplication, type Destination, type Queue, type Service, type Store } from '@fragment/core';
import { gateway } from '@fragment/gateway';
import { createHttpClient, classify, resultFor } from '@fragment/http-client';
import { bullmqQueue } from '@fragment/queue-bullmq';
import { scheduler } from '@fragment/scheduler';
import { segmentflow } from '@fragment/segmentflow';
import { rest } from '@fragment/source-rest';
import { postgresStore } from '@fragment/store-postgres';

/** What the harness tells a process, as JSON in its first argument. */
export interface ServiceOptions {
  readonly role: 'gateway' | 'scheduler';
  readonly postgres: string;
  readonly redis?: string;
  readonly port: number;
  readonly stub: string;
  /** `offer`: die when the queue is told of a commit. `settle`: die when results are to be written. */
  readonly dieAt?: 'offer' | 'settle';
  /** A messageId whose delivery kills the process. */
  readonly poison?: string;
}

/** Short enough for a test, long enough for a loaded machine. */
export const LEASE_MS = 5_000;
/** The vendor's failures here are made, and a lane that trips over them would hide how late a retry is. */
const BREAKER = { consecutive: 1_000_000, minCalls: 1_000_000 };
export const DESTINATIONS = ['alpha', 'beta', 'gamma'] as const;

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable: SIGKILL cannot be survived');
};

function destination(name: string, o: ServiceOptions): Destination {
  const client = createHttpClient({ baseUrl: o.stub, allowPrivate: true, transport: 'undici' });
  return {
    name,
    accepts: 'segment',
    actions: [
      {
        name: 'track',
        load: (jobs) =>
          Promise.all(
            jobs.map(async (job) => {
              if (job.event.messageId === o.poison && name === 'alpha') die();
              const headers = { 'idempotency-key': job.idempotencyKey };
              const reply = await client.request({ method: 'POST', path: `/${name}`, headers, json: {} });
              return resultFor(job.id, classify(reply));
            }),
          ),
      },
    ],
    shutdown: () => client.close(),
  };
}

/** The store whose process dies when it shall write what a vendor has already said yes to. */
const dyingStore = (store: Store): Store => ({ ...store, settle: () => Promise.resolve(die()) });

/** The queue whose process dies when it is told of a commit. */
const dyingQueue = (queue: Queue): Queue => ({
  name: queue.name,
  migrate: () => queue.migrate?.() ?? Promise.resolve(),
  offer: (refs) => (refs.length > 0 ? die() : undefined),
  depth: (destination) => queue.depth(destination),
  consume: (destination, o, fn) => queue.consume(destination, o, fn),
  ping: () => queue.ping(),
  close: () => queue.close(),
});

/** Runs until it is killed; says `ready` on stdout when it listens. */
export async function runService(o: ServiceOptions): Promise<void> {
  const store = postgresStore({ connection: o.postgres, poolSize: 6 });
  const queue = bullmqQueue({
    ...(o.redis === undefined ? { postgres: { connection: o.postgres } } : { redis: o.redis }),
    lockDurationMs: 3_000,
    stalledIntervalMs: 1_500,
  });
  const service: Service = o.role === 'gateway' ? gateway({ port: o.port }) : scheduler({ port: o.port });
  const app = createApplication({
    store: o.dieAt === 'settle' ? dyingStore(store) : store,
    queue: o.dieAt === 'offer' ? dyingQueue(queue) : queue,
    sources: [rest({ flows: segmentflow })],
    destinations: DESTINATIONS.map((name) => destination(name, o)),
    ...(o.role === 'gateway' ? { gateway: service } : { scheduler: service }),
    execution: { leaseMs: LEASE_MS, renewMs: 1_000, sweepMs: 500, leaseLimit: 64, breaker: BREAKER },
  });
  await app.start();
  process.stdout.write('ready\n');
}
