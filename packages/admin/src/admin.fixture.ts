import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  LATENCY_BOUNDS_MS,
  silentLogger,
  systemClock,
  type Application,
  type BulkRecord,
  type Clock,
  type ErasureReceipt,
  type EventRecord,
  type Found,
  type JobRecord,
  type Operations,
  type Page,
  type Statistics,
  type Where,
} from '@fragment/core';
import { admin, type AdminOptions } from './index.js';

export const at = new Date('2026-01-02T03:04:05.678Z');
export const eventId = '0190b0f0-0000-7000-8000-000000000001';
export const job: JobRecord = {
  id: `${eventId}.0`,
  eventId,
  seq: 0,
  destination: 'amplitude',
  action: 'track',
  status: 'discarded',
  attempt: 1,
  lostLeases: 0,
  createdAt: at,
  dueAt: at,
  startedAt: at,
  finishedAt: at,
  lastError: { code: 'FRAGMENT_DELIVERY_REJECTED', message: 'no such user', status: 400 },
};
const event: EventRecord = {
  id: eventId,
  source: 'rest',
  trigger: 'track',
  type: 'track',
  messageId: 'm1',
  timestamp: at,
  receivedAt: at,
  data: '{"event":"Order"}',
  envelope: '{"context":{"ip":"1.2.3.4"}}',
  jobs: [job],
};
const transitions = ['acknowledged', 'awaiting', 'executing', 'discarded'] as const;

export interface Asked {
  readonly where?: Where;
  readonly page?: Page | undefined;
}

export const bulk: BulkRecord = {
  id: '0190b0f0-0000-7000-8000-00000000000b',
  kind: 'retry',
  where: { jobs: { statusIn: ['discarded'], createdAfter: at } },
  state: 'running',
  total: 9,
  totalIsCapped: false,
  done: 3,
  visited: 4,
  actor: 'jane',
  createdAt: at,
};
const latency = (bucket: number): number[] =>
  Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, i) => (i === bucket ? 10 : 0));
const statistics: Statistics = {
  range: { from: at, to: new Date(at.getTime() + 60_000), stepMs: 60_000 },
  rows: [
    { minute: at, of: 'ingest', source: 'rest', type: 'track', result: 'stored', count: 5 },
    { minute: at, of: 'ingest', source: 'rest', type: 'page', result: 'stored', count: 2 },
    {
      minute: at,
      of: 'delivery',
      destination: 'amplitude',
      action: 'track',
      result: 'succeeded',
      count: 10,
      latency: latency(5),
    },
    {
      minute: at,
      of: 'delivery',
      destination: 'amplitude',
      action: 'track',
      result: 'failed',
      count: 1,
      latency: latency(9),
    },
  ],
};
const receipt: ErasureReceipt = {
  id: eventId,
  at,
  actor: 'jane',
  subject: 'ab'.repeat(32),
  events: 1,
  jobs: 2,
  attempts: 3,
  keys: 1,
  rejections: 0,
};

/** What an operator can do, and everything that was done. */
function acting(done: [string, ...unknown[]][]) {
  const act =
    <T>(name: string, answer: T) =>
    (...args: readonly unknown[]) => (done.push([name, ...args]), Promise.resolve(answer));
  return {
    retry: act('retry', { count: 1 }),
    discard: act('discard', { count: 1 }),
    replay: act('replay', { events: 1, jobs: 2 }),
    pause: act('pause', undefined),
    resume: act('resume', undefined),
    check: act('check', 'refused' as const),
    purge: act('purge', { events: 1, keys: 2, rejections: 3 }),
    preview: act('preview', { kind: 'retry' as const, count: 10_000, countIsCapped: true }),
    order: act('order', bulk),
    sendTest: act('sendTest', {
      event: { id: eventId, jobs: [{ seq: 0, destination: 'amplitude', action: 'track' }] },
      outcome: { outcome: 'stored' },
    }),
    erase: act('erase', receipt),
    note: act('note', undefined),
  };
}

type FoundOf = <T>(items: readonly T[], page?: Page) => Found<T>;

/** What the store would tell. */
function reading(asked: Asked[], found: FoundOf) {
  return {
    findEvents: (where: Where, page?: Page) => (
      asked.push({ where, page }),
      Promise.resolve(found([event], page))
    ),
    findEvent: (id: string) => (asked.push({}), Promise.resolve(id === eventId ? event : undefined)),
    findJobs: (where: Where, page?: Page) => (
      asked.push({ where, page }),
      Promise.resolve(found([job], page))
    ),
    findJob: (id: string) => (asked.push({}), Promise.resolve(id === job.id ? job : undefined)),
    findTransitions: () =>
      Promise.resolve(
        transitions.map((stateAfter, n) => ({
          id: `${job.id}.${n}`,
          jobId: job.id,
          eventId,
          attempt: n > 1 ? 1 : 0,
          stateBefore: transitions[n - 1] ?? null,
          stateAfter,
          createdAt: at,
        })),
      ),
    findRejections: (page?: Page) => Promise.resolve(found([rejection], page)),
    stats: () => Promise.resolve({ events: 1, rejections: 2, planErrors: 3, lanes: [] }),
    lanes: () =>
      Promise.resolve([
        { destination: 'amplitude', state: 'held', reason: '401', failures: 2, updatedAt: at },
      ]),
  };
}

/** What an operator looks at. */
function overseeing(asked: Asked[], found: FoundOf) {
  const user = { userId: 'u1', anonymousIds: ['a'], events: 1, eventsIsCapped: false };
  return {
    statistics: () => Promise.resolve(statistics),
    failureGroups: (where: Where) => (asked.push({ where }), Promise.resolve([failureGroup])),
    findBulk: (id: string) => Promise.resolve(id === bulk.id ? bulk : undefined),
    findBulks: (page?: Page) => Promise.resolve(found([bulk], page)),
    cancelBulk: (id: string) => Promise.resolve(id === bulk.id ? { ...bulk, state: 'cancelled' } : undefined),
    findUser: (id: string) => Promise.resolve(id === user.userId ? user : undefined),
    findErasures: (page?: Page) => Promise.resolve(found([receipt], page)),
    findAudit: (page?: Page) => Promise.resolve(found([audit], page)),
    tail: async function* (_where: Where, signal: AbortSignal) {
      yield event;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
}

export function fakeOperations(over: Partial<Found<never>> = {}) {
  const asked: Asked[] = [];
  const done: [string, ...unknown[]][] = [];
  const found: FoundOf = (items, page = {}) => ({
    items,
    count: items.length,
    countIsCapped: false,
    limit: page.limit ?? 100,
    offset: page.offset ?? 0,
    nextCursor: 'next',
    ...over,
  });
  const parts = { ...reading(asked, found), ...overseeing(asked, found), ...acting(done) };
  return { operations: parts as unknown as Operations, asked, done };
}
const failureGroup = {
  destination: 'amplitude',
  action: 'track',
  status: 'discarded',
  code: 'FRAGMENT_DELIVERY_REJECTED',
  message: 'no such user',
  count: 2,
  firstAt: at,
  lastAt: at,
  sampleJobId: job.id,
};
const audit = { id: '1', at, actor: 'jane', action: 'lane.pause', outcome: 'ok' };
const rejection = {
  id: 'r1',
  source: 'rest',
  trigger: 'track',
  index: 3,
  code: 'X',
  message: 'Bad Request',
  receivedAt: at,
};

export const app = {
  name: 'fragment',
  logger: silentLogger,
  clock: systemClock,
  retention: { dedupMs: 1, rejectionsMs: 2, statisticsMs: 3 },
  health: () => Promise.resolve({ status: 'ok', checks: [{ name: 'store', status: 'ok' }] }),
  store: {
    name: 'postgres',
    migrations: () =>
      Promise.resolve([
        { version: '0001', name: 'first', appliedAt: at },
        { version: '0002', name: 'second' },
      ]),
  },
  queue: { name: 'bullmq' },
  sources: [
    {
      name: 'rest',
      options: { prefix: '/x' },
      triggers: [
        {
          name: 'track',
          mode: 'http',
          route: { methods: ['POST'], path: '/v1/track', showMeta: true },
          flows: [{ name: 'all' }],
        },
        { name: 'tick', mode: 'cron', schedule: '@every 20s' },
        { name: 'topic', mode: 'subscription', topic: 't' },
        { name: 'cdc', mode: 'cdc' },
      ],
    },
  ],
  destinations: [
    {
      name: 'amplitude',
      accepts: 'segment',
      schedule: { realtime: true, maxRetries: 3 },
      versions: { default: '2', supported: { '1': at, '2': null } },
      actions: [
        { name: 'track', batch: { maxJobs: 10 }, schedule: { interval: '@daily' } },
        { name: 'identify' },
      ],
    },
    { name: 'warehouse (main)', actions: [] },
  ],
} as unknown as Application;

const cleanups: (() => Promise<unknown>)[] = [];
/** Every test file runs it after each test. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0)) await cleanup();
}

export async function served(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function started(
  options: AdminOptions & { readonly clock?: Clock } = {},
  over: Partial<Found<never>> = {},
) {
  const { operations, asked, done } = fakeOperations(over);
  const made = admin({ operations, ...options });
  made.attach({ ...app, ...(options.clock && { clock: options.clock }) });
  const url = await served(made.handler);
  const ask = async (path: string, init?: RequestInit): Promise<Answered> => {
    const res = await fetch(`${url}${path}`, init);
    return { status: res.status, headers: res.headers, body: JSON.parse(await res.text()) as Body };
  };
  return { made, asked, done, url, ask };
}
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}
export interface Body {
  statusCode: number;
  code?: string;
  message: string;
  meta?: {
    count: number;
    pagination: unknown;
    next_cursor: string;
    count_is_capped: boolean;
    where: unknown;
  };
  data?: unknown;
  validations?: { message: string; path: string[]; field: string }[];
}
