import type { AdminOptions, AdminToken } from '@fragment/admin';
import type { ApplicationOptions, Clock, Destination, Logger, Queue, Source, Store } from '@fragment/core';
import type { GatewayOptions } from '@fragment/gateway';
import type { BullmqQueueOptions } from '@fragment/queue-bullmq';
import type { SchedulerOptions } from '@fragment/scheduler';
import type { RestOptions } from '@fragment/source-rest';
import type { PostgresStoreOptions } from '@fragment/store-postgres';
import type { Environment, LogLevel } from './environment.js';
import type { MissingDestination } from './when-set.js';

/** What an application is made of; everything has a default. An option wins over its environment variable. */
export interface FragmentOptions {
  /** The application's identity: in logs, locks, and for its embedded database. Default `fragment`. */
  readonly name?: string;
  /** Where data comes from. Default: one `rest()` source whose messages go to every destination that speaks the Segment specification. */
  readonly sources?: readonly Source[];
  /** Where data goes. Default: `log()`, also when the list is empty, so that the first minute already shows jobs. */
  readonly destinations?: readonly (Destination | MissingDestination)[];

  /** URL of the PostgreSQL for events and jobs, or a pg pool, which stays open. Default POSTGRES_STORE_URL, else the embedded one. */
  readonly postgres?: string | NonNullable<PostgresStoreOptions['pool']> | undefined;
  /** URL of the Redis for the queues, or an ioredis instance, which stays open. Default REDIS_URL, else the queues are on the PostgreSQL. */
  readonly redis?: NonNullable<BullmqQueueOptions['redis']> | undefined;
  /** Where the embedded PostgreSQL keeps its data. Default FRAGMENT_DATA_DIR, else `.fragment`. */
  readonly dataDir?: string | undefined;
  /** Instead of the store on PostgreSQL. */
  readonly store?: Store;
  /** Instead of BullMQ. */
  readonly queue?: Queue;

  /** Where both services listen. Default FRAGMENT_HOST, else 127.0.0.1. */
  readonly host?: string | undefined;
  /** The service that takes events in. */
  readonly gateway?: GatewayOptions;
  /** The service that loads jobs out and serves the admin API. */
  readonly scheduler?: Omit<SchedulerOptions, 'admin'>;
  /**
   * Who may send to the default source: keys, `name:key,name:key`, or `any`. Default FRAGMENT_WRITE_KEYS, else everybody,
   * which production refuses.
   */
  readonly writeKeys?: Exclude<RestOptions['writeKeys'], string> | string;
  /** Opens the admin API to other machines, at least 16 characters, and may do everything. Default FRAGMENT_ADMIN_TOKEN. */
  readonly adminToken?: string | undefined;
  /** More tokens, with names and roles: a list, or `name:role:token,name:role:token`. Default FRAGMENT_ADMIN_TOKENS. */
  readonly adminTokens?: readonly AdminToken[] | string | undefined;
  /** How the admin API is served: the host's own login, the names in Host, the base path, what is shown, the host's metrics. */
  readonly admin?: Pick<AdminOptions, 'hostLogin' | 'hosts' | 'basePath' | 'redact' | 'registry'>;
  /** Wants write keys to be set. Default: NODE_ENV is `production`. */
  readonly production?: boolean | undefined;

  /** Where what happens is told. Default: pino, JSON lines on stdout. */
  readonly logger?: Logger;
  /** How much the default logger tells. Default FRAGMENT_LOG_LEVEL, else info. */
  readonly logLevel?: LogLevel | undefined;
  /** What time it is, for tests. Default: the machine's. */
  readonly clock?: Clock;
  /** How events are committed together. */
  readonly ingest?: ApplicationOptions['ingest'];
  /** How jobs are carried out. */
  readonly execution?: ApplicationOptions['execution'];
  /** How long what is kept. */
  readonly retention?: ApplicationOptions['retention'];
  /** Where spans go, usually `openTelemetry()` of `@fragment/tracing-opentelemetry`. Default: none are made. */
  readonly tracing?: ApplicationOptions['tracing'];
}

/** What surrounds an application. Nothing of it is looked up: what is not handed over is not used. */
export interface FragmentContext {
  /** Usually `process.env`. Default: empty, so that an embedded application depends on its options alone. */
  readonly env?: Environment;
  /** What a relative `dataDir` starts from. Default: the working directory. */
  readonly directory?: string;
}

/** What a configuration file exports as its default: the options, or a function that returns them, of the environment and a reader of secrets. */
export type FragmentDefinition =
  | FragmentOptions
  | ((env: Environment, secret: (name: string) => string) => FragmentOptions | Promise<FragmentOptions>);
