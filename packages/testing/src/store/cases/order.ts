import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { waitFor } from '../../wait/wait-for.js';
import { at, failed, sceneOf, settle, succeeded, type Scene } from '../scene.js';

const ordered = { ordered: true, orderBlockMs: 600_000 } as const;

const eventsOf = (scene: Scene, keys: readonly (bigint | undefined)[]) =>
  keys.map((orderKey) => scene.event({ jobs: [scene.job(orderKey === undefined ? {} : { orderKey })] }));

export const orderCases: readonly StoreContractCase[] = [
  {
    name: 'an ordered lease takes only the oldest unfinished job of a key',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await scene.stored(...eventsOf(scene, [1n, 2n, 1n, undefined, 1n, undefined]));
      const first = await scene.lease(ordered);
      assert.deepEqual(
        first.map((job) => events.findIndex(({ id }) => id === job.event.id)),
        [0, 1, 3, 5],
      );
      assert.deepEqual(await scene.lease(ordered), [], 'one that runs holds the others back');
      await settle(store, succeeded(at(first, 0)));
      const [second] = await scene.lease(ordered);
      assert.equal(second?.event.id, at(events, 2).id);
      assert.ok(second);
      await settle(store, succeeded(second));
      assert.equal((await scene.leaseOne(ordered)).event.id, at(events, 4).id);
    },
  },
  {
    name: 'an ordered lease by ids keeps the order too',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await scene.stored(...eventsOf(scene, [7n, 7n]));
      const { destination } = scene;
      const ref = (index: number) => ({ destination, ids: [`${at(events, index).id}.0`] });
      assert.deepEqual(await scene.lease({ ...ordered, ref: ref(1) }), []);
      await scene.leaseOne({ ...ordered, ref: ref(0) });
    },
  },
  {
    name: 'a waiting retry blocks its key, but not for longer than it may',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await scene.stored(...eventsOf(scene, [5n, 5n, 5n]));
      await settle(store, failed(await scene.leaseOne(ordered), { retryInMs: 600_000 }));
      assert.deepEqual(await scene.lease(ordered), []);
      const passed = await waitFor(async () => {
        const jobs = await scene.lease({ ordered: true, orderBlockMs: 30 });
        return jobs.length > 0 ? jobs : undefined;
      });
      assert.deepEqual(
        passed.map((job) => job.event.id),
        [at(events, 1).id],
      );
    },
  },
  {
    name: 'an unordered lease knows no keys',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(...eventsOf(scene, [5n, 5n, 5n]));
      assert.equal((await scene.lease()).length, 3);
    },
  },
];
