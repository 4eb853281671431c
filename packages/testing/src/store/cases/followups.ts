import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { at, discarded, failed, idsOf, sceneOf, settle, succeeded } from '../scene.js';

export const followupCases: readonly StoreContractCase[] = [
  {
    name: 'settle writes the follow-ups of a result once',
    async run({ store }) {
      const scene = sceneOf(store);
      const other = `${scene.destination}-2`;
      const [event] = await scene.stored(
        scene.event({ jobs: [scene.job(), scene.job({ seq: 1, action: 'page' })] }),
      );
      const parent = await scene.leaseOne();
      const settlement = {
        ...succeeded(parent),
        followups: [
          { action: 'follow', data: { of: 'one' } },
          { destination: other, action: 'copy' },
        ],
      };
      const { followups, refused } = await store.settle([settlement]);
      assert.deepEqual(refused, []);
      assert.deepEqual(idsOf(followups).sort(), [`${event?.id ?? ''}.2`, `${event?.id ?? ''}.3`]);
      const repeated = await store.settle([settlement]);
      assert.deepEqual([repeated.refused, repeated.followups], [[parent.id], []]);
      const [follow, copy] = [
        await scene.leaseOne({ actions: ['follow'] }),
        await scene.leaseOne({
          actions: ['copy'],
          ref: at(
            followups.filter((ref) => ref.destination === other),
            0,
          ),
        }),
      ];
      assert.deepEqual(
        [follow.parentJobId, follow.depth, follow.data, follow.attempt],
        [parent.id, 1, { of: 'one' }, 1],
      );
      assert.deepEqual([copy.parentJobId, copy.depth, copy.data], [parent.id, 1, undefined]);
      assert.equal((await scene.record(follow.id)).parentJobId, parent.id);
      assert.equal((await store.findEvent(event?.id ?? ''))?.jobs.length, 4);
    },
  },
  {
    name: 'settle writes the follow-ups of a failure at the first failure only',
    async run({ store }) {
      const scene = sceneOf(store);
      const [event] = await scene.stored(scene.event());
      for (const outcome of ['failed', 'unknown', 'failed'] as const) {
        const job = await scene.leaseOne();
        await settle(store, { ...failed(job, { outcome }), followups: [{ action: 'alarm' }] });
      }
      assert.equal((await store.findEvent(event?.id ?? ''))?.jobs.length, 2);
      await settle(store, { ...discarded(await scene.leaseOne()), followups: [{ action: 'give-up' }] });
      const found = await store.findEvent(event?.id ?? '');
      assert.deepEqual(
        found?.jobs.map(({ action }) => action),
        ['track', 'alarm', 'give-up'],
      );
    },
  },
  {
    name: 'settle numbers the follow-ups of concurrent results of one event',
    async run({ store }) {
      const scene = sceneOf(store);
      const jobs = Array.from({ length: 8 }, (_, seq) => scene.job({ seq }));
      const [event] = await scene.stored(scene.event({ jobs }));
      const leased = await scene.lease();
      await Promise.all(
        leased.map((job) =>
          settle(store, { ...succeeded(job), followups: [{ action: 'follow' }, { action: 'follow' }] }),
        ),
      );
      const found = await store.findEvent(event?.id ?? '');
      assert.deepEqual(
        found?.jobs.map(({ seq }) => seq),
        Array.from({ length: 24 }, (_, seq) => seq),
      );
    },
  },
  {
    name: 'settle ends a chain of follow-ups at the eighth',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      for (let depth = 0; depth <= 8; depth++) {
        const job = await scene.leaseOne();
        assert.equal(job.depth, depth);
        const { followups, refused } = await store.settle([
          { ...succeeded(job), followups: [{ action: 'track' }] },
        ]);
        assert.deepEqual(refused, []);
        assert.equal(idsOf(followups).length, depth < 8 ? 1 : 0);
        assert.equal((await scene.record(job.id)).status, 'succeeded');
      }
      assert.deepEqual(await scene.lease(), []);
    },
  },
];
