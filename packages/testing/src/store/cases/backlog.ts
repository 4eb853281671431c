import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { at, discarded, failed, LONG_MS, sceneOf, settle, succeeded } from '../scene.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** What metrics and traces live on. */
export const backlogCases: readonly StoreContractCase[] = [
  {
    name: 'backlog counts what is not finished, and tells since when the oldest of it has been due',
    async run({ store }) {
      const scene = sceneOf(store);
      const { destination } = scene;
      const lane = async () => (await store.backlog()).lanes.find((each) => each.destination === destination);
      assert.equal(await lane(), undefined);
      const later = new Date(Date.now() + LONG_MS);
      await scene.stored(scene.event({ jobs: [scene.job({ dueAt: later })] }));
      assert.deepEqual(await lane(), { destination, jobs: 1 });
      await scene.stored(scene.event(), scene.event(), scene.event(), scene.event());
      assert.equal((await lane())?.jobs, 5);
      const due = (await lane())?.oldestDueAt;
      assert.ok(due && due.getTime() <= Date.now());

      const jobs = await scene.lease();
      assert.deepEqual(
        await lane(),
        { destination, jobs: 5 },
        'what runs is not finished, and no longer due',
      );
      await settle(store, succeeded(at(jobs, 0)), discarded(at(jobs, 1)));
      await settle(store, failed(at(jobs, 2), { retryInMs: LONG_MS }));
      assert.deepEqual(await lane(), { destination, jobs: 3 });
    },
  },
  {
    name: 'backlog counts the events whose planning failed',
    async run({ store }) {
      const scene = sceneOf(store);
      const { planErrors } = await store.backlog();
      const [broken] = await scene.stored(scene.event({ jobs: [], planError: 'FRAGMENT_PLAN_FAILED' }));
      assert.equal((await store.backlog()).planErrors, planErrors + 1);
      await store.plan([{ eventId: broken?.id ?? '', jobs: [] }]);
      assert.equal((await store.backlog()).planErrors, planErrors);
    },
  },
  {
    name: 'the traceparent of an event is with its jobs and in lists, and absent where there was none',
    async run({ store }) {
      const scene = sceneOf(store);
      const [traced, plain] = await scene.stored(scene.event({ traceparent: TRACEPARENT }), scene.event());
      const leased = new Map((await scene.lease()).map((job) => [job.event.id, job.event.traceparent]));
      assert.deepEqual([leased.get(traced?.id ?? ''), leased.get(plain?.id ?? '')], [TRACEPARENT, undefined]);
      assert.equal((await store.findEvent(traced?.id ?? ''))?.traceparent, TRACEPARENT);
      assert.ok(!('traceparent' in ((await store.findEvent(plain?.id ?? '')) ?? {})));
    },
  },
];
