import { admin } from '@fragment/admin';
import {
  createApplication,
  operations,
  type Application,
  type ApplicationOptions,
  type Destination,
  type JobRecord,
  type Operations,
  type Logger,
  type Queue,
  type Source,
  type Store,
  type Validation,
} from '@fragment/core';
import { gateway, type Gateway, type GatewayOptions } from '@fragment/gateway';
import { bullmqQueue } from '@fragment/queue-bullmq';
import { scheduler } from '@fragment/scheduler';
import { segmentflow } from '@fragment/segmentflow';
import { rest, type RestOptions } from '@fragment/source-rest';
import { postgresStore } from '@fragment/store-postgres';
import { illegalTransitions, waitFor, type TestPostgres } from '@fragment/testing';
import { recordingLogger, type Line } from './recording-logger.js';

/** An application as one process runs it: real parts, and what a test changes of them. */
export interface WorldOptions {
  readonly database: TestPostgres;
  readonly destinations: readonly Destination[];
  /** Worlds with the same one are processes of one application. Default: a new one. */
  readonly schema?: string;
  /** Where BullMQ keeps its queues. Default: the database. */
  readonly redis?: string | undefined;
  /** How the Segment API is served. Default: every message goes to every destination that wants it. */
  readonly rest?: RestOptions;
  readonly gateway?: GatewayOptions;
  /** Mounts the gateway into a server of its own; default: it listens by itself. */
  readonly host?: (intake: Gateway) => Promise<{ readonly url: string; stop(): Promise<void> }>;
  /** Beside the Segment API. */
  readonly sources?: readonly Source[];
  /** Instead of BullMQ. */
  readonly queue?: Queue;
  /** Puts a fault around the store. */
  readonly wrapStore?: (store: Store) => Store;
  readonly execution?: ApplicationOptions['execution'];
  readonly ingest?: ApplicationOptions['ingest'];
  /** Default: both. */
  readonly services?: { readonly gateway: boolean; readonly scheduler: boolean };
}

export interface World {
  readonly app: Application;
  readonly ops: Operations;
  readonly schema: string;
  /** Base URL of the gateway. */
  readonly gateway: string;
  /** Base URL of the scheduler. */
  readonly scheduler: string;
  /** Everything that was logged. */
  readonly log: readonly Line[];
  /** Sends to the gateway: text and bytes as they are, anything else as JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Asks the admin API on the scheduler. */
  admin<T>(path: string): Promise<T>;
  jobs(): Promise<readonly JobRecord[]>;
  /** Waits until there are so many jobs and each is succeeded or discarded. */
  ended(count: number): Promise<readonly JobRecord[]>;
  /** The states a job went through, without `acknowledged` and `awaiting` at its beginning. Fails when a step is illegal. */
  history(job: JobRecord): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnswerBody;
}

export interface AnswerBody {
  readonly statusCode: number;
  readonly message: string;
  readonly success?: boolean;
  readonly code?: string;
  readonly validations?: readonly Validation[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}

/** The defaults with shorter waits. */
export const quick = {
  leaseMs: 5_000,
  renewMs: 500,
  sweepMs: 150,
  laneRefreshMs: 50,
  retry: { baseMs: 50, factor: 2, capMs: 500, retryAfterCapMs: 60_000, random: () => 0.5 },
  breaker: {
    minCalls: 20,
    failureRatio: 0.5,
    windowMs: 30_000,
    consecutive: 5,
    openMs: 100,
    maxOpenMs: 400,
  },
} satisfies ApplicationOptions['execution'];

let schemas = 0;

/** BullMQ on the world's Redis where it has one, else on its database. */
function queueOf({ queue, redis, database }: WorldOptions, application: string, logger: Logger): Queue {
  const backend = redis === undefined ? { postgres: { connection: database.url } } : { redis };
  return queue ?? bullmqQueue({ ...backend, application, logger });
}

export async function openWorld(o: WorldOptions): Promise<World> {
  const schema = o.schema ?? `fragment_${(schemas += 1)}`;
  const connection = o.database.url;
  const store = postgresStore({ connection, schema, poolSize: 4, adminPoolSize: 2 });
  const { logger, lines } = recordingLogger();
  const intake = gateway({ port: o.host ? false : 0, ...o.gateway });
  const app = createApplication({
    sources: [rest({ flows: segmentflow, ...o.rest }), ...(o.sources ?? [])],
    destinations: o.destinations,
    store: o.wrapStore?.(store) ?? store,
    queue: queueOf(o, schema, logger),
    gateway: intake,
    scheduler: scheduler({ port: 0, admin: admin() }),
    execution: { ...quick, ...o.execution },
    ...(o.ingest && { ingest: o.ingest }),
    logger,
  });
  const started = await app.start(o.services);
  const host = await o.host?.(intake);
  const ops = operations(app);
  const urls = { gateway: host?.url ?? started.gateway?.url, scheduler: started.scheduler?.url };
  const url = (service: 'gateway' | 'scheduler'): string => {
    const address = urls[service];
    if (address === undefined) throw new Error(`This world has no ${service}.`);
    return address;
  };
  return {
    app,
    ops,
    schema,
    log: lines,
    gateway: urls.gateway ?? '',
    scheduler: urls.scheduler ?? '',
    post: (path, body, headers) => post(`${url('gateway')}${path}`, body, headers),
    admin: (path) => getJson(`${url('scheduler')}/admin/api${path}`),
    jobs: () => allJobs(ops),
    ended: (count) =>
      waitFor(async () => whenEnded(await allJobs(ops), count), {
        timeoutMs: 20_000,
        intervalMs: 20,
        message: `the end of ${count} jobs`,
      }),
    history: async (job) => {
      const steps = await ops.findTransitions(job.id);
      const illegal = illegalTransitions(steps);
      if (illegal.length > 0) throw new Error(`Illegal history of ${job.id}: ${illegal.join('; ')}`);
      return steps.slice(2).map(({ stateAfter }) => stateAfter);
    },
    async stop() {
      await host?.stop();
      await app.stop();
    },
  };
}

/** Ends what a test has opened, last first, whether it passed or not. */
export class Opened {
  readonly #opened: { stop(): Promise<unknown> }[] = [];

  add<T extends { stop(): Promise<unknown> }>(thing: T): T {
    this.#opened.push(thing);
    return thing;
  }

  async stop(): Promise<void> {
    for (const thing of this.#opened.splice(0).reverse()) await thing.stop();
  }
}

export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: raw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as AnswerBody,
  };
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}

async function allJobs(ops: Operations): Promise<readonly JobRecord[]> {
  const jobs: JobRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await ops.findJobs({}, { limit: 500, ...(cursor !== undefined && { cursor }) });
    jobs.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return jobs;
}

/** Throws with what is wrong, which a wait that fails then tells. */
function whenEnded(jobs: readonly JobRecord[], count: number): readonly JobRecord[] {
  const unfinished = jobs.filter(({ status }) => status !== 'succeeded' && status !== 'discarded');
  if (jobs.length === count && unfinished.length === 0) return jobs;
  const named = unfinished.slice(0, 5).map((job) => {
    return `${job.destination}/${job.action} ${job.status} ${job.lastError?.message ?? ''}`;
  });
  throw new Error(`${jobs.length} jobs, of which ${unfinished.length} have not ended: ${named.join('; ')}`);
}
