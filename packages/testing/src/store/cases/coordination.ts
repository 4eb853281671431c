import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { waitFor } from '../../wait/wait-for.js';
import { at, LONG_MS, sceneOf, SHORT_MS, withSecond } from '../scene.js';

export const coordinationCases: readonly StoreContractCase[] = [
  {
    name: 'setLane writes the whole row, which every process sees',
    async run({ store, newStore }) {
      const { destination } = sceneOf(store);
      const until = new Date('2026-05-01T12:00:00.500Z');
      assert.equal(
        await store.setLane({ destination, state: 'tripped', reason: 'errors', until, failures: 3 }),
        true,
      );
      await withSecond(newStore, async (second) => {
        const own = async () => (await second.lanes()).filter((lane) => lane.destination === destination);
        const { updatedAt, ...lane } = at(await own(), 0);
        assert.deepEqual(lane, { destination, state: 'tripped', reason: 'errors', until, failures: 3 });
        assert.ok(updatedAt instanceof Date);
        await store.setLane({ destination, state: 'open', failures: 0 });
        const { updatedAt: later, ...open } = at(await own(), 0);
        assert.deepEqual(open, { destination, state: 'open', failures: 0 });
        assert.ok(later >= updatedAt);
      });
    },
  },
  {
    name: 'setLane writes only over the state that is expected; an absent row counts as open',
    async run({ store, newStore }) {
      const { destination } = sceneOf(store);
      const row = { destination, failures: 1 };
      assert.equal(await store.setLane({ ...row, state: 'held' }, { expect: 'tripped' }), false);
      assert.equal(
        (await store.lanes()).some((lane) => lane.destination === destination),
        false,
      );
      await withSecond(newStore, async (second) => {
        const both = await Promise.all([
          store.setLane({ ...row, state: 'held', reason: 'first' }, { expect: 'open' }),
          second.setLane({ ...row, state: 'tripped', reason: 'second' }, { expect: 'open' }),
        ]);
        assert.deepEqual(both.toSorted(), [false, true]);
        const lane = at(
          (await second.lanes()).filter((l) => l.destination === destination),
          0,
        );
        assert.equal(lane.state, both[0] ? 'held' : 'tripped');
        assert.equal(await second.setLane({ ...row, state: 'open' }, { expect: lane.state }), true);
      });
    },
  },
  {
    name: 'lock is held by one process at a time, until it is given back',
    async run({ store, newStore }) {
      const name = sceneOf(store).source;
      await withSecond(newStore, async (second) => {
        const both = await Promise.all([store.lock(name, LONG_MS), second.lock(name, LONG_MS)]);
        const held = both.filter((lock) => lock !== undefined);
        assert.equal(held.length, 1);
        assert.ok(await second.lock(`${name}-2`, LONG_MS), 'another name is another lock');
        assert.equal(await at(held, 0).renew(LONG_MS), true);
        await at(held, 0).release();
        const next = await second.lock(name, LONG_MS);
        assert.ok(next);
        assert.equal(await at(held, 0).renew(LONG_MS), false);
        await at(held, 0).release();
        assert.equal(await next.renew(LONG_MS), true, 'releasing twice takes it from nobody');
      });
    },
  },
  {
    name: 'lock ends by itself',
    async run({ store }) {
      const name = sceneOf(store).source;
      const first = await store.lock(name, SHORT_MS);
      assert.ok(first);
      const next = await waitFor(() => store.lock(name, LONG_MS));
      assert.equal(await first.renew(LONG_MS), false);
      assert.equal(await next.renew(LONG_MS), true);
    },
  },
];
