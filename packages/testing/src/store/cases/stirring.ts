import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { at, discarded, failed, LONG_MS, sceneOf, settle, succeeded, type Scene } from '../scene.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Which of the scene's events stir, by their place among these, in the order of the answer. */
async function stirring(
  { store }: Scene,
  events: readonly { readonly id: string }[],
  o: { withinMs?: number; aheadMs?: number } = {},
): Promise<readonly number[]> {
  const found = await store.stirring({ withinMs: LONG_MS, aheadMs: 0, limit: 10_000, ...o });
  return found.map((id) => events.findIndex((event) => event.id === id)).filter((place) => place >= 0);
}

const oldEvents = (scene: Scene, count: number) =>
  scene.stored(
    ...Array.from({ length: count }, () => scene.event({ receivedAt: new Date(Date.now() - DAY_MS) })),
  );

export const stirringCases: readonly StoreContractCase[] = [
  {
    name: 'an event stirs while a job of it is delivered, and after a try that did not succeed, however old it is',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await oldEvents(scene, 4);
      assert.deepEqual(await stirring(scene, events), [], 'nothing has happened yet');
      const jobs = await scene.lease();
      assert.deepEqual([...(await stirring(scene, events))].sort(), [0, 1, 2, 3]);
      await settle(store, succeeded(at(jobs, 0)), discarded(at(jobs, 1)));
      await settle(store, failed(at(jobs, 2), { retryInMs: HOUR_MS }));
      await store.release([at(jobs, 3)]);
      assert.deepEqual(await stirring(scene, events), [2, 1], 'the latest first');
      await store.discard(
        { events: { idsIn: [at(events, 3).id] } },
        { limit: 9, error: { code: 'X', message: 'x' } },
      );
      assert.deepEqual(await stirring(scene, events), [3, 2, 1]);
      assert.deepEqual(await stirring(scene, events, { withinMs: 0 }), []);
    },
  },
  {
    name: 'an event stirs when the next try of a job comes soon',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await oldEvents(scene, 2);
      const [soon, later] = await scene.lease();
      assert.ok(soon && later);
      await settle(store, failed(soon, { retryInMs: HOUR_MS }), failed(later, { retryInMs: DAY_MS }));
      const ahead = (aheadMs: number) => stirring(scene, events, { withinMs: 0, aheadMs });
      assert.deepEqual(await ahead(LONG_MS), []);
      assert.deepEqual(await ahead(2 * HOUR_MS), [0]);
      assert.deepEqual([...(await ahead(2 * DAY_MS))].sort(), [0, 1]);
    },
  },
  {
    name: 'an event stirs when a job of it is retried or added, before any that merely fails',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = await oldEvents(scene, 4);
      const jobs = [...(await scene.lease({ limit: 3 })), ...(await scene.lease())];
      await settle(store, failed(at(jobs, 0), { retryInMs: HOUR_MS }), succeeded(at(jobs, 1)));
      await settle(store, failed(at(jobs, 2), { retryInMs: HOUR_MS }));
      assert.deepEqual(await stirring(scene, events), [2, 0, 3]);
      await store.plan([{ eventId: at(events, 1).id, jobs: [scene.job()] }]);
      assert.deepEqual(await stirring(scene, events), [1, 2, 0, 3]);
      await store.retry({ jobs: { idsIn: [at(jobs, 0).id] } }, { limit: 9 });
      await settle(store, failed(at(jobs, 3), { retryInMs: HOUR_MS }));
      assert.deepEqual(await stirring(scene, events), [0, 1, 3, 2]);
      assert.equal((await store.stirring({ withinMs: LONG_MS, aheadMs: 0, limit: 1 })).length, 1);
    },
  },
];
