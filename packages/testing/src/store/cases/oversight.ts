import assert from 'node:assert/strict';
import type { BulkRecord, Settlement, Where } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import {
  at,
  discarded,
  eventId,
  failed,
  ids,
  idsOf,
  sceneOf,
  settle,
  succeeded,
  type Scene,
} from '../scene.js';

const HOUR_MS = 3_600_000;
const mine = (scene: Scene): Where => ({ jobs: { destinationsIn: [scene.destination] } });

const bulkOf = (scene: Scene, fields: Partial<BulkRecord> = {}): BulkRecord => ({
  id: eventId(),
  kind: 'retry',
  where: { ...mine(scene), events: { receivedBefore: new Date(), sourcesIn: [scene.source] } },
  state: 'waiting',
  total: 7,
  totalIsCapped: false,
  done: 0,
  visited: 0,
  actor: 'jane',
  createdAt: new Date(),
  ...fields,
});

export const oversightCases: readonly StoreContractCase[] = [
  {
    name: 'failure groups tell reasons with their number, newest sentence and a sample',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(...Array.from({ length: 6 }, () => scene.event()));
      const jobs = await scene.lease();
      await settle(
        store,
        failed(at(jobs, 0), { retryInMs: HOUR_MS }),
        failed(at(jobs, 1), { retryInMs: HOUR_MS }),
        failed(at(jobs, 2), { retryInMs: HOUR_MS, code: 'OTHER' }),
        discarded(at(jobs, 3)),
        succeeded(at(jobs, 4)),
      );
      const groups = await store.failureGroups(mine(scene), { limit: 10 });
      const of = (code: string) => groups.find((group) => group.code === code);
      assert.deepEqual(groups.map(({ code, status, count }) => [code, status, count]).sort(), [
        ['OTHER', 'failed', 1],
        ['VENDOR_BUSY', 'failed', 2],
        ['VENDOR_REFUSED', 'discarded', 1],
      ]);
      assert.equal(at(groups, 0).code, 'VENDOR_BUSY', 'the largest comes first');
      const busy = of('VENDOR_BUSY');
      assert.deepEqual(
        [busy?.destination, busy?.action, busy?.message, busy?.sampleJobId],
        [scene.destination, 'track', 'The vendor is busy.', at(jobs, 1).id],
      );
      assert.ok(busy && busy.firstAt <= busy.lastAt);
      assert.equal((await store.failureGroups(mine(scene), { limit: 1 })).length, 1);
      const narrowed: Where = { jobs: { ...mine(scene).jobs, statusIn: ['discarded', 'succeeded'] } };
      assert.deepEqual(
        (await store.failureGroups(narrowed, { limit: 9 })).map(({ code }) => code),
        ['VENDOR_REFUSED'],
      );
      assert.deepEqual(await store.failureGroups({ jobs: { destinationsIn: [] } }, { limit: 9 }), []);
    },
  },
  {
    name: 'a reason may hold anything, and is found and grouped by it',
    async run({ store }) {
      const scene = sceneOf(store);
      const codes = [
        '{"code":"A"}',
        'quote " and \\u0000',
        'a\0b',
        'half \ud800 of a pair',
        "' or 1=1",
        '\u{1F600}',
      ];
      await scene.stored(...codes.map(() => scene.event()));
      const jobs = await scene.lease();
      await settle(
        store,
        ...codes.map((code, n): Settlement => {
          const { id, token, attempt } = at(jobs, n);
          return { id, token, attempt, outcome: 'discarded', error: { code, message: code } };
        }),
      );
      const groups = await store.failureGroups(mine(scene), { limit: 9 });
      const kept = codes.map((code) => Buffer.from(code.replace('\0', '\uFFFD')).toString());
      assert.deepEqual(groups.map(({ code }) => code).sort(), kept.toSorted());
      for (const errorCode of codes) {
        const { items } = await store.findJobs({ jobs: { ...mine(scene).jobs, errorCode } }, {});
        assert.equal(items.length, 1, errorCode);
      }
    },
  },
  {
    name: 'count says what a list says',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event(), scene.event({ jobs: [scene.job(), scene.job({ seq: 1 })] }));
      assert.deepEqual(await store.count('jobs', mine(scene)), { count: 3, countIsCapped: false });
      assert.deepEqual(await store.count('events', mine(scene)), { count: 2, countIsCapped: false });
      assert.deepEqual(await store.count('jobs', { jobs: { eventId: 'nonsense' } }), {
        count: 0,
        countIsCapped: false,
      });
    },
  },
  {
    name: 'a selection by ids is a filter like any other',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await scene.stored(scene.event(), scene.event(), scene.event());
      const jobs = await scene.lease();
      await settle(store, ...jobs.map(discarded));
      const [first, , third] = jobs;
      assert.ok(first && third);
      const chosen: Where = { jobs: { idsIn: [first.id, third.id, 'nonsense'] } };
      assert.deepEqual(ids((await store.findJobs(chosen, {})).items), ids([first, third]));
      assert.equal((await store.retry(chosen, { limit: 10 })).count, 2);
      const ofEvents: Where = { events: { idsIn: [at(events, 1).id, 'nonsense'] } };
      assert.deepEqual(ids((await store.findEvents(ofEvents, {})).items), [at(events, 1).id]);
      assert.deepEqual((await store.findJobs({ jobs: { idsIn: [] } }, {})).items, []);
      assert.deepEqual((await store.findEvents({ events: { idsIn: ['nonsense'] } }, {})).items, []);
    },
  },
  {
    name: 'retry and discard go on after the last of the step before, and visit no job twice',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(...Array.from({ length: 5 }, () => scene.event()));
      const jobs = await scene.lease();
      await settle(store, ...jobs.map(discarded));
      const first = await store.retry(mine(scene), { limit: 2 });
      assert.equal(first.last, at(jobs, 1).id);
      // They are discarded once more before the next step: it must not find them.
      await settle(store, ...(await scene.lease()).map(discarded));
      const second = await store.retry(mine(scene), { limit: 10, after: at(jobs, 1).id });
      assert.deepEqual([second.count, second.last], [3, at(jobs, 4).id]);
      assert.deepEqual(idsOf(second.refs).sort(), ids(jobs.slice(2)));
      const none = await store.retry(mine(scene), { limit: 10, after: at(jobs, 4).id });
      assert.deepEqual([none.count, none.last], [0, undefined]);
      const error = { code: 'X', message: 'x' };
      const ended = await store.discard(mine(scene), { limit: 1, after: at(jobs, 2).id, error });
      assert.deepEqual(ended, { count: 1, last: at(jobs, 3).id });
    },
  },
  {
    name: 'a bulk order is kept with its filter, and goes on from where it was written down',
    async run({ store }) {
      const scene = sceneOf(store);
      const bulk = bulkOf(scene, { ratePerSecond: 2.5 });
      await store.addBulk(bulk);
      assert.deepEqual(await store.findBulk(bulk.id), bulk);
      assert.ok(await store.setBulk(bulk.id, { state: 'running', done: 3, visited: 4, cursor: 'here' }));
      const open = (await store.openBulks()).find(({ id }) => id === bulk.id);
      assert.deepEqual([open?.state, open?.done, open?.visited, open?.cursor], ['running', 3, 4, 'here']);
      assert.ok(open?.startedAt && open.finishedAt === undefined);
      assert.ok(await store.setBulk(bulk.id, { state: 'done', done: 5, visited: 6 }));
      const done = await store.findBulk(bulk.id);
      assert.deepEqual([done?.state, done?.done, done?.visited], ['done', 5, 6]);
      assert.ok(done?.finishedAt);
      assert.ok(!(await store.openBulks()).some(({ id }) => id === bulk.id));
      assert.equal(
        (await store.findBulks({ limit: 500 })).items.filter(({ id }) => id === bulk.id).length,
        1,
      );
      assert.equal(await store.findBulk('nonsense'), undefined);
    },
  },
  {
    name: 'a bulk order that was cancelled stays so, and tells what was done all the same',
    async run({ store }) {
      const bulk = bulkOf(sceneOf(store));
      await store.addBulk(bulk);
      await store.setBulk(bulk.id, { state: 'running', done: 3, visited: 3, cursor: 'here' });
      // Whoever cancels may know an older state: what is done stays done.
      assert.ok(await store.setBulk(bulk.id, { state: 'cancelled', done: 0, visited: 0 }));
      assert.equal(await store.setBulk(bulk.id, { state: 'running', done: 9, visited: 9 }), false);
      const record = await store.findBulk(bulk.id);
      assert.deepEqual([record?.state, record?.done, record?.visited], ['cancelled', 9, 9]);
    },
  },
  {
    name: 'the audit tells who did what, newest first',
    async run({ store }) {
      const actor = `actor-${eventId()}`;
      const note = { actor, action: 'lane.pause', outcome: 'ok' };
      await store.addAudit({ ...note, at: new Date(1_000), target: 'crm' });
      await store.addAudit({ ...note, at: new Date(2_000), action: 'jobs.retry', count: 3 });
      const { items } = await store.findAudit({ limit: 500 });
      const own = items.filter((record) => record.actor === actor).map((record) => ({ ...record, id: '' }));
      assert.deepEqual(own, [
        { ...note, id: '', at: new Date(2_000), action: 'jobs.retry', count: 3 },
        { ...note, id: '', at: new Date(1_000), target: 'crm' },
      ]);
    },
  },
];
