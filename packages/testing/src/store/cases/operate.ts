import assert from 'node:assert/strict';
import type { Where } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { assertHistory } from '../legal.js';
import { at, discarded, failed, ids, idsOf, sceneOf, settle, succeeded, type Scene } from '../scene.js';

const HOUR_MS = 3_600_000;
const mine = (scene: Scene): Where => ({ jobs: { destinationsIn: [scene.destination] } });

/** Five jobs, in the order of their events: succeeded, failed, unknown, discarded, executing; and one that waits. */
async function oneOfEach(scene: Scene) {
  const events = Array.from({ length: 5 }, () => scene.event());
  await scene.stored(...events);
  const jobs = await scene.lease();
  const [done, busy, lost, refused] = [at(jobs, 0), at(jobs, 1), at(jobs, 2), at(jobs, 3)];
  await settle(
    scene.store,
    succeeded(done),
    failed(busy, { retryInMs: HOUR_MS }),
    failed(lost, { outcome: 'unknown', retryInMs: HOUR_MS }),
    discarded(refused),
  );
  await scene.stored(scene.event());
  return { done, busy, lost, refused, running: at(jobs, 4) };
}

export const operateCases: readonly StoreContractCase[] = [
  {
    name: 'retry lets discarded, failed and unknown jobs run again at once, attempts anew, history kept',
    async run({ store }) {
      const scene = sceneOf(store);
      const { done, busy, lost, refused, running } = await oneOfEach(scene);
      const { count, refs } = await store.retry(mine(scene), { limit: 100 });
      assert.equal(count, 3);
      assert.deepEqual(idsOf(refs).sort(), ids([busy, lost, refused]));
      for (const ref of refs) assert.equal(ref.destination, scene.destination);
      assert.deepEqual(
        await Promise.all(
          [done, busy, lost, refused, running].map(async ({ id }) => (await scene.record(id)).status),
        ),
        ['succeeded', 'failed', 'unknown', 'awaiting', 'executing'],
      );
      const again = await scene.lease({ ref: at(refs, 0) });
      assert.deepEqual(ids(again), ids([busy, lost, refused]));
      for (const job of again) {
        assert.equal(job.countedAttempts, 0);
        assert.ok(job.createdAt > job.event.receivedAt, 'its age counts from the retry');
      }
      await settle(store, ...again.map(succeeded));
      await assertHistory(store, refused.id, [
        'executing',
        'discarded',
        'awaiting',
        'executing',
        'succeeded',
      ]);
      await assertHistory(store, busy.id, ['executing', 'failed', 'executing', 'succeeded']);
      await assertHistory(store, lost.id, ['executing', 'unknown', 'executing', 'succeeded']);
    },
  },
  {
    name: 'retry in steps comes to an end',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(...Array.from({ length: 7 }, () => scene.event()));
      const jobs = await scene.lease();
      await settle(store, ...jobs.map((job, i) => (i % 2 === 0 ? discarded(job) : failed(job))));
      const steps: number[] = [];
      do steps.push((await store.retry(mine(scene), { limit: 3 })).count);
      while (at(steps, -1) === 3 && steps.length < 10);
      assert.deepEqual(steps, [3, 3, 1]);
    },
  },
  {
    name: 'release of a job that an operator had retried makes it awaiting',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      await settle(store, discarded(await scene.leaseOne()));
      await store.retry(mine(scene), { limit: 1 });
      const job = await scene.leaseOne();
      await store.release([job]);
      await assertHistory(store, job.id, ['executing', 'discarded', 'awaiting']);
    },
  },
  {
    name: 'discard ends what waits, by filter and limit, and nothing that runs or has ended',
    async run({ store }) {
      const scene = sceneOf(store);
      const { done, busy, lost, running } = await oneOfEach(scene);
      const error = {
        code: 'FRAGMENT_DELIVERY_DISCARDED_BY_OPERATOR',
        message: 'An operator discarded the job.',
      };
      const discard = async (where: Where, limit: number) =>
        (await store.discard(where, { limit, error })).count;
      assert.equal(await discard({ jobs: { ...mine(scene).jobs, statusIn: ['failed'] } }, 10), 1);
      assert.equal(await discard(mine(scene), 1), 1);
      assert.equal(await discard(mine(scene), 10), 1);
      assert.equal(await discard(mine(scene), 10), 0);
      const record = await scene.record(busy.id);
      assert.deepEqual([record.status, record.lastError], ['discarded', error]);
      assert.deepEqual(
        [(await scene.record(done.id)).status, (await scene.record(running.id)).status],
        ['succeeded', 'executing'],
      );
      await assertHistory(store, busy.id, ['executing', 'failed', 'discarded']);
      await assertHistory(store, lost.id, ['executing', 'unknown', 'discarded']);
      assert.deepEqual(await scene.lease(), []);
    },
  },
  {
    name: 'an impossible filter retries and discards nothing',
    async run({ store }) {
      const scene = sceneOf(store);
      await oneOfEach(scene);
      const error = { code: 'X', message: 'x' };
      for (const where of [
        { jobs: { eventId: 'nonsense' } },
        { jobs: { destinationsIn: [] } },
      ] satisfies Where[]) {
        assert.deepEqual(await store.retry(where, { limit: 10 }), { count: 0, refs: [] });
        assert.deepEqual(await store.discard(where, { limit: 10, error }), { count: 0 });
      }
    },
  },
  {
    name: 'plan adds jobs to stored events and clears their plan error',
    async run({ store }) {
      const scene = sceneOf(store);
      const day = new Date(Date.now() - 86_400_000);
      const [planned, broken] = await scene.stored(
        scene.event({ receivedAt: day, jobs: [scene.job(), scene.job({ seq: 1 })] }),
        scene.event({ jobs: [], planError: 'a flow threw' }),
      );
      assert.ok(planned && broken);
      await settle(store, ...(await scene.lease()).map(succeeded));
      const refs = await store.plan([
        { eventId: planned.id, jobs: [scene.job({ data: { again: true } })] },
        { eventId: broken.id, jobs: [scene.job({ seq: 9 }), scene.job({ seq: 9, action: 'page' })] },
        { eventId: 'nonsense', jobs: [scene.job()] },
        { eventId: scene.event().id, jobs: [scene.job()] },
      ]);
      const expected = [`${planned.id}.2`, `${broken.id}.0`, `${broken.id}.1`].sort();
      assert.deepEqual(idsOf(refs).sort(), expected);
      assert.equal((await store.findEvent(broken.id))?.planError, undefined);
      const jobs = await scene.lease({ ref: at(refs, 0), actions: ['track', 'page'] });
      assert.deepEqual(ids(jobs), expected);
      const replayed = jobs.find(({ event }) => event.id === planned.id);
      assert.deepEqual(replayed?.data, { again: true });
      assert.ok(replayed.createdAt > day, 'its age counts from the replay');
      assert.deepEqual(await store.plan([]), []);
    },
  },
  {
    name: 'plan of one event from two sides numbers its jobs without a gap',
    async run({ store }) {
      const scene = sceneOf(store);
      const [event] = await scene.stored(scene.event({ jobs: [] }));
      const plan = [{ eventId: event?.id ?? '', jobs: [scene.job(), scene.job()] }];
      await Promise.all(Array.from({ length: 5 }, () => store.plan(plan)));
      const found = await store.findEvent(event?.id ?? '');
      assert.deepEqual(
        found?.jobs.map(({ seq }) => seq),
        Array.from({ length: 10 }, (_, seq) => seq),
      );
    },
  },
];
