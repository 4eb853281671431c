import {
  nearest,
  type BreakerSettings,
  type ExecutionSettings,
  type IngestLimits,
  type RetentionSettings,
  type RetrySettings,
  type Validation,
} from '@fragment/core';
import type { GatewayOptions } from '@fragment/gateway';
import type { SchedulerOptions } from '@fragment/scheduler';
import type { FragmentOptions } from './options.js';

/** The options there are. Those of plugins and adapters are theirs to check. */
interface Names {
  readonly [name: string]: true | Names;
}
type NamesOf<T> = Readonly<Record<keyof T, true | Names>>;

const gateway: NamesOf<GatewayOptions> = {
  host: true,
  port: true,
  cors: true,
  trustProxy: true,
  metrics: true,
  limits: {
    requestBytes: true,
    inFlightBytes: true,
    headersTimeoutMs: true,
    requestTimeoutMs: true,
    keepAliveTimeoutMs: true,
  } satisfies NamesOf<NonNullable<GatewayOptions['limits']>>,
};
const scheduler: NamesOf<Omit<SchedulerOptions, 'admin'>> = { host: true, port: true };
const ingest: NamesOf<IngestLimits> = {
  maxPendingEvents: true,
  maxPendingBytes: true,
  maxCommitEvents: true,
  concurrentCommits: true,
};
const retry: NamesOf<RetrySettings> = {
  baseMs: true,
  factor: true,
  capMs: true,
  retryAfterCapMs: true,
  random: true,
};
const breaker: NamesOf<BreakerSettings> = {
  minCalls: true,
  failureRatio: true,
  windowMs: true,
  consecutive: true,
  openMs: true,
  maxOpenMs: true,
};
const execution: NamesOf<ExecutionSettings> = {
  leaseMs: true,
  renewMs: true,
  sweepMs: true,
  laneRefreshMs: true,
  leaseLimit: true,
  messages: true,
  retry,
  breaker,
};
const retention: NamesOf<RetentionSettings> = {
  dedupMs: true,
  eventsMs: true,
  rejectionsMs: true,
  statisticsMs: true,
  everyMs: true,
};
const names: NamesOf<FragmentOptions> = {
  name: true,
  sources: true,
  destinations: true,
  postgres: true,
  redis: true,
  dataDir: true,
  store: true,
  queue: true,
  host: true,
  gateway,
  scheduler,
  writeKeys: true,
  adminToken: true,
  adminTokens: true,
  admin: { hostLogin: true, hosts: true, basePath: true, registry: true },
  tracing: true,
  production: true,
  logger: true,
  logLevel: true,
  clock: true,
  ingest,
  execution,
  retention,
};

/** A problem for each option that nobody would read, with the name that was probably meant. */
export const unknownOptions = (options: FragmentOptions): readonly Validation[] => [
  ...unknownIn(options, names, []),
];

function* unknownIn(value: object, known: Names, at: readonly string[]): Generator<Validation> {
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    const path = [...at, key];
    const below = Object.hasOwn(known, key) ? known[key] : undefined;
    if (below === undefined) yield { message: messageOf(path, known), path };
    else if (below !== true && typeof item === 'object' && item !== null) yield* unknownIn(item, below, path);
  }
}

function messageOf(path: readonly string[], known: Names): string {
  const meant = nearest(path.at(-1) ?? '', Object.keys(known));
  const question = meant === undefined ? '' : `; did you mean ${[...path.slice(0, -1), meant].join('.')}?`;
  return `${path.join('.')} is not an option${question}`;
}
