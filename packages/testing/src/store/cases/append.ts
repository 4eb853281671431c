import assert from 'node:assert/strict';
import type { AppendOutcome, PlannedEvent } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { at, eventId, sceneOf, withSecond } from '../scene.js';

const hasOutcome = (outcome: AppendOutcome['outcome']) => (o: AppendOutcome) => o.outcome === outcome;

export const appendCases: readonly StoreContractCase[] = [
  {
    name: 'append keeps every field of an event and its jobs',
    async run({ store }) {
      const scene = sceneOf(store);
      const receivedAt = new Date('2026-03-01T10:00:00.123Z');
      const event: PlannedEvent = scene.event({
        receivedAt,
        version: '1.2',
        type: 'track',
        messageId: 'message-1',
        userId: 'user-1',
        anonymousId: 'anonymous-1',
        name: 'Order Completed',
        timestamp: new Date('2026-03-01T09:59:58.001Z'),
        originalTimestamp: new Date('1969-12-31T23:59:59.999Z'),
        sentAt: new Date('2026-03-01T09:59:59.500Z'),
        data: '{"zero":"\\u0000","emoji":"\u{1F600}","number":1e400}',
        envelope: '{"context":{"ip":"203.0.113.7"}}',
        planError: 'a flow threw',
        jobs: [
          scene.job({
            version: '2',
            data: { list: [1, 'two', null], text: '\u0000' },
            orderKey: -(2n ** 63n),
          }),
          scene.job({ seq: 1, action: 'identify' }),
        ],
      });
      await scene.stored(event);
      const { jobs, ...fields } = event;
      const found = await store.findEvent(event.id);
      assert.ok(found);
      const { jobs: records, ingestedAt, ...kept } = found;
      assert.deepEqual(kept, fields);
      assert.ok(ingestedAt);
      assert.deepEqual(
        records.map(({ seq, destination, action, version, data, status, attempt }) => ({
          seq,
          destination,
          action,
          version,
          data,
          status,
          attempt,
        })),
        jobs.map(({ seq, destination, action, version, data }) => ({
          seq,
          destination,
          action,
          version,
          data,
          status: 'awaiting',
          attempt: 0,
        })),
      );
      assert.deepEqual(at(records, 0).createdAt, receivedAt);
    },
  },
  {
    name: 'append takes an empty batch',
    async run({ store }) {
      assert.deepEqual(await store.append([]), []);
    },
  },
  {
    name: 'append answers a repeated messageId of a source with the event that was stored first',
    async run({ store }) {
      const scene = sceneOf(store);
      const [first] = await scene.stored(scene.event({ messageId: 'same' }));
      const repeated = scene.event({ messageId: 'same' });
      const fresh = scene.event({ messageId: 'other' });
      const foreign = scene.event({ messageId: 'same', source: `${scene.source}-2` });
      assert.deepEqual(await store.append([repeated, fresh, foreign]), [
        { outcome: 'duplicate', eventId: first?.id },
        { outcome: 'stored' },
        { outcome: 'stored' },
      ]);
      assert.equal(await store.findEvent(repeated.id), undefined);
      assert.equal((await store.findJobs({ jobs: { eventId: repeated.id } }, {})).count, 0);
    },
  },
  {
    name: 'append never takes an event without messageId for a duplicate',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event(), scene.event());
    },
  },
  {
    name: 'append finds duplicates within one batch',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = [
        scene.event({ messageId: 'twice' }),
        scene.event({ messageId: 'once' }),
        scene.event({ messageId: 'twice' }),
      ];
      assert.deepEqual(await store.append(events), [
        { outcome: 'stored' },
        { outcome: 'stored' },
        { outcome: 'duplicate', eventId: at(events, 0).id },
      ]);
    },
  },
  {
    name: 'append stores a messageId once, however many send it at the same time',
    async run({ store, newStore }) {
      const scene = sceneOf(store);
      const messageIds = Array.from({ length: 30 }, (_, i) => `message-${i}`);
      await withSecond(newStore, async (second) => {
        const batches = Array.from({ length: 10 }, (_, sender) => {
          const order = sender % 2 === 0 ? messageIds : messageIds.toReversed();
          return order.map((messageId) => scene.event({ messageId }));
        });
        const results = await Promise.all(
          batches.map((batch, i) => (i % 2 === 0 ? store : second).append(batch)),
        );
        const holders = new Map<string, string>();
        const outcomes = batches.flatMap((batch, i) =>
          batch.map((event, k) => ({ event, outcome: at(at(results, i), k) })),
        );
        for (const { event, outcome } of outcomes) {
          if (outcome.outcome !== 'stored') continue;
          assert.ok(!holders.has(event.messageId ?? ''), `${event.messageId ?? ''} was stored twice`);
          holders.set(event.messageId ?? '', event.id);
        }
        assert.equal(holders.size, messageIds.length);
        for (const { event, outcome } of outcomes) {
          if (outcome.outcome === 'duplicate')
            assert.equal(outcome.eventId, holders.get(event.messageId ?? ''));
        }
      });
      assert.equal(
        (await store.findEvents({ events: { sourcesIn: [scene.source] } }, {})).count,
        messageIds.length,
      );
    },
  },
  {
    name: 'append refuses what it can never take, and stores all the rest',
    async run({ store, unstorable }) {
      const scene = sceneOf(store);
      const events = Array.from({ length: 100 }, (_, i) =>
        scene.event(i % 3 === 0 ? { messageId: `message-${i}` } : {}),
      );
      const guilty = [17, 60, 61];
      const batch = events.map((event, i) => (guilty.includes(i) ? unstorable(event) : event));
      const outcomes = await store.append(batch);
      outcomes.forEach((outcome, i) => {
        assert.equal(outcome.outcome, guilty.includes(i) ? 'refused' : 'stored', `event ${i}`);
        if (outcome.outcome !== 'refused') return;
        assert.equal(outcome.code, 'FRAGMENT_INGEST_EVENT_REFUSED');
        assert.ok(outcome.message.length > 0);
      });
      assert.equal((await store.findEvents({ events: { sourcesIn: [scene.source] } }, {})).count, 97);
      assert.equal((await scene.lease()).length, 97);
      assert.deepEqual(
        await store.append([{ ...at(events, 60), id: eventId() }]),
        [{ outcome: 'stored' }],
        'its messageId stays free',
      );
    },
  },
  {
    name: 'append tells duplicates from refused ones in one batch',
    async run({ store, unstorable }) {
      const scene = sceneOf(store);
      const [first] = await scene.stored(scene.event({ messageId: 'same' }));
      const outcomes = await store.append([
        scene.event({ messageId: 'same' }),
        unstorable(scene.event()),
        scene.event(),
      ]);
      assert.deepEqual(at(outcomes, 0), { outcome: 'duplicate', eventId: first?.id });
      assert.ok(hasOutcome('refused')(at(outcomes, 1)));
      assert.ok(hasOutcome('stored')(at(outcomes, 2)));
    },
  },
  {
    name: 'append keeps NUL and lone surrogates out of columns and leaves the data as it came',
    async run({ store }) {
      const scene = sceneOf(store);
      const data = '{"userId":"a\\u0000b","name":"\\ud800"}';
      const event = scene.event({ userId: 'a\0b', name: 'c\ud800d', messageId: 'e\0f', data });
      await scene.stored(event);
      const found = await store.findEvent(event.id);
      assert.equal(found?.userId, 'a\uFFFDb');
      assert.equal(found.name, 'c\uFFFDd');
      assert.equal(found.data, data);
      const repeated = await store.append([scene.event({ messageId: 'e\0f' })]);
      assert.deepEqual(repeated, [{ outcome: 'duplicate', eventId: event.id }]);
    },
  },
  {
    name: 'append refuses ids and times that are none, one by one',
    async run({ store }) {
      const scene = sceneOf(store);
      const outcomes = await store.append([
        scene.event({ id: 'not a uuid' }),
        scene.event({ timestamp: new Date(Number.NaN) }),
        scene.event({ messageId: 'x'.repeat(200_000) + String(Math.random()) }),
        scene.event(),
      ]);
      for (const index of [0, 1]) assert.equal(at(outcomes, index).outcome, 'refused');
      assert.ok(['stored', 'refused'].includes(at(outcomes, 2).outcome));
      assert.equal(at(outcomes, 3).outcome, 'stored');
    },
  },
  {
    name: 'append leaves a job alone until its planned time',
    async run({ store }) {
      const scene = sceneOf(store);
      const later = new Date(Date.now() + 3_600_000);
      const event = scene.event({ jobs: [scene.job({ dueAt: later }), scene.job({ seq: 1 })] });
      await scene.stored(event);
      assert.equal((await scene.leaseOne()).id, `${event.id}.1`);
      assert.deepEqual((await scene.record(`${event.id}.0`)).dueAt, later);
    },
  },
];
