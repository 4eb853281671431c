import { describe, expect, it } from '@jest/globals';
import type { IngestAnswer } from '../contracts/ingest.js';
import type { Service } from '../contracts/application.js';
import type { CronTrigger, Flow, HttpTrigger, IncomingRequest, Source } from '../contracts/source.js';
import type { JobRef } from '../contracts/job-ref.js';
import { FragmentError } from '../errors/fragment-error.js';
import {
  CommitStore,
  destinationOf,
  everyJob,
  HandQueue,
  settled,
  StoppedClock,
} from '../fixtures.fixture.js';
import { createApplication } from './create.js';

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
    const answer = (await app.accept(route, request)) as IngestAnswer;
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

  it('leaves nothing open when it is stopped while it starts', async () => {
    const store = new CommitStore();
    let opened: (() => void) | undefined;
    const calls: string[] = [];
    const gateway: Service = {
      name: 'gateway',
      attach: () => undefined,
      start: () => new Promise((resolve) => (opened = () => resolve({ host: 'h', port: 1, url: 'u' }))),
      stop: () => Promise.resolve(void calls.push('stopped')),
    };
    const app = createApplication({
      sources: [],
      destinations: [],
      store: { ...store.asStore(), migrate: () => Promise.resolve([]), close: () => Promise.resolve() },
      queue: new HandQueue().asQueue(),
      gateway,
    });
    const starting = app.start();
    starting.catch(() => undefined);
    await settled();
    await app.stop();
    expect(calls).toEqual(['stopped']);
    opened?.();
    await expect(starting).rejects.toMatchObject({ code: 'FRAGMENT_APPLICATION_STATE' });
    expect(calls).toEqual(['stopped', 'stopped']);
  });

  it('reports every fault of its options together', () => {
    const twice = destinationOf(() => Promise.resolve([]), { schedule: { realtime: false, maxRetries: -1 } });
    const cron: CronTrigger = { name: 'tick', mode: 'cron', schedule: 'whenever', extract: () => undefined };
    const options = {
      sources: [
        {
          name: 'bad name',
          triggers: [
            hook(() => ({ data: '{}' })),
            cron,
            hook(() => ({ data: '{}' }), { name: 'h2' }),
            hook(() => ({ data: '{}' }), {
              name: 'h3',
              route: { methods: ['GET'], path: ['/:a/:a', '/x/:', 'x', '/:one', '/:two'] },
            }),
          ],
        },
      ],
      destinations: [twice, twice],
      execution: { leaseMs: 10, messages: 0, keptExchangesPerSecond: -1, breaker: { failureRatio: 2 } },
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
    expect(paths.filter((path) => path.includes('.h3.'))).toEqual([
      'sources.bad name.triggers.h3.route.path',
      'sources.bad name.triggers.h3.route.path',
      'sources.bad name.triggers.h3.route.path',
      'sources.bad name.triggers.h3.route',
    ]);
    expect(paths).toEqual(
      expect.arrayContaining([
        'sources.bad name',
        'sources.bad name.triggers.tick.schedule',
        'sources.bad name.triggers.h2.route',
        'destinations.crm',
        'destinations.crm.schedule.interval',
        'destinations.crm.schedule.maxRetries',
        'execution.messages',
        'execution.keptExchangesPerSecond',
        'execution.renewMs',
        'execution.breaker.failureRatio',
      ]),
    );
  });

  it('may keep nothing of what succeeds', () => {
    const make = () =>
      createApplication({
        sources: [],
        destinations: [],
        execution: { keptExchangesPerSecond: 0 },
        store: new CommitStore().asStore(),
        queue: new HandQueue().asQueue(),
      });
    expect(make).not.toThrow();
  });

  it('refuses a policy of the purge that might take more than was meant', () => {
    const events = { sourcesIn: ['rest'] };
    const policies: readonly unknown[] = [
      {
        where: { events: { ...events, receivedBefore: new Date(0) }, jobs: { statusIn: ['succeeded'] } },
        olderThanMs: 1,
      },
      { where: {}, olderThanMs: 1 },
      { where: { events: {} }, olderThanMs: 1 },
      { where: { event: events }, olderThanMs: 1 },
      { where: { events: { sourceIn: ['rest'] } }, olderThanMs: 1 },
      {
        where: { events: { sourcesNotIn: [], planFailed: 'no', receivedAfter: '2026-01-01' } },
        olderThanMs: 1,
      },
      { where: { events, jobs: { statusIn: ['done'], minAttempts: -1, constructor: 1 } }, olderThanMs: 1 },
      { where: { events }, olderThanMs: 0, older: 1 },
      { olderThanMs: Infinity },
      'all',
    ];
    const make = (given: unknown) => () =>
      createApplication({
        sources: [],
        destinations: [],
        store: new CommitStore().asStore(),
        queue: new HandQueue().asQueue(),
        retention: { policies: given as [] },
      });
    const problems = (given: unknown): string[] => {
      try {
        make(given)();
      } catch (error) {
        return (error as FragmentError).validations.map(
          ({ path, message }) => `${path.slice(2).join('.')} ${message}`,
        );
      }
      return [];
    };
    expect(problems(policies.slice(0, 1))).toEqual([]);
    expect(problems({})).toEqual([' must be a list']);
    expect(problems(policies)).toEqual([
      '1.where must name a filter; retention.eventsMs is for all events',
      '2.where must name a filter; retention.eventsMs is for all events',
      '3.where.event is not known; there are events, jobs',
      '4.where.events.sourceIn is not a filter; did you mean sourcesIn?',
      '5.where.events.sourcesNotIn must be a list of texts that is not empty',
      '5.where.events.planFailed must be true or false',
      '5.where.events.receivedAfter must be a Date',
      '6.where.jobs.statusIn must be a list of awaiting, executing, succeeded, failed, discarded, unknown',
      '6.where.jobs.minAttempts must be a whole number, 0 or more',
      '6.where.jobs.constructor is not a filter',
      '7.older is not known; there are where, olderThanMs',
      '7.olderThanMs must be 1 or more',
      '8.olderThanMs must be 1 or more',
      '8.where must name a filter; retention.eventsMs is for all events',
      '9 must be { where, olderThanMs }',
    ]);
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
