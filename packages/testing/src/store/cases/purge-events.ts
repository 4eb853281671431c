import assert from 'node:assert/strict';
import type { JobStatus, PlannedEvent, Store, Where } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { at, discarded, sceneOf, settle, succeeded, type Scene } from '../scene.js';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const KEEP = { dedupMs: YEAR_MS, rejectionsMs: 10 * YEAR_MS, statisticsMs: 10 * YEAR_MS };
const error = { code: 'X', message: 'x' };

const ofScene = (scene: Scene, where: Where = {}): Where => ({
  ...where,
  events: { sourcesIn: [scene.source], ...where.events },
});

/** Which of them are still there. */
const there = async (store: Store, events: readonly PlannedEvent[]): Promise<boolean[]> =>
  Promise.all(events.map(async ({ id }) => (await store.findEvent(id)) !== undefined));

/** An event for each list: a job of these ends, in their order. */
async function endedAs(
  scene: Scene,
  ...ends: readonly (readonly ('succeeded' | 'discarded' | 'awaiting')[])[]
) {
  const { store } = scene;
  const events = await scene.stored(
    ...ends.map((list) => scene.event({ jobs: list.map((_end, seq) => scene.job({ seq })) })),
  );
  const leased = new Map((await scene.lease()).map((job) => [job.id, job]));
  const jobs = ends.flatMap((list, n) => list.map((end, seq) => ({ end, id: `${at(events, n).id}.${seq}` })));
  const settlements = jobs.flatMap(({ end, id }) => {
    const job = leased.get(id);
    assert.ok(job);
    return end === 'awaiting' ? [] : [end === 'succeeded' ? succeeded(job) : discarded(job)];
  });
  await settle(store, ...settlements);
  return events;
}

export const purgeEventsCases: readonly StoreContractCase[] = [
  {
    name: 'purging events deletes those that match and have ended, step by step, and keeps their keys',
    async run({ store }) {
      const scene = sceneOf(store);
      const jobless = scene.event({ jobs: [], messageId: 'known' });
      const events = [
        ...(await scene.stored(jobless)),
        ...(await endedAs(scene, ['succeeded'], ['awaiting'], ['discarded'], ['succeeded', 'awaiting'])),
      ];
      const where = ofScene(scene);
      assert.deepEqual(await store.count('purgeable', where), { count: 3, countIsCapped: false });

      const first = await store.purgeEvents(where, { limit: 2 });
      assert.deepEqual(first, { count: 2, visited: 2, emptied: 0, last: at(events, 1).id });
      assert.deepEqual(await there(store, events), [false, false, true, true, true]);
      const second = await store.purgeEvents(where, { limit: 9, after: at(events, 1).id });
      assert.deepEqual([second.count, second.last], [1, at(events, 3).id]);
      assert.deepEqual(await there(store, events), [false, false, true, false, true]);
      assert.equal(
        (await store.purgeEvents(where, { limit: 9 })).last,
        undefined,
        'what has not ended stays',
      );

      assert.equal(await store.findJob(`${at(events, 1).id}.0`), undefined);
      assert.deepEqual(await store.findTransitions(`${at(events, 1).id}.0`), []);
      const late = await store.append([scene.event({ messageId: 'known' })]);
      assert.equal(at(late, 0).outcome, 'duplicate', 'a late repeat is no new event');
    },
  },
  {
    name: 'purging events by the status of jobs wants it of every job of the event',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await endedAs(
        scene,
        ['succeeded', 'succeeded'],
        ['succeeded', 'discarded'],
        ['discarded'],
        ['discarded', 'awaiting'],
      );
      const by = (statusIn: readonly JobStatus[] | undefined, statusNotIn?: readonly JobStatus[]): Where =>
        ofScene(scene, { jobs: { ...(statusIn && { statusIn }), ...(statusNotIn && { statusNotIn }) } });
      const counts = [
        by(['succeeded']),
        by(['discarded']),
        by(['succeeded', 'discarded']),
        by(undefined, ['discarded']),
        by(undefined, ['succeeded']),
        by(['awaiting']),
        by(['discarded', 'awaiting']),
      ].map(async (where) => (await store.count('purgeable', where)).count);
      assert.deepEqual(await Promise.all(counts), [1, 1, 3, 1, 1, 0, 1]);
      const ofAction = ofScene(scene, { jobs: { actionsIn: ['unheard of'] } });
      assert.equal((await store.purgeEvents(ofAction, { limit: 9 })).count, 0);

      assert.equal((await store.purgeEvents(by(['succeeded']), { limit: 9 })).count, 1);
      assert.deepEqual(await there(store, events), [false, true, true, true]);
      assert.equal((await store.purgeEvents(by(undefined, ['succeeded']), { limit: 9 })).count, 1);
      assert.deepEqual(await there(store, events), [false, true, false, true]);
    },
  },
  {
    name: 'purging events deletes a batch with its last item, and never before',
    async run({ store }) {
      const scene = sceneOf(store);
      const parent = scene.event({ parent: true, type: 'batch', jobs: [] });
      const items = ['a', 'b'].map((name) => scene.event({ parentEventId: parent.id, name, jobs: [] }));
      await scene.stored(parent, ...items);
      const named = (name: string): Where => ofScene(scene, { events: { sourcesIn: [scene.source], name } });
      assert.equal((await store.count('purgeable', ofScene(scene))).count, 2);

      const first = await store.purgeEvents(named('a'), { limit: 9 });
      assert.deepEqual([first.count, first.emptied], [1, 0]);
      assert.deepEqual(await there(store, [parent, ...items]), [true, false, true]);
      const second = await store.purgeEvents(named('b'), { limit: 9 });
      assert.deepEqual([second.count, second.emptied], [1, 1]);
      assert.deepEqual(await there(store, [parent, ...items]), [false, false, false]);
    },
  },
  {
    name: 'purging events spares what an operator retries or replays at the same time',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await endedAs(scene, ...Array.from({ length: 60 }, () => ['discarded'] as const));
      const where = ofScene(scene, { jobs: { destinationsIn: [scene.destination] } });
      const job = scene.job({ seq: 1, action: 'page' });
      const replayed = events.slice(0, 20).map(({ id }) => ({ eventId: id, jobs: [job] }));
      const [, { count: retried }, purged] = await Promise.all([
        store.plan(replayed),
        store.retry({ events: { idsIn: events.slice(20, 40).map(({ id }) => id) } }, { limit: 100 }),
        store.purgeEvents(where, { limit: 100 }),
      ]);
      const waiting = { jobs: { destinationsIn: [scene.destination], statusIn: ['awaiting'] } } as const;
      const left = await store.findJobs(waiting, { limit: 500 });
      const added = left.items.filter(({ action }) => action === 'page').length;
      assert.equal(left.count, retried + added, 'each job that has work to do is there');
      const kept = await store.findEvents(ofScene(scene), { limit: 500 });
      assert.equal(kept.count + purged.count, events.length);
      assert.ok(kept.count >= retried + added);
      await store.discard({ jobs: { destinationsIn: [scene.destination] } }, { limit: 500, error });
    },
  },
  {
    name: 'purge follows each policy: what matches goes after its own time',
    async run({ store }) {
      const scene = sceneOf(store);
      const receivedAt = new Date(Date.now() - 2 * HOUR_MS);
      const [old, young, other] = await scene.stored(
        scene.event({ receivedAt, jobs: [], name: 'Seen' }),
        scene.event({ jobs: [], name: 'Seen' }),
        scene.event({ receivedAt, jobs: [], name: 'Bought' }),
      );
      assert.ok(old && young && other);
      const policy = { where: { events: { sourcesIn: [scene.source], name: 'Seen' } }, olderThanMs: HOUR_MS };
      assert.equal((await store.purge({ ...KEEP, policies: [policy] })).events, 1);
      assert.deepEqual(await there(store, [old, young, other]), [false, true, true]);
      const earlier: Where = { events: { ...policy.where.events, receivedBefore: receivedAt } };
      const none = await store.purge({ ...KEEP, policies: [{ where: earlier, olderThanMs: 1 }] });
      assert.equal(none.events, 0, 'a time of the filter holds as well');
    },
  },
];
