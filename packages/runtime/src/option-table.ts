import type {
  BreakerSettings,
  ExecutionSettings,
  IngestLimits,
  RetentionSettings,
  RetrySettings,
} from '@fragment/core';
import type { GatewayLimits, GatewayOptions } from '@fragment/gateway';
import type { SchedulerOptions } from '@fragment/scheduler';
import { LOG_LEVELS } from './environment.js';
import type { FragmentOptions } from './options.js';
import { policiesSchema } from './policies-schema.js';

/** What an option may be in a configuration that is JSON, as JSON Schema says it. */
export interface OptionSchema {
  readonly description: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly [keyword: string]: unknown;
}

/** `code`: only a configuration that is code can say it. */
export type OptionRow = OptionSchema | OptionGroup | 'code';

export interface OptionGroup {
  readonly description: string;
  readonly options: OptionTable;
}

export interface OptionTable {
  readonly [name: string]: OptionRow;
}

/** Every option of T has a row. */
type TableOf<T> = Readonly<Record<keyof T, OptionRow>>;

const text = (description: string, more: object = {}): OptionSchema => ({
  type: 'string',
  description,
  ...more,
});
const yes = (description: string, byDefault: boolean): OptionSchema => ({
  type: 'boolean',
  description,
  default: byDefault,
});
const whole = (description: string, byDefault?: number, minimum = 1): OptionSchema => ({
  type: 'integer',
  minimum,
  description,
  ...(byDefault !== undefined && { default: byDefault }),
});
const number = (description: string, byDefault: number, minimum: number): OptionSchema => ({
  type: 'number',
  minimum,
  description,
  default: byDefault,
});

const host = text('Where it listens. Default: `host`, else 127.0.0.1.');
const port = (byDefault: number): OptionSchema => ({
  type: ['integer', 'boolean'],
  minimum: 0,
  maximum: 65_535,
  // Not `true`: a boolean says only that it does not listen.
  not: { const: true },
  description: 'Where it listens; 0: any free port; false: nowhere, as a server of yours mounts it.',
  default: byDefault,
});

const DAY_MS = 86_400_000;

const limits: TableOf<GatewayLimits> = {
  requestBytes: whole("Bytes of one request's body after decompression.", 512_000),
  inFlightBytes: whole('Bytes of all bodies held at once; beyond it requests are answered 429.', 67_108_864),
  headersTimeoutMs: whole('Milliseconds in which the headers must come.', 10_000),
  requestTimeoutMs: whole('Milliseconds in which the whole request must come.', 30_000),
  keepAliveTimeoutMs: whole('Milliseconds for which an idle connection is kept.', 65_000),
};
const gateway: TableOf<GatewayOptions> = {
  host,
  port: port(9090),
  cors: {
    type: ['boolean', 'object'],
    properties: { origins: { type: 'array', items: { type: 'string' } } },
    required: ['origins'],
    additionalProperties: false,
    description: 'Pages of any origin may send, or of these only, or none.',
    default: true,
  },
  trustProxy: whole('How many proxies in front may be believed.', 0, 0),
  metrics: 'code',
  limits: { description: 'What a request may hold, and how long it may take.', options: limits },
};
const scheduler: TableOf<Omit<SchedulerOptions, 'admin'>> = { host, port: port(9091) };
const ingest: TableOf<IngestLimits> = {
  maxPendingEvents: whole('Events waiting for a commit before new ones are answered 429.', 20_000),
  maxPendingBytes: whole('Bytes waiting for a commit before new events are answered 429.', 67_108_864),
  maxCommitEvents: whole('Events in one commit.', 1_500),
  concurrentCommits: whole('Commits in flight at once.', 1),
};
const retry: TableOf<RetrySettings> = {
  baseMs: whole('Milliseconds before the first repeat, at most.', 5_000),
  factor: number('How much longer each wait is than the one before.', 2, 1),
  capMs: whole('Milliseconds that no wait exceeds.', 900_000),
  retryAfterCapMs: whole('Milliseconds to which a longer Retry-After is cut.', 3_600_000),
  random: 'code',
};
const breaker: TableOf<BreakerSettings> = {
  minCalls: whole('Calls in the window before the ratio counts.', 20),
  failureRatio: number('The ratio of failures that opens it.', 0.5, 0),
  windowMs: whole('Milliseconds that are looked at.', 30_000),
  consecutive: whole('Failures in a row that open it whatever the ratio.', 5),
  openMs: whole('Milliseconds before the first probe; doubles.', 30_000),
  maxOpenMs: whole('Milliseconds to which it doubles.', 300_000),
};
const execution: TableOf<ExecutionSettings> = {
  leaseMs: whole('Milliseconds for which a process holds a job.', 30_000),
  renewMs: whole('Milliseconds between renewals.', 10_000),
  sweepMs: whole('Milliseconds between searches for what was lost.', 2_000),
  laneRefreshMs: whole("Milliseconds between looks at the lanes' states.", 1_000),
  leaseLimit: whole('Jobs taken by one lease, at most.', 1_000),
  messages: whole('Messages of the queue that one lane works on at once.', 2),
  keptExchangesPerSecond: whole('Deliveries a second and lane that succeed and keep what was sent.', 10, 0),
  retry: { description: 'When a failed job runs again.', options: retry },
  breaker: { description: 'When a destination that fails is left alone.', options: breaker },
};
const retention: TableOf<RetentionSettings> = {
  dedupMs: whole('Milliseconds for which a messageId is remembered.', 7 * DAY_MS),
  eventsMs: whole('Milliseconds for which events are kept. Default: for ever.'),
  policies: policiesSchema,
  rejectionsMs: whole('Milliseconds for which rejections are kept.', 30 * DAY_MS),
  statisticsMs: whole('Milliseconds for which statistics are kept.', 90 * DAY_MS),
  everyMs: whole('Milliseconds between purges.', 3_600_000),
};
const admin: TableOf<NonNullable<FragmentOptions['admin']>> = {
  hostLogin: yes('A login of your own stands before every request.', false),
  hosts: { type: 'array', items: { type: 'string' }, description: 'Names that may stand in Host.' },
  basePath: text('Where the admin API and the dashboard are.', { default: '/admin' }),
  redact: 'code',
  registry: 'code',
};

/** The options there are, with what they mean: what is checked when an application is made, and the schema for editors. */
export const optionTable: TableOf<FragmentOptions> = {
  name: text("The application's identity: in logs, locks, and for its embedded database.", {
    default: 'fragment',
  }),
  sources: 'code',
  destinations: 'code',
  postgres: text(
    'URL of the PostgreSQL for events and jobs. Default: POSTGRES_STORE_URL, else the embedded one.',
    {
      pattern: '^postgres(ql)?://',
    },
  ),
  redis: text('URL of the Redis for the queues. Default: REDIS_URL, else the queues are on the PostgreSQL.', {
    pattern: '^(rediss?|unix)://',
  }),
  dataDir: text('Where the embedded PostgreSQL keeps its data, beside the configuration.', {
    default: '.fragment',
  }),
  store: 'code',
  queue: 'code',
  host: text('Where both services listen.', { default: '127.0.0.1' }),
  gateway: { description: 'The service that takes events in.', options: gateway },
  scheduler: { description: 'The service that delivers, and serves the admin.', options: scheduler },
  writeKeys: text(
    'Who may send: `name:key,name:key`, or `any`. FRAGMENT_WRITE_KEYS keeps them out of this file.',
  ),
  adminToken: text('Opens the admin API. FRAGMENT_ADMIN_TOKEN keeps it out of this file.', { minLength: 16 }),
  adminTokens: text(
    '`name:role:token`, several with commas between. FRAGMENT_ADMIN_TOKENS keeps them out of this file.',
  ),
  admin: { description: 'How the admin API and the dashboard are served.', options: admin },
  tracing: 'code',
  production: yes('Wants write keys. Default: NODE_ENV is `production`.', false),
  logger: 'code',
  logLevel: { enum: LOG_LEVELS, description: 'What is logged.', default: 'info' },
  clock: 'code',
  ingest: { description: 'How events are committed.', options: ingest },
  execution: { description: 'How jobs are carried out.', options: execution },
  retention: { description: 'How long what is stored is kept.', options: retention },
};
