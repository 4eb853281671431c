import { createRequire } from 'node:module';
import { Analytics } from '@segment/analytics-node';

/** What both generations of Segment's Node library have in common. */
export interface Sdk {
  /** As it names itself in `context.library`. */
  readonly library: string;
  identify(message: object): void;
  track(message: object): void;
  page(message: object): void;
  screen(message: object): void;
  group(message: object): void;
  alias(message: object): void;
  /** Sends what waits and ends. */
  close(): Promise<void>;
}

type SdkCalls = Omit<Sdk, 'library' | 'close'>;
type AnalyticsNode6 = new (
  writeKey: string,
  options: { host: string; flushAt: number; errorHandler: (error: Error) => void },
) => SdkCalls & { flush(): Promise<unknown> };

const writeKey = 'a-write-key';

/** analytics-node 6, which has no types of its own. */
export function analyticsNode6(host: string): Sdk {
  const Analytics6 = createRequire(import.meta.url)('analytics-node') as AnalyticsNode6;
  let failure: Error | undefined;
  // Without it a failed flush ends the process. The first message is sent at once, the others by `flush`.
  const errorHandler = (error: Error): void => void (failure = error);
  const sdk = new Analytics6(writeKey, { host, flushAt: 20, errorHandler });
  return withCalls('analytics-node', sdk, async () => {
    await sdk.flush();
    if (failure) throw failure;
  });
}

/** @segment/analytics-node 3. */
export function analyticsNode3(host: string): Sdk {
  const sdk = new Analytics({ writeKey, host });
  const failures: unknown[] = [];
  sdk.on('error', (error) => void failures.push(error));
  return withCalls('@segment/analytics-node', sdk, async () => {
    await sdk.closeAndFlush({ timeout: 10_000 });
    if (failures.length > 0) throw new Error('analytics-node 3 could not deliver', { cause: failures[0] });
  });
}

const withCalls = (library: string, sdk: SdkCalls, close: () => Promise<void>): Sdk => ({
  library,
  identify: (message) => sdk.identify(message),
  track: (message) => sdk.track(message),
  page: (message) => sdk.page(message),
  screen: (message) => sdk.screen(message),
  group: (message) => sdk.group(message),
  alias: (message) => sdk.alias(message),
  close,
});
