import { createRequire } from 'node:module';
import { Analytics as AnalyticsNode3 } from '@segment/analytics-node';
import { Analytics as AnalyticsNode2 } from 'analytics-node-2';

/** A call of an SDK: its name, and what it is given. */
export type Call = readonly [
  type: 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias',
  message: object,
];

/** A real SDK, as an application uses it; the differences between them are told away. */
export interface Sdk {
  call(...call: Call): void;
  /** Sends what waits, and resolves when each call has come to its end. */
  flush(): Promise<void>;
  /** What the SDK has told of each call that came to its end: delivered, or the reason why it was given up. */
  readonly outcomes: readonly Outcome[];
}

export interface Outcome {
  readonly message: object;
  readonly error?: Error;
}

export interface SdkOptions {
  /** Where the gateway is; may end with a prefix. */
  readonly base: string;
  readonly writeKey: string;
  /** Calls in one request. Default: the SDK's own. */
  readonly flushAt?: number;
  /** How often a request is sent again. Default: the SDK's own. */
  readonly retries?: number;
  /** Pause between two tries, where the SDK lets it be set. Default: the SDK's own. */
  readonly pauseMs?: number;
  /** How long it waits on being told when to come back, where the SDK counts time and not tries. Default: the SDK's own. */
  readonly rateLimitMs?: number;
}

export interface SdkKind {
  readonly name: string;
  /** As it names itself in `context.library`. */
  readonly library: { readonly name: string; readonly version: string };
  readonly create: (o: SdkOptions) => Sdk;
}

type Done = (error?: Error | null) => void;

/** What is common to all of them: calls with callbacks. */
interface Client {
  readonly call: (type: Call[0], message: object, done: Done) => void;
  /** Begins to send what waits. */
  readonly push: () => Promise<unknown>;
}

const require = createRequire(import.meta.url);

function sdkOf({ call, push }: Client): Sdk {
  const outcomes: Outcome[] = [];
  const ends: Promise<void>[] = [];
  return {
    outcomes,
    call(type, message) {
      const end = new Promise<void>((resolve) => {
        call(type, message, (error) => {
          outcomes.push(error ? { message, error } : { message });
          resolve();
        });
      });
      ends.push(end);
    },
    async flush() {
      await push();
      await Promise.all(ends);
    },
  };
}

/** analytics-node 6 and its descendant of RudderStack have no types that fit, and the same constructor. */
type Flushing = Record<Call[0], (message: object, done: Done) => void> & {
  readonly queue: readonly unknown[];
  flush(): Promise<unknown>;
};
type FlushingClass = new (writeKey: string, options: object) => Flushing;

function flushingSdk(Class: FlushingClass, o: SdkOptions): Sdk {
  const { base, writeKey, flushAt, retries, pauseMs } = o;
  const client = new Class(writeKey, {
    host: base,
    logLevel: 'none',
    // Without it a failed request ends the process. Each call is told as well.
    errorHandler: () => undefined,
    ...(flushAt !== undefined && { flushAt }),
    ...(retries !== undefined && { retryCount: retries }),
    ...(pauseMs !== undefined && { axiosRetryConfig: { retryDelay: () => pauseMs } }),
  });
  return sdkOf({
    call: (type, message, done) => client[type](message, done),
    async push() {
      while (client.queue.length > 0) await client.flush();
    },
  });
}

type NextClient = AnalyticsNode3 | AnalyticsNode2;

function nextSdk(Class: typeof AnalyticsNode3 | typeof AnalyticsNode2, o: SdkOptions): Sdk {
  const { base, writeKey, flushAt, retries, rateLimitMs } = o;
  const { origin, pathname } = new URL(base);
  const client: NextClient = new Class({
    writeKey,
    host: origin,
    // It puts the path in place of what the host ends with.
    path: `${pathname.replace(/\/$/, '')}/v1/batch`,
    ...(flushAt !== undefined && { flushAt }),
    ...(retries !== undefined && { maxRetries: retries }),
    ...(rateLimitMs !== undefined && { maxRateLimitDuration: rateLimitMs / 1_000 }),
  });
  return sdkOf({
    call: (type, message, done) => client[type](message as never, done as never),
    push: () => client.flush({ timeout: 60_000 }),
  });
}

export const analyticsNode6: SdkKind = {
  name: 'analytics-node 6',
  library: { name: 'analytics-node', version: '6.2.0' },
  create: (o) => flushingSdk(require('analytics-node') as FlushingClass, o),
};

export const analyticsNode2: SdkKind = {
  name: '@segment/analytics-node 2',
  library: { name: '@segment/analytics-node', version: '2.3.0' },
  create: (o) => nextSdk(AnalyticsNode2, o),
};

export const analyticsNode3: SdkKind = {
  name: '@segment/analytics-node 3',
  library: { name: '@segment/analytics-node', version: '3.1.0' },
  create: (o) => nextSdk(AnalyticsNode3, o),
};

export const rudderNode3: SdkKind = {
  name: '@rudderstack/rudder-sdk-node 3',
  library: { name: 'analytics-node', version: '3.0.13' },
  create: (o) => flushingSdk(require('@rudderstack/rudder-sdk-node') as FlushingClass, o),
};

export const sdkKinds: readonly SdkKind[] = [analyticsNode6, analyticsNode2, analyticsNode3, rudderNode3];
