import { describe, expect, it } from '@jest/globals';
import { ingestDefaults } from '../application/settings.js';
import { createApplication } from '../application/create.js';
import type { PlannedEvent } from '../contracts/events.js';
import type { CronTrigger, Flow, HttpTrigger, IncomingRequest, Source } from '../contracts/source.js';
import type { AppendOutcome, AppendOptions, JobRef, RejectionRecord, Store } from '../contracts/store.js';
import { FragmentError } from '../errors/fragment-error.js';
import {
  destinationOf,
  everyJob,
  HandQueue,
  plannedEvent,
  settled,
  StoppedClock,
} from '../fixtures.fixture.js';
import { GroupCommit, refsOf } from './group-commit.js';

const stored: AppendOutcome = { outcome: 'stored' };

/** A store whose commits end when the test says so. */
class CommitStore {
  readonly commits: (readonly PlannedEvent[])[] = [];
  readonly rejections: Omit<RejectionRecord, 'id'>[] = [];
  readonly options: (AppendOptions | undefined)[] = [];
  readonly ends: ((error?: Error) => void)[] = [];
  manual = false;

  asStore(): Store {
    const store: Partial<Store> = {
      append: (events, o) => {
        this.commits.push(events);
        this.options.push(o);
        const outcomes = events.map((event): AppendOutcome => {
          if (event.messageId === 'seen') return { outcome: 'duplicate', eventId: 'first' };
          if (event.messageId === 'bad')
            return { outcome: 'refused', code: 'FRAGMENT_INGEST_EVENT_REFUSED', message: 'bad' };
          return stored;
        });
        if (!this.manual) return Promise.resolve(outcomes);
        return new Promise((resolve, reject) => {
          this.ends.push((error) => (error ? reject(error) : resolve(outcomes)));
        });
      },
      reject: (items) => Promise.resolve(void this.rejections.push(...items)),
      lock: () => Promise.resolve(undefined),
    };
    return store as Store;
  }
}

const event = (id: string, over: Partial<PlannedEvent> = {}): PlannedEvent =>
  plannedEvent({ id, messageId: id, jobs: [{ seq: 0, destination: 'crm', action: 'track' }], ...over });

describe('group commit', () => {
  const commitOf = (store: CommitStore, limits = {}) => {
    const queue = new HandQueue();
    return {
      queue,
      commit: new GroupCommit(store.asStore(), queue.asQueue(), { ...ingestDefaults, ...limits }),
    };
  };

  it('puts what arrives during a commit into the next one and gives each request its own result', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit, queue } = commitOf(store);
    const first = commit.commit([event('a')]);
    const others = [
      commit.commit([event('b')]),
      commit.commit([event('seen')]),
      commit.commit([event('c'), event('bad')]),
    ];
    expect(store.commits.map((c) => c.map((e) => e.id))).toEqual([['a']]);
    store.ends[0]?.();
    await first;
    await settled();
    expect(store.commits[1]?.map((e) => e.id)).toEqual(['b', 'seen', 'c', 'bad']);
    store.ends[1]?.();
    expect((await Promise.all(others)).map((outcomes) => outcomes.map((o) => o.outcome))).toEqual([
      ['stored'],
      ['duplicate'],
      ['stored', 'refused'],
    ]);
    expect(queue.offered.map((o) => o.refs)).toEqual([
      [{ destination: 'crm', from: 'a', to: 'a' }],
      [{ destination: 'crm', from: 'b', to: 'c' }],
    ]);
  });

  it('bounds a commit but never splits a request', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit } = commitOf(store, { maxCommitEvents: 2 });
    void commit.commit([event('a')]);
    void commit.commit([event('b')]);
    void commit.commit([event('c'), event('d')]);
    void commit.commit([event('e'), event('f'), event('g')]);
    for (let n = 0; n < 4; n += 1) {
      store.ends[n]?.();
      await settled();
    }
    expect(store.commits.map((c) => c.map((e) => e.id).join(''))).toEqual(['a', 'b', 'cd', 'efg']);
  });

  it('refuses with 429 and Retry-After when too much waits, and takes again afterwards', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit } = commitOf(store, { maxPendingEvents: 1 });
    const first = commit.commit([event('a')]);
    const second = commit.commit([event('b')]);
    await expect(commit.commit([event('c')])).rejects.toMatchObject({
      code: 'FRAGMENT_INGEST_OVERLOADED',
      status: 429,
      retryAfterSeconds: 1,
    });
    store.ends[0]?.();
    await first;
    await settled();
    const third = commit.commit([event('c')]);
    store.ends[1]?.();
    await second;
    await settled();
    store.ends[2]?.();
    await expect(third).resolves.toEqual([stored]);
  });

  it('fails the requests of a failed commit and no others, and offers nothing of it', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit, queue } = commitOf(store);
    const first = commit.commit([event('a')]);
    const second = commit.commit([event('b')]);
    store.ends[0]?.(new FragmentError('FRAGMENT_STORE_UNAVAILABLE'));
    await expect(first).rejects.toMatchObject({ code: 'FRAGMENT_STORE_UNAVAILABLE' });
    await settled();
    store.ends[1]?.();
    await expect(second).resolves.toEqual([stored]);
    expect(queue.offered).toHaveLength(1);
  });

  it('drains: resolves only when the last commit has ended', async () => {
    const store = new CommitStore();
    store.manual = true;
    const { commit } = commitOf(store);
    void commit.commit([event('a')]);
    let drained = false;
    const drain = commit.drain().then(() => (drained = true));
    await settled();
    expect(drained).toBe(false);
    store.ends[0]?.();
    await drain;
  });

  it('offers neither duplicates nor jobs that are collected for later', () => {
    const later = { seq: 0, destination: 'warehouse', action: 'track', dueAt: new Date() };
    expect(
      refsOf([event('a', { jobs: [later] }), event('b')], [stored, { outcome: 'duplicate', eventId: 'x' }]),
    ).toEqual([]);
  });
});

describe('application', () => {
  const request: IncomingRequest = {
    method: 'POST',
    path: '/hook',
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from('{}'),
    receivedAt: new Date('2026-01-02T03:04:05.000Z'),
  };
  const toCrm: Flow = { name: 'toCrm', transform: () => ({ crm: [{ action: 'track' }] }) };
  const hook = (extract: HttpTrigger['extract'], over: Partial<HttpTrigger> = {}): HttpTrigger => ({
    name: 'hook',
    mode: 'http',
    route: { methods: ['POST'], path: '/hook' },
    flows: [toCrm],
    extract,
    ...over,
  });
  const build = (source: Source, clock = new StoppedClock()) => {
    const store = new CommitStore();
    const queue = new HandQueue();
    const app = createApplication({
      sources: [source],
      destinations: [destinationOf((b) => everyJob(b, (j) => ({ job: j.id, outcome: 'succeeded' })))],
      store: store.asStore(),
      queue: queue.asQueue(),
      clock,
    });
    return { app, store, queue, route: app.routes[0]! };
  };

  it('stores a batch as a parent and its items, which see the envelope while they are planned', async () => {
    const seen: (string | undefined)[] = [];
    const watching: Flow = {
      name: 'w',
      transform: (e) => {
        seen.push(e.envelope);
        return {};
      },
    };
    const { app, store, route } = build({
      name: 'rest',
      triggers: [
        hook(() => ({
          type: 'batch',
          data: '{"n":2}',
          context: { integrations: { All: false } },
          subEvents: [
            { index: 0, data: '{"a":1}', messageId: 'new', trigger: 'track' },
            { index: 2, data: '{"a":2}', messageId: 'seen' },
            { index: 3, data: '{"a":3}', messageId: 'bad' },
          ],
          rejected: [{ index: 1, code: 'FRAGMENT_INGEST_INVALID', message: 'Bad Request' }],
        })),
        hook(() => ({ data: '{}' }), {
          name: 'track',
          route: { methods: ['POST'], path: '/t' },
          flows: [watching, toCrm],
        }),
      ],
    });
    const answer = await app.accept(route, request);
    expect(answer.batch).toMatchObject({ received: 4, stored: 1, duplicates: 1 });
    expect(answer.batch?.rejected.map((r) => [r.index, r.messageId])).toEqual([
      [1, undefined],
      [3, 'bad'],
    ]);
    const [parent, ...items] = store.commits[0]!;
    expect(parent).toMatchObject({
      parent: true,
      type: 'batch',
      envelope: '{"integrations":{"All":false}}',
      jobs: [],
    });
    expect(items.map((e) => [e.parentEventId === parent?.id, e.trigger, e.envelope, e.jobs.length])).toEqual([
      [true, 'track', undefined, 1],
      [true, 'hook', undefined, 1],
      [true, 'hook', undefined, 1],
    ]);
    expect(seen).toEqual(['{"integrations":{"All":false}}']);
    await settled();
    expect(store.rejections.map((r) => r.index)).toEqual([1, 3]);
  });

  it('stores nothing for a batch of which nothing is left', async () => {
    const { app, store, route } = build({
      name: 'rest',
      triggers: [hook(() => ({ data: '{}', subEvents: [] }))],
    });
    expect(await app.accept(route, request)).toMatchObject({
      outcome: { outcome: 'skipped' },
      batch: { received: 0 },
    });
    expect(store.commits).toEqual([]);
  });

  it('keeps a refused single message as a rejection', async () => {
    const { app, store, route } = build({
      name: 'rest',
      triggers: [
        hook(() => {
          const validations = [{ message: 'UserId must be set', path: ['analytics', 'Track', 'UserId'] }];
          throw new FragmentError('FRAGMENT_INGEST_INVALID', {
            validations,
            rejection: { messageId: 'm9', data: '{}' },
          });
        }),
      ],
    });
    await expect(app.accept(route, request)).rejects.toMatchObject({ status: 400 });
    await settled();
    expect(store.rejections).toMatchObject([
      {
        source: 'rest',
        trigger: 'hook',
        messageId: 'm9',
        code: 'FRAGMENT_INGEST_INVALID',
        validations: [{}],
      },
    ]);
  });

  it('ends an extraction that hangs', async () => {
    const clock = new StoppedClock();
    const { app, route } = build(
      { name: 'rest', triggers: [hook(() => new Promise(() => undefined))] },
      clock,
    );
    const answer = app.accept(route, request);
    answer.catch(() => undefined);
    await clock.advance(10_000);
    await expect(answer).rejects.toThrow('no result');
  });

  it('hands the caller’s transaction to the store and offers after its commit', async () => {
    const { app, store, queue } = build({ name: 'rest', triggers: [hook(() => ({ data: '{}' }))] });
    const transaction = {};
    await app.ingest('rest', 'hook', { data: { a: 1 } }, { transaction });
    expect(store.options[0]?.transaction).toBe(transaction);
    expect(queue.offered).toEqual([]);
    store.options[0]?.committed?.();
    const refs: readonly JobRef[] = queue.offered[0]?.refs ?? [];
    expect(refs).toMatchObject([{ destination: 'crm' }]);
    await expect(app.ingest('rest', 'nope', { data: {} })).rejects.toMatchObject({
      code: 'FRAGMENT_INGEST_TRIGGER_UNKNOWN',
    });
  });

  it('answers 503 while it stops', async () => {
    const { app, route } = build({ name: 'rest', triggers: [hook(() => ({ data: '{}' }))] });
    const stopping = app.stop();
    await expect(app.accept(route, request)).rejects.toMatchObject({
      code: 'FRAGMENT_INGEST_STOPPING',
      status: 503,
    });
    await stopping;
    await expect(app.start()).rejects.toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
  });

  it('reports every fault of its options together', () => {
    const twice = destinationOf(() => Promise.resolve([]), { schedule: { realtime: false, maxRetries: -1 } });
    const cron: CronTrigger = { name: 'tick', mode: 'cron', schedule: 'whenever', extract: () => undefined };
    const options = {
      sources: [
        {
          name: 'bad name',
          triggers: [hook(() => ({ data: '{}' })), cron, hook(() => ({ data: '{}' }), { name: 'h2' })],
        },
      ],
      destinations: [twice, twice],
      store: new CommitStore().asStore(),
      queue: new HandQueue().asQueue(),
    };
    let error: unknown;
    try {
      createApplication(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FragmentError);
    const paths = (error as FragmentError).validations.map((v) => v.path.join('.'));
    expect(paths).toEqual(
      expect.arrayContaining([
        'sources.bad name',
        'sources.bad name.triggers.tick.schedule',
        'sources.bad name.triggers.h2.route',
        'destinations.crm',
        'destinations.crm.schedule.interval',
        'destinations.crm.schedule.maxRetries',
      ]),
    );
  });

  it('fails at start for a trigger that nothing can run', () => {
    const source: Source = {
      name: 's',
      triggers: [
        {
          name: 'x',
          mode: 'cdc',
          extract: () => ({
            [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
          }),
        },
      ],
    };
    expect(() => build(source)).toThrow(expect.objectContaining({ code: 'FRAGMENT_TRIGGER_NO_RUNNER' }));
  });
});
