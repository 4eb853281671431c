import assert from 'node:assert/strict';
import type { EventFilter, JobFilter, PlannedEvent, Where } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { at, discarded, eventId, failed, ids, sceneOf, settle, succeeded, type Scene } from '../scene.js';

const HOSTILE = [
  "' or 1=1 --",
  '%',
  '\0',
  '\ud800',
  '"; drop table events; --',
  '?',
  '??',
  ':name',
  '$1',
  '{}',
  '\\',
];

/** Three events, their jobs succeeded, failed and awaiting. */
async function aLittleHistory(scene: Scene) {
  const { store } = scene;
  const events = await scene.stored(
    scene.event({
      receivedAt: new Date('2026-01-01T00:00:00Z'),
      type: 'track',
      version: '1',
      messageId: 'm-1',
      userId: 'u-1',
      anonymousId: 'a-1',
      name: 'One',
    }),
    scene.event({
      receivedAt: new Date('2026-02-01T00:00:00Z'),
      type: 'page',
      trigger: 'cron',
      planError: 'a flow threw',
      jobs: [
        scene.job({ version: '2' }),
        scene.job({ seq: 1, action: 'page', destination: `${scene.destination}-2` }),
      ],
    }),
    scene.event({ receivedAt: new Date('2026-03-01T00:00:00Z'), source: `${scene.source}-2`, version: '2' }),
  );
  const jobs = await scene.lease();
  await settle(
    store,
    succeeded(at(jobs, 0)),
    failed(at(jobs, 1), { retryInMs: 600_000, code: 'BUSY' }),
    discarded(at(jobs, 2)),
  );
  return events.map(({ id }) => id);
}

export const findCases: readonly StoreContractCase[] = [
  {
    name: 'an event tells when it was stored, and a job of its receipt waits from then on',
    async run({ store }) {
      const scene = sceneOf(store);
      const receipts = [-86_400_000, 86_400_000].map((ms) => new Date(Date.now() + ms));
      const [before, ahead] = await scene.stored(
        ...receipts.map((receivedAt) => scene.event({ receivedAt })),
      );
      assert.ok(before && ahead);
      const told = await store.findEvent(before.id);
      assert.ok(told?.ingestedAt && told.ingestedAt > before.receivedAt);
      assert.deepEqual((await store.findEvents({ events: { idsIn: [before.id] } }, {})).items, [told]);
      const times = async (event: PlannedEvent) =>
        (await store.findTransitions(`${event.id}.0`)).map(({ createdAt }) => createdAt);
      assert.deepEqual(await times(before), [before.receivedAt, told.ingestedAt]);
      assert.deepEqual(await times(ahead), [ahead.receivedAt, ahead.receivedAt], 'never back in time');
    },
  },
  {
    name: 'findEvents applies every field of the filter',
    async run({ store }) {
      const scene = sceneOf(store);
      const all = await aLittleHistory(scene);
      const mine = { sourcesIn: [scene.source, `${scene.source}-2`] };
      const expectations: readonly [EventFilter, readonly number[]][] = [
        [{}, [0, 1, 2]],
        [{ sourcesNotIn: [scene.source] }, [2]],
        [{ triggersIn: ['cron'] }, [1]],
        [{ triggersNotIn: ['cron'] }, [0, 2]],
        [{ versionsIn: ['1', '2'] }, [0, 2]],
        [{ versionsNotIn: ['2'] }, [0, 1]],
        [{ receivedBefore: new Date('2026-02-01T00:00:00Z') }, [0]],
        [{ receivedAfter: new Date('2026-02-01T00:00:00Z') }, [2]],
        [{ typesIn: ['track', 'page'] }, [0, 1]],
        [{ messageId: 'm-1' }, [0]],
        [{ userId: 'u-1' }, [0]],
        [{ anonymousId: 'a-1' }, [0]],
        [{ name: 'One' }, [0]],
        [{ name: 'one' }, []],
        [{ planFailed: true }, [1]],
        [{ planFailed: false }, [0, 2]],
        [{ typesIn: [] }, []],
        [{ parentEventId: eventId() }, []],
        [{ typesIn: ['track'], userId: 'u-2' }, []],
      ];
      for (const [filter, indexes] of expectations) {
        const found = await store.findEvents({ events: { ...mine, ...filter } }, {});
        assert.deepEqual(
          found.items.map(({ id }) => id),
          indexes.toReversed().map((i) => all[i]),
          JSON.stringify(filter),
        );
        assert.deepEqual([found.count, found.countIsCapped], [indexes.length, false]);
      }
    },
  },
  {
    name: 'findJobs applies every field of the filter, and those of the events',
    async run({ store }) {
      const scene = sceneOf(store);
      const all = await aLittleHistory(scene);
      const [succeededId, failedId, pageId, discardedId] = [
        `${all[0] ?? ''}.0`,
        `${all[1] ?? ''}.0`,
        `${all[1] ?? ''}.1`,
        `${all[2] ?? ''}.0`,
      ];
      const mine = { destinationsIn: [scene.destination, `${scene.destination}-2`] };
      const february = new Date('2026-02-01T00:00:00Z');
      const expectations: readonly [JobFilter, EventFilter | undefined, readonly string[]][] = [
        [{}, undefined, [succeededId, failedId, pageId, discardedId]],
        [{ destinationsNotIn: [scene.destination] }, undefined, [pageId]],
        [{ actionsIn: ['page'] }, undefined, [pageId]],
        [{ actionsNotIn: ['page'] }, undefined, [succeededId, failedId, discardedId]],
        [{ versionsIn: ['2'] }, undefined, [failedId]],
        [{ versionsNotIn: ['2'] }, undefined, [succeededId, pageId, discardedId]],
        [{ createdBefore: february }, undefined, [succeededId]],
        [{ createdAfter: february }, undefined, [discardedId]],
        [{ statusIn: ['succeeded', 'discarded'] }, undefined, [succeededId, discardedId]],
        [{ statusIn: ['failed', 'awaiting'] }, undefined, [failedId, pageId]],
        [{ statusNotIn: ['failed', 'succeeded'] }, undefined, [pageId, discardedId]],
        [{ minAttempts: 1 }, undefined, [succeededId, failedId, discardedId]],
        [{ maxAttempts: 0 }, undefined, [pageId]],
        [{ errorCode: 'BUSY' }, undefined, [failedId]],
        [
          { eventId: all[1] ?? '', statusIn: ['succeeded'], errorCode: 'ignored' },
          undefined,
          [failedId, pageId],
        ],
        [{}, { userId: 'u-1' }, [succeededId]],
        [{ statusIn: ['failed'] }, { triggersIn: ['cron'], sourcesIn: [scene.source] }, [failedId]],
        [{ statusIn: ['failed'] }, { userId: 'u-1' }, []],
      ];
      for (const [jobs, events, expected] of expectations) {
        const where: Where = { jobs: { ...mine, ...jobs }, ...(events === undefined ? {} : { events }) };
        const found = await store.findJobs(where, {});
        assert.deepEqual(ids(found.items), [...expected].sort(), JSON.stringify(where));
        assert.equal(found.count, expected.length);
      }
      const events = await store.findEvents({ jobs: { ...mine, statusIn: ['failed', 'awaiting'] } }, {});
      assert.deepEqual(
        events.items.map(({ id, jobs }) => [id, ids(jobs)]),
        [[all[1], [failedId, pageId]]],
        'whole events, with all their jobs',
      );
    },
  },
  {
    name: 'findEvents and findJobs page through everything once, newest first, by offset and by cursor',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await scene.stored(
        ...Array.from({ length: 23 }, () => scene.event({ jobs: [scene.job(), scene.job({ seq: 1 })] })),
      );
      const newestFirst = events.map(({ id }) => id).toReversed();
      const where: Where = { events: { sourcesIn: [scene.source] } };
      const offsets = [0, 10, 20].map((offset) => store.findEvents(where, { limit: 10, offset }));
      assert.deepEqual(
        (await Promise.all(offsets)).flatMap(({ items }) => items.map(({ id }) => id)),
        newestFirst,
      );

      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.findEvents(where, { limit: 5, ...(cursor === undefined ? {} : { cursor }) });
        assert.deepEqual([page.count >= 23, page.limit], [true, 5]);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
        // What comes in meanwhile shifts offsets, but no cursor.
        await scene.stored(scene.event());
      } while (cursor !== undefined);
      assert.deepEqual(seen, newestFirst);

      const jobs: string[] = [];
      do {
        const page = await store.findJobs(
          { jobs: { destinationsIn: [scene.destination] }, events: { receivedBefore: new Date() } },
          { limit: 7, ...(cursor === undefined ? {} : { cursor }) },
        );
        jobs.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      assert.equal(new Set(jobs).size, jobs.length);
      for (const id of newestFirst) assert.ok(jobs.includes(`${id}.0`) && jobs.includes(`${id}.1`));
    },
  },
  {
    name: 'a page holds 100 unless told otherwise, and never more than 500',
    async run({ store }) {
      const scene = sceneOf(store);
      const where: Where = { events: { sourcesIn: [scene.source] } };
      await scene.stored(...Array.from({ length: 101 }, () => scene.event()));
      const first = await store.findEvents(where, {});
      assert.deepEqual([first.items.length, first.limit, first.offset, first.count], [100, 100, 0, 101]);
      assert.equal((await store.findEvents(where, { limit: 100_000 })).limit, 500);
      const uncounted = await store.findEvents(where, { limit: 2, counted: false });
      assert.deepEqual([uncounted.items.length, uncounted.count], [2, 0]);
      assert.ok(uncounted.nextCursor !== undefined, 'and there is a next page all the same');
      assert.equal((await store.findEvents(where, { limit: -5, offset: -5 })).items.length, 1);
      assert.equal((await store.findEvents(where, { limit: Number.NaN, offset: 1000 })).items.length, 0);
    },
  },
  {
    name: 'finds answer nothing for what cannot be, whatever it is',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      for (const text of [...HOSTILE, '', eventId(), `${eventId()}.0`, `${eventId()}.70000`]) {
        assert.equal(await store.findEvent(text), undefined);
        assert.equal(await store.findJob(text), undefined);
        assert.deepEqual(await store.findTransitions(text), []);
        const where: readonly Where[] = [
          { events: { userId: text, sourcesIn: [text], versionsNotIn: [text] } },
          { events: { parentEventId: text } },
          { jobs: { eventId: text } },
          { jobs: { destinationsIn: [text], errorCode: text } },
          { events: { receivedAfter: new Date(Number.NaN) } },
          { jobs: { minAttempts: Number.POSITIVE_INFINITY } },
        ];
        for (const filter of where) {
          assert.equal((await store.findEvents(filter, {})).count, 0);
          assert.equal((await store.findJobs(filter, {})).count, 0);
        }
        assert.deepEqual((await store.findEvents({}, { cursor: text })).items, []);
        assert.deepEqual((await store.findJobs({}, { cursor: text })).items, []);
      }
    },
  },
  {
    name: 'stats counts by destination and status, and tells the oldest due',
    async run({ store }) {
      const scene = sceneOf(store);
      const before = await store.stats();
      await aLittleHistory(scene);
      const oldest = new Date('2026-01-15T00:00:00Z');
      await scene.stored(scene.event({ jobs: [scene.job({ dueAt: oldest })] }), scene.event());
      await store.reject([
        { source: scene.source, trigger: 'http', receivedAt: new Date(), code: 'X', message: 'x' },
      ]);
      const stats = await store.stats();
      assert.equal(stats.events - before.events, 5);
      assert.equal(stats.planErrors - before.planErrors, 1);
      assert.equal(stats.rejections - before.rejections, 1);
      const lane = stats.lanes.find(({ destination }) => destination === scene.destination);
      assert.deepEqual(lane?.counts, {
        awaiting: 2,
        executing: 0,
        succeeded: 1,
        failed: 1,
        discarded: 1,
        unknown: 0,
      });
      assert.deepEqual(lane.oldestDueAt, oldest);
    },
  },
];
