import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  silentLogger,
  type Application,
  type EventRecord,
  type Found,
  type JobRecord,
  type Operations,
  type Page,
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

export function fakeOperations(over: Partial<Found<never>> = {}) {
  const asked: Asked[] = [];
  const found = <T>(items: readonly T[], page: Page = {}): Found<T> => ({
    items,
    count: items.length,
    countIsCapped: false,
    limit: page.limit ?? 100,
    offset: page.offset ?? 0,
    nextCursor: 'next',
    ...over,
  });
  const operations = {
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
  } as unknown as Operations;
  return { operations, asked };
}
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
  store: { name: 'postgres' },
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

export async function started(options: AdminOptions = {}, over: Partial<Found<never>> = {}) {
  const { operations, asked } = fakeOperations(over);
  const made = admin({ operations, ...options });
  made.attach(app);
  const url = await served(made.handler);
  const ask = async (path: string, init?: RequestInit): Promise<Answered> => {
    const res = await fetch(`${url}${path}`, init);
    return { status: res.status, headers: res.headers, body: JSON.parse(await res.text()) as Body };
  };
  return { made, asked, url, ask };
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
