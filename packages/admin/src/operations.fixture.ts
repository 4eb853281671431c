import type { Found, Operations, Page, TriggerRef, Where } from '@fragment/core';
import {
  at,
  audit,
  bulk,
  event,
  eventId,
  failureGroup,
  job,
  receipt,
  rejection,
  runs,
  service,
  statistics,
} from './samples.fixture.js';

const transitions = ['acknowledged', 'awaiting', 'executing', 'discarded'] as const;

export interface Asked {
  readonly where?: Where;
  readonly page?: Page | undefined;
}

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
    runTrigger: act('runTrigger', runs[0]),
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
    migrations: () =>
      Promise.resolve([
        { version: '0001', name: 'first', appliedAt: at },
        { version: '0002', name: 'second' },
      ]),
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
    lastRuns: () => Promise.resolve(runs.slice(0, 1)),
    findRuns: (of: TriggerRef, page?: Page) =>
      Promise.resolve(found(of.trigger === 'tick' ? runs : [], page)),
    services: () => Promise.resolve([service, { ...service, id: 'other', service: 'gateway', gone: true }]),
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
    // There are two pages of everything.
    ...(page.cursor === undefined && { nextCursor: 'next' }),
    ...over,
  });
  const parts = { ...reading(asked, found), ...overseeing(asked, found), ...acting(done) };
  return { operations: parts as unknown as Operations, asked, done };
}
