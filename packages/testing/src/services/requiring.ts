import { appendFileSync } from 'node:fs';
import { whyNoPostgres } from './postgres.js';
import { whyNoChromium, whyNoCurl, whyNoPythonSdk, whyNoRegistry, whyNoTerminal } from './programs.js';
import { whyNoRedis } from './redis.js';

/**
 * What a suite may need of its machine. `python-sdk` is Segment's library, for python3; `terminal` is a pseudo terminal;
 * `registry` is npm's.
 */
export type ServiceName = 'postgres' | 'redis' | 'chromium' | 'curl' | 'python-sdk' | 'terminal' | 'registry';

/** What `describe` of jest, vitest and node:test have in common. */
export interface Describe {
  (name: string, suite: () => void): unknown;
  skip(name: string, suite: () => void): unknown;
}

/** One skipped suite, as a line of JSON in the file that FRAGMENT_TEST_SKIPPED names. */
export interface SkippedSuite {
  readonly suite: string;
  readonly service: ServiceName;
  readonly reason: string;
}

const reasons: Record<ServiceName, () => Promise<string | undefined>> = {
  postgres: whyNoPostgres,
  redis: whyNoRedis,
  chromium: whyNoChromium,
  curl: whyNoCurl,
  'python-sdk': whyNoPythonSdk,
  terminal: whyNoTerminal,
  registry: whyNoRegistry,
};

/**
 * A `describe` for suites that need a service or a program:
 *
 * ```ts
 * const describeWithRedis = await requiring('redis', describe);
 * describeWithRedis('the queue on Redis', () => { ... });
 * ```
 *
 * Where the service cannot be had, the suite is registered as skipped and its name is noted for the end of `npm test`;
 * when FRAGMENT_TEST_REQUIRE (`redis`, or `redis,postgres`) names the service, the file fails instead.
 */
export async function requiring(
  service: ServiceName,
  describe: Describe,
): Promise<(name: string, suite: () => void) => void> {
  const reason = await reasons[service]();
  if (reason === undefined) return (name, suite) => void describe(name, suite);
  if (requiredServices().includes(service)) {
    throw new Error(`FRAGMENT_TEST_REQUIRE names ${service}, but ${reason}`);
  }
  return (name, suite) => {
    noteSkipped({ suite: name, service, reason });
    describe.skip(name, suite);
  };
}

const requiredServices = (): string[] =>
  (process.env['FRAGMENT_TEST_REQUIRE'] ?? '').split(',').map((name) => name.trim());

function noteSkipped(skipped: SkippedSuite): void {
  const file = process.env['FRAGMENT_TEST_SKIPPED'];
  if (file === undefined)
    console.warn(`Skipped for want of ${skipped.service}: ${skipped.suite} (${skipped.reason})`);
  else appendFileSync(file, `${JSON.stringify(skipped)}\n`);
}
