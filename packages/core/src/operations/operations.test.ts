import { describe, expect, it } from '@jest/globals';
import type { Application } from '../contracts/application.js';
import type { BulkRecord } from '../contracts/bulk.js';
import type { Where } from '../contracts/filters.js';
import type { EventRecord } from '../contracts/records.js';
import type { Flow } from '../contracts/source.js';
import type { Store } from '../contracts/store.js';
import { createApplication } from '../application/create.js';
import { CommitStore, destinationOf, HandQueue, StoppedClock, storedEvent } from '../fixtures.fixture.js';
import { bulkSteps } from '../execution/bulk-step.js';
import { silentLogger } from '../platform/logger.js';
import { Planner } from '../planning/plan.js';
import { operations } from './operations.js';

const toAll: Flow = {
  name: 'toAll',
  transform: (event, { destinations }) => {
    const { integrations } = JSON.parse(event.data) as { integrations?: Record<string, unknown> };
    const wanted = destinations.filter(
      ({ name }) => integrations === undefined || Boolean(integrations[name]),
    );
    return Object.fromEntries(wanted.map(({ name }) => [name, [{ action: 'track' }]]));
  },
};

function build(methods: Partial<Store> = {}) {
  const commits = new CommitStore();
  const queue = new HandQueue();
  const clock = new StoppedClock();
  const app = createApplication({
    sources: [
      {
        name: 'rest',
        triggers: [
          {
            name: 'track',
            mode: 'http',
            route: { methods: ['POST'], path: '/t' },
            flows: [toAll],
            extract: () => ({ data: {} }),
          },
        ],
      },
    ],
    destinations: [
      destinationOf(() => Promise.resolve([])),
      destinationOf(() => Promise.resolve([]), { name: 'mail', integrations: ['Mail'] }),
    ],
    store: { ...commits.asStore(), ...methods },
    queue: queue.asQueue(),
    clock,
  });
  return { app, commits, queue, clock, operate: operations(app) };
}

describe('a test message', () => {
  const message = { type: 'track', event: 'Tested', userId: 'u1' };

  it('goes the way of any other', async () => {
    const { operate, commits } = build();
    const { event, outcome } = await operate.sendTest(message);
    expect(outcome).toEqual({ outcome: 'stored' });
    expect(event).toMatchObject({
      source: 'rest',
      trigger: 'track',
      type: 'track',
      userId: 'u1',
      name: 'Tested',
    });
    expect(event.messageId).toMatch(/^test-/);
    expect(commits.commits[0]?.[0]?.jobs.map((job) => job.destination)).toEqual(['crm', 'mail']);
  });

  it('is for one destination alone when one is named, with what it says to it', async () => {
    const { operate } = build();
    const integrations = { All: true, crm: true, Mail: { listId: 'l1' } };
    const { event } = await operate.sendTest({ ...message, integrations }, { destination: 'mail' });
    expect(event.jobs.map((job) => job.destination)).toEqual(['mail']);
    expect(JSON.parse(event.data)).toMatchObject({ integrations: { All: false, mail: { listId: 'l1' } } });
  });

  it('needs a trigger for its type, and a destination that is there', async () => {
    const { operate } = build();
    await expect(operate.sendTest({ type: 'nothing' })).rejects.toMatchObject({
      code: 'FRAGMENT_INGEST_TRIGGER_UNKNOWN',
    });
    await expect(operate.sendTest(message, { source: 'other' })).rejects.toMatchObject({ status: 404 });
    await expect(operate.sendTest(message, { destination: 'other' })).rejects.toMatchObject({
      code: 'FRAGMENT_ADMIN_DESTINATION_UNKNOWN',
    });
  });
});

describe('an order', () => {
  it('is about what it can change, and is kept with what it was about', async () => {
    const kept: BulkRecord[] = [];
    const asked: [string, Where][] = [];
    const { operate, clock } = build({
      count: (of, where) => (asked.push([of, where]), Promise.resolve({ count: 7, countIsCapped: false })),
      addBulk: (record) => Promise.resolve(void kept.push(record)),
    });
    const where: Where = { jobs: { destinationsIn: ['crm'], statusIn: ['succeeded', 'discarded'] } };
    const record = await operate.order({ kind: 'retry', where, ratePerSecond: 5, actor: 'jane' });
    const narrowed = { jobs: { destinationsIn: ['crm'], statusIn: ['discarded'] } };
    expect(asked).toEqual([['jobs', narrowed]]);
    expect(record).toMatchObject({
      kind: 'retry',
      where: narrowed,
      ratePerSecond: 5,
      actor: 'jane',
      state: 'waiting',
      total: 7,
      createdAt: new Date(clock.now()),
    });
    expect(kept).toEqual([record]);
    expect(await operate.preview('discard', {})).toEqual({ kind: 'discard', count: 7, countIsCapped: false });
    expect(asked[1]).toEqual(['jobs', { jobs: { statusIn: ['awaiting', 'failed', 'unknown'] } }]);
    await operate.preview('replay', {});
    expect(asked[2]).toEqual(['events', {}]);
    await operate.preview('purge', where);
    expect(asked[3]).toEqual(['purgeable', where]);
  });

  it('is cancelled once, and unknown when there is none', async () => {
    let state: BulkRecord['state'] = 'running';
    const known = { id: 'o', done: 3, visited: 4 } as BulkRecord;
    const { operate } = build({
      findBulk: (id) => Promise.resolve(id === 'o' ? { ...known, state } : undefined),
      setBulk: (_id, progress) => {
        expect(progress).toEqual({ state: 'cancelled', done: 3, visited: 4 });
        state = 'cancelled';
        return Promise.resolve(true);
      },
    });
    expect(await operate.cancelBulk('o')).toMatchObject({ state: 'cancelled' });
    expect(await operate.cancelBulk('other')).toBeUndefined();
  });

  it('never reaches what came in after it was given', async () => {
    const asked: Where[] = [];
    const store: Partial<Store> = {
      retry: (where) => (asked.push(where), Promise.resolve({ count: 1, last: 'e.0', refs: [] })),
      discard: (where) => (asked.push(where), Promise.resolve({ count: 0 })),
      purgeEvents: (where, o) => (
        asked.push(where),
        Promise.resolve({ count: o.limit - 2, visited: o.limit, emptied: 1, last: `after ${o.after}` })
      ),
    };
    const step = bulkSteps({
      store: store as Store,
      queue: new HandQueue().asQueue(),
      sources: [],
      planner: new Planner([]),
      logger: silentLogger,
    });
    const at = { limit: 5, after: undefined };
    const given = { kind: 'retry', where: {}, createdAt: new Date(1_000) } as BulkRecord;
    expect(await step(given, at)).toEqual({ visited: 1, done: 1, last: 'e.0' });
    const earlier: Where = { events: { receivedBefore: new Date(500) } };
    expect(await step({ ...given, kind: 'discard', where: earlier }, at)).toEqual({
      visited: 0,
      done: 0,
      last: undefined,
    });
    await step({ ...given, where: { events: { receivedBefore: new Date(2_000) } } }, at);
    expect(await step({ ...given, kind: 'purge' }, { limit: 5, after: 'e' })).toEqual({
      visited: 5,
      done: 3,
      last: 'after e',
    });
    expect(asked.map(({ events }) => events?.receivedBefore?.getTime())).toEqual([1_000, 500, 1_000, 1_000]);
  });

  it('to replay plans every event it visits again', async () => {
    const { app, queue } = build();
    const planned: string[] = [];
    const events: EventRecord[] = [
      { ...storedEvent({ id: 'a' }), jobs: [] },
      { ...storedEvent({ id: 'b', type: 'batch' }), jobs: [] },
      { ...storedEvent({ id: 'c', trigger: 'gone' }), jobs: [] },
    ];
    const store: Partial<Store> = {
      findEvents: (_where, { cursor }) =>
        Promise.resolve({
          items: cursor === undefined ? events : [],
          count: 3,
          countIsCapped: false,
          limit: 5,
          offset: 0,
          nextCursor: 'next',
        }),
      plan: (plans) => (planned.push(...plans.map((p) => p.eventId)), Promise.resolve([])),
    };
    const step = bulkSteps({
      store: store as Store,
      queue: queue.asQueue(),
      sources: app.sources,
      planner: new Planner(app.destinations),
      logger: silentLogger,
    });
    const given = { kind: 'replay', where: {}, createdAt: new Date(1_000) } as BulkRecord;
    expect(await step(given, { limit: 5, after: undefined })).toEqual({ visited: 3, done: 2, last: 'next' });
    expect(planned).toEqual(['a']);
  });
});

describe('what operators do', () => {
  it('is noted, and a note that cannot be written stops nobody', async () => {
    const noted: unknown[] = [];
    const { operate, clock } = build({ addAudit: (record) => Promise.resolve(void noted.push(record)) });
    const note = { actor: 'jane', action: 'lane.pause', target: 'crm', outcome: 'ok' };
    await operate.note(note);
    expect(noted).toEqual([{ ...note, at: new Date(clock.now()) }]);
    const { operate: broken } = build({ addAudit: () => Promise.reject(new Error('away')) });
    await broken.note(note);
  });

  it('retries and discards in steps, each after the one before', async () => {
    const after: (string | undefined)[] = [];
    const { operate, queue } = build({
      retry: (_where, o) => {
        after.push(o.after);
        const full = after.length < 3;
        return Promise.resolve({
          count: full ? o.limit : 1,
          last: `${after.length}.0`,
          refs: [{ destination: 'crm', ids: ['x.0'] }],
        });
      },
    });
    expect(await operate.retry({})).toEqual({ count: 2_001 });
    expect(after).toEqual([undefined, '1.0', '2.0']);
    expect(queue.offered).toHaveLength(3);
  });

  it('purges by the retention of the application', async () => {
    const asked: Application['retention'][] = [];
    const { operate, app } = build({
      purge: (policy) => (asked.push(policy), Promise.resolve({ events: 1, keys: 2, rejections: 3 })),
    });
    expect(await operate.purge()).toEqual({ events: 1, keys: 2, rejections: 3 });
    expect(asked).toEqual([app.retention]);
  });
});
