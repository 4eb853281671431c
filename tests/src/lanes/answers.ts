import type { JobRecord, JobStatus, LaneState } from '@fragment/core';
import { waitFor, type TestPostgres } from '@fragment/testing';
import { openWorld, quick, type World } from '../acceptance/world.js';
import { plainDestination } from './destination.js';
import { takeIn } from './load.js';
import {
  answer,
  drip,
  hangAfterHeaders,
  reset,
  slowly,
  startRawVendor,
  type RawAnswer,
} from './raw-vendor.js';

/** Half of the first backoff, as `random` says here: so long that nothing is tried twice. */
const BACKOFF_MS = 3_600_000;
const TEN_MEGABYTES = 'x'.repeat(10_000_000);

interface Row {
  readonly name: string;
  readonly answer: RawAnswer;
  readonly status: JobStatus;
  readonly code?: string;
  readonly http?: number;
  /** When it is due again, from the end of its try. */
  readonly nextMs?: number;
  readonly lane?: LaneState;
  /** It is ended by the deadline. */
  readonly late?: true;
}

const TIMEOUT = 'FRAGMENT_DELIVERY_TIMEOUT';
const again = { status: 'failed', nextMs: BACKOFF_MS } as const;

/** R17: what each answer of a vendor becomes. */
const rows = (deadlineMs: number): readonly Row[] => [
  { name: 'slow', answer: slowly(deadlineMs * 3), ...again, code: TIMEOUT, late: true },
  { name: 'hangs-after-headers', answer: hangAfterHeaders, ...again, code: TIMEOUT, late: true },
  { name: 'drips', answer: drip(deadlineMs / 10), ...again, code: TIMEOUT, late: true },
  { name: 'resets', answer: reset, ...again, code: 'FRAGMENT_DELIVERY_NETWORK' },
  { name: '500', answer: answer('500 Oh'), ...again, code: 'FRAGMENT_DELIVERY_UNAVAILABLE', http: 500 },
  {
    name: '429',
    answer: answer('429 Slow Down', '', { 'retry-after': '120' }),
    status: 'failed',
    code: 'FRAGMENT_DELIVERY_THROTTLED',
    http: 429,
    nextMs: 120_000,
    lane: 'slowed',
  },
  {
    name: '401',
    answer: answer('401 Who Are You'),
    status: 'failed',
    code: 'FRAGMENT_DELIVERY_CREDENTIALS',
    http: 401,
    nextMs: 0,
    lane: 'held',
  },
  {
    name: '400',
    answer: answer('400 No'),
    status: 'discarded',
    code: 'FRAGMENT_DELIVERY_REJECTED',
    http: 400,
  },
  { name: 'invalid-json', answer: answer('200 OK', '{"ok":'), status: 'succeeded' },
  { name: 'large', answer: answer('200 OK', TEN_MEGABYTES), status: 'succeeded' },
  {
    name: 'large-500',
    answer: answer('500 Oh', TEN_MEGABYTES),
    ...again,
    code: 'FRAGMENT_DELIVERY_UNAVAILABLE',
    http: 500,
  },
  {
    name: 'redirect-loop',
    answer: answer('302 Found', '', { location: '/redirect-loop' }),
    ...again,
    code: 'FRAGMENT_DELIVERY_UNAVAILABLE',
    http: 302,
  },
];

export interface AnswersReport {
  /** What was not as it must be, and the first of it. */
  readonly faults: number;
  readonly wrong: readonly string[];
  readonly answers: number;
  readonly transports: number;
  /** Jobs that were tried. */
  readonly tried: number;
  /** The most that a call went past its deadline. */
  readonly latestMs: number;
  /** The longest excerpt of an answer that is kept, in bytes. */
  readonly longestExcerpt: number;
}

/** A busy machine shall not decide what becomes of an answer that comes at once. */
const unhurried = { timeoutMs: 50_000, limits: { concurrency: 4 } };

/** Every answer, through both transports, so many times each. */
export async function runAnswers(o: {
  readonly database: TestPostgres;
  readonly times: number;
  readonly deadlineMs: number;
}): Promise<AnswersReport> {
  const table = rows(o.deadlineMs);
  const vendor = await startRawVendor(Object.fromEntries(table.map((row) => [row.name, row.answer])));
  const transports = ['got', 'undici'] as const;
  let latestMs = 0;
  const world = await openWorld({
    database: o.database,
    destinations: transports.flatMap((transport) =>
      table.map(({ name, late }) =>
        plainDestination({
          name: `${name}.${transport}`,
          url: vendor.url,
          path: name,
          ...(late
            ? { timeoutMs: o.deadlineMs, took: (ms) => (latestMs = Math.max(latestMs, ms - o.deadlineMs)) }
            : unhurried),
          transport,
        }),
      ),
    ),
    // Each answer speaks for itself here: no lane is closed because there are many of them.
    execution: {
      retry: { ...quick.retry, baseMs: 2 * BACKOFF_MS, capMs: 2 * BACKOFF_MS, retryAfterCapMs: 3_600_000 },
      breaker: { ...quick.breaker, minCalls: 1e9, consecutive: 1e9, openMs: 60_000, maxOpenMs: 60_000 },
    },
  });
  try {
    await takeIn(world, o.times);
    const findings: Finding[] = [];
    for (const row of table) {
      for (const transport of transports)
        findings.push(await look(world, row, `${row.name}.${transport}`, o.times));
    }
    const wrong = findings.flatMap((finding) => finding.wrong);
    return {
      faults: wrong.length,
      wrong: wrong.slice(0, 20),
      answers: table.length,
      transports: transports.length,
      tried: findings.reduce((sum, { tried }) => sum + tried, 0),
      latestMs: Math.round(latestMs),
      longestExcerpt: Math.max(...findings.map(({ excerpt }) => excerpt)),
    };
  } finally {
    await world.stop();
    await vendor.stop();
  }
}

interface Finding {
  readonly wrong: readonly string[];
  readonly tried: number;
  readonly excerpt: number;
}

async function look(world: World, row: Row, destination: string, times: number): Promise<Finding> {
  const wrong: string[] = [];
  const expectThat = (right: boolean, what: string): void => {
    if (!right) wrong.push(`${destination}: ${what}`);
  };
  // A lane that closes keeps the rest of its jobs untried.
  const jobs = await waitFor(
    async () => {
      const { items } = await world.ops.findJobs({ jobs: { destinationsIn: [destination] } }, { limit: 500 });
      const tried = items.filter(({ attempt, status }) => attempt > 0 && status !== 'executing');
      return tried.length >= (row.lane ? 1 : times) ? tried : undefined;
    },
    { timeoutMs: 60_000, intervalMs: 50, message: `${destination} to be tried` },
  );
  const lane = (await world.ops.lanes()).find((one) => one.destination === destination);
  expectThat((lane?.state ?? 'open') === (row.lane ?? 'open'), `its lane is ${lane?.state ?? 'open'}`);
  let excerpt = 0;
  for (const job of jobs) {
    for (const problem of problemsOf(row, job)) expectThat(false, problem);
    const steps = await world.ops.findTransitions(job.id);
    const ended = steps.find(({ stateBefore }) => stateBefore === 'executing');
    if (!ended) continue;
    const nextMs = job.dueAt.getTime() - ended.createdAt.getTime();
    if (row.nextMs !== undefined)
      expectThat(Math.abs(nextMs - row.nextMs) <= 1, `it is due again in ${nextMs} ms`);
    excerpt = Math.max(excerpt, Buffer.byteLength(ended.error?.response ?? ''));
  }
  return { wrong, tried: jobs.length, excerpt };
}

function* problemsOf(row: Row, { status, attempt, lastError }: JobRecord): Generator<string> {
  if (status !== row.status) yield `it is ${status}`;
  if (attempt !== 1) yield `it was tried ${attempt} times`;
  if (lastError?.code !== row.code) yield `its code is ${lastError?.code ?? 'missing'}`;
  if (row.http !== undefined && lastError?.status !== row.http)
    yield `its status is ${lastError?.status ?? 'missing'}`;
}
