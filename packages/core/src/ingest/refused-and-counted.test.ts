import { describe, expect, it } from '@jest/globals';
import { createApplication } from '../application/create.js';
import type { RejectedItem } from '../contracts/events.js';
import type { IngestCount } from '../contracts/ingest.js';
import type { HttpTrigger, IncomingRequest } from '../contracts/source.js';
import { FragmentError } from '../errors/fragment-error.js';
import { CommitStore, HandQueue, settled, StoppedClock } from '../fixtures.fixture.js';

const request: IncomingRequest = {
  method: 'POST',
  path: '/hook',
  query: new URLSearchParams(),
  headers: {},
  body: Buffer.from('{}'),
  receivedAt: new Date('2026-01-02T03:04:05.000Z'),
};

/** An application with two sources, `a` and `b`, whose one trigger does what the test says. */
function build(extract: HttpTrigger['extract']) {
  const store = new CommitStore();
  const clock = new StoppedClock();
  const trigger: HttpTrigger = {
    name: 'hook',
    mode: 'http',
    route: { methods: ['POST'], path: '/hook' },
    extract,
  };
  const app = createApplication({
    sources: [
      { name: 'a', triggers: [trigger] },
      { name: 'b', triggers: [{ ...trigger, route: { methods: ['POST'], path: '/other' } }] },
    ],
    destinations: [],
    store: store.asStore(),
    queue: new HandQueue().asQueue(),
    clock,
  });
  const send = async (times: number, source = 'a'): Promise<void> => {
    const route = app.routes.find((each) => each.source.name === source)!;
    for (let n = 0; n < times; n += 1) await app.accept(route, request).catch(() => undefined);
    await settled();
  };
  return { app, store, clock, send };
}

/** Counts without what is the same in all of them. */
const counted = (counts: readonly IngestCount[]) =>
  counts.map(({ source, trigger, ...fact }) => ({ at: `${source}/${trigger}`, ...fact }));

const refusing = (code: FragmentError['code'], rejection?: Partial<RejectedItem>) => () => {
  throw new FragmentError(code, { ...(rejection && { rejection }) });
};

describe('rejections of what nobody has vouched for', () => {
  it.each([
    'FRAGMENT_INGEST_KEY_UNKNOWN',
    'FRAGMENT_INGEST_KEY_MISSING',
    'FRAGMENT_INGEST_BODY_NOT_JSON',
  ] as const)('a flood of %s does not fill the store, and is counted to the last', async (code) => {
    const { app, store, clock, send } = build(refusing(code, { type: 'track' }));
    await send(5_000);
    expect(store.rejections).toHaveLength(100);
    expect(store.rejections[0]).toMatchObject({ source: 'a', trigger: 'hook', type: 'track', code });
    await clock.advance(3_500);
    await send(1_000);
    expect(store.rejections).toHaveLength(103);
    await clock.advance(3_600_000);
    await send(1_000);
    expect(store.rejections).toHaveLength(203);
    expect(app.ingestCounts()).toEqual([
      { source: 'a', trigger: 'hook', type: '', result: 'refused', reason: code, count: 7_000 },
    ]);
  });

  it('of one source leave room for those of another', async () => {
    const { store, send } = build(refusing('FRAGMENT_INGEST_KEY_UNKNOWN', {}));
    await send(500, 'a');
    await send(1, 'b');
    expect(store.rejections.filter(({ source }) => source === 'b')).toHaveLength(1);
  });

  it('do not stop what is known to come from a sender of ours', async () => {
    const { store, send } = build(refusing('FRAGMENT_INGEST_INVALID', { messageId: 'm' }));
    await send(500);
    expect(store.rejections).toHaveLength(500);
  });

  it('are not made of an error that keeps nothing', async () => {
    const { store, send } = build(refusing('FRAGMENT_INGEST_KEY_UNKNOWN'));
    await send(3);
    expect(store.rejections).toEqual([]);
  });

  it('are made of requests that could not be read, which the gateway tells of', async () => {
    const { app, store } = build(() => ({ data: '{}' }));
    const [route] = app.routes;
    const tooLarge = new FragmentError('FRAGMENT_INGEST_BODY_TOO_LARGE', { detail: '9 MB', rejection: {} });
    for (let n = 0; n < 200; n += 1) app.refuse(route!, tooLarge, request.receivedAt);
    app.refuse(route!, new FragmentError('FRAGMENT_INGEST_OVERLOADED'), request.receivedAt);
    app.refuse(route!, new TypeError('a fault of ours'), request.receivedAt);
    await settled();
    expect(store.rejections).toHaveLength(100);
    expect(store.rejections[0]).toMatchObject({
      code: 'FRAGMENT_INGEST_BODY_TOO_LARGE',
      validations: [{ message: '9 MB', path: [] }],
      receivedAt: request.receivedAt,
    });
    expect(counted(app.ingestCounts())).toEqual([
      { at: 'a/hook', type: '', result: 'refused', reason: tooLarge.code, count: 200 },
      { at: 'a/hook', type: '', result: 'overloaded', reason: 'FRAGMENT_INGEST_OVERLOADED', count: 1 },
      { at: 'a/hook', type: '', result: 'unavailable', reason: 'FRAGMENT_HTTP_INTERNAL', count: 1 },
    ]);
  });
});

describe('counts', () => {
  it('tell what became of single messages, by type', async () => {
    const messages = [
      { data: '{}', type: 'track', messageId: 'new' },
      { data: '{}', type: 'page' },
      { data: '{}', type: 'track', messageId: 'seen' },
      { data: '{}', type: 'track', messageId: 'bad' },
      { data: '{}' },
      { data: '{}', type: 'track' },
    ];
    const { app, send } = build(() => messages.shift() ?? { noEvent: 'sdk metrics' });
    await send(6);
    await send(2, 'b');
    expect(counted(app.ingestCounts())).toEqual([
      { at: 'a/hook', type: 'track', result: 'stored', count: 2 },
      { at: 'a/hook', type: 'page', result: 'stored', count: 1 },
      { at: 'a/hook', type: 'track', result: 'duplicate', count: 1 },
      { at: 'a/hook', type: 'track', result: 'refused', reason: 'FRAGMENT_INGEST_EVENT_REFUSED', count: 1 },
      { at: 'a/hook', type: '', result: 'stored', count: 1 },
      { at: 'b/hook', type: '', result: 'ignored', reason: 'sdk metrics', count: 2 },
    ]);
  });

  it('tell of every item of a batch, and not of its parent', async () => {
    const { app, send } = build(() => ({
      data: '{}',
      type: 'batch',
      subEvents: [
        { index: 0, data: '{}', type: 'track' },
        { index: 1, data: '{}', type: 'page' },
        { index: 2, data: '{}', type: 'track', messageId: 'seen' },
        { index: 4, data: '{}', type: 'track', messageId: 'bad' },
      ],
      rejected: [{ index: 3, type: 'track', code: 'FRAGMENT_INGEST_INVALID', message: 'Bad Request' }],
    }));
    await send(2);
    expect(counted(app.ingestCounts())).toEqual([
      { at: 'a/hook', type: 'track', result: 'stored', count: 2 },
      { at: 'a/hook', type: 'page', result: 'stored', count: 2 },
      { at: 'a/hook', type: '', result: 'duplicate', count: 2 },
      { at: 'a/hook', type: 'track', result: 'refused', reason: 'FRAGMENT_INGEST_INVALID', count: 2 },
      { at: 'a/hook', type: 'track', result: 'refused', reason: 'FRAGMENT_INGEST_EVENT_REFUSED', count: 2 },
    ]);
  });

  it('tell of a store that is away once per request, in process too', async () => {
    const { app, store, send } = build(() => ({ data: '{}', type: 'track' }));
    store.manual = true;
    const sending = send(1);
    await settled();
    const own = app.ingest('a', 'hook', { data: '{}' }).catch(() => undefined);
    const away = new FragmentError('FRAGMENT_STORE_UNAVAILABLE');
    store.ends.shift()?.(away);
    await settled();
    store.ends.shift()?.(away);
    await Promise.all([sending, own]);
    expect(counted(app.ingestCounts())).toEqual([
      { at: 'a/hook', type: '', result: 'unavailable', reason: away.code, count: 2 },
    ]);
  });

  it('stay few whatever a source calls its types', async () => {
    let n = 0;
    const { app, send } = build(() => ({ data: '{}', type: `type-${(n += 1)}` }));
    await send(1_000);
    expect(app.ingestCounts()).toHaveLength(200);
  });
});
