import assert from 'node:assert/strict';
import type { PlannedEvent } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { at, sceneOf, type Scene } from '../scene.js';

const ENVELOPE = '{"context":{"library":{"name":"test"}}}';

/** A batch as it is planned: its parent first. */
function family(scene: Scene, items: readonly Partial<PlannedEvent>[]): PlannedEvent[] {
  const parent = scene.event({ type: 'batch', parent: true, jobs: [], envelope: ENVELOPE });
  return [parent, ...items.map((item) => scene.event({ parentEventId: parent.id, ...item }))];
}

const outcomesOf = async (scene: Scene, events: readonly PlannedEvent[]): Promise<string[]> =>
  (await scene.store.append(events)).map(({ outcome }) => outcome);

export const familyCases: readonly StoreContractCase[] = [
  {
    name: "append stores a batch's parent with its items, which read its envelope",
    async run({ store }) {
      const scene = sceneOf(store);
      const own = '{"context":{"own":true}}';
      const events = family(scene, [{ messageId: 'one' }, { envelope: own }]);
      assert.deepEqual(await outcomesOf(scene, events), ['stored', 'stored', 'stored']);
      const items = await store.findEvents({ events: { parentEventId: at(events, 0).id } }, {});
      assert.deepEqual(
        new Map(items.items.map(({ id, envelope }) => [id, envelope])),
        new Map([
          [at(events, 1).id, ENVELOPE],
          [at(events, 2).id, own],
        ]),
      );
      for (const { event } of await scene.lease())
        assert.equal(event.envelope, event.id === at(events, 1).id ? ENVELOPE : own);
      assert.equal((await store.findEvent(at(events, 0).id))?.jobs.length, 0);
    },
  },
  {
    name: 'append skips the parent of a batch of which nothing is new',
    async run({ store }) {
      const scene = sceneOf(store);
      await outcomesOf(scene, family(scene, [{ messageId: 'one' }, { messageId: 'two' }]));
      const again = family(scene, [{ messageId: 'one' }, { messageId: 'two' }]);
      assert.deepEqual(await outcomesOf(scene, again), ['skipped', 'duplicate', 'duplicate']);
      assert.equal(await store.findEvent(at(again, 0).id), undefined);
      const partly = family(scene, [{ messageId: 'two' }, { messageId: 'three' }]);
      assert.deepEqual(await outcomesOf(scene, partly), ['stored', 'duplicate', 'stored']);
      assert.deepEqual(await outcomesOf(scene, family(scene, [])), ['skipped']);
    },
  },
  {
    name: "append keeps a batch together when some of its items can't be stored",
    async run({ store, unstorable }) {
      const scene = sceneOf(store);
      const broken = (events: PlannedEvent[], index: number): PlannedEvent[] =>
        events.map((event, i) => (i === index ? unstorable(event) : event));
      const some = broken(family(scene, [{}, { messageId: 'one' }, {}]), 1);
      const none = broken(family(scene, [{ messageId: 'two' }]), 1);
      const whole = family(scene, [{ messageId: 'three' }]);
      assert.deepEqual(await outcomesOf(scene, [...some, scene.event(), ...none, ...whole]), [
        ...['stored', 'refused', 'stored', 'stored'],
        'stored',
        ...['skipped', 'refused'],
        ...['stored', 'stored'],
      ]);
      assert.equal(await store.findEvent(at(none, 0).id), undefined);
    },
  },
  {
    name: "append refuses a batch's items with a parent that can't be stored",
    async run({ store, unstorable }) {
      const scene = sceneOf(store);
      const [parent, ...items] = family(scene, [{ messageId: 'one' }, {}]);
      assert.ok(parent);
      assert.deepEqual(await outcomesOf(scene, [unstorable(parent), ...items, scene.event()]), [
        'refused',
        'refused',
        'refused',
        'stored',
      ]);
      assert.equal((await store.findEvents({ events: { sourcesIn: [scene.source] } }, {})).count, 1);
    },
  },
];
