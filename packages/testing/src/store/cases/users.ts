import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { PlannedEvent, Store, Where } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { at, discarded, eventId, failed, ids, sceneOf, settle, succeeded, type Scene } from '../scene.js';

/** Somebody no other case knows. */
function person(scene: Scene) {
  const name = eventId();
  const userId = `user-${name}`;
  const anonymousId = `device-${name}`;
  const of = (fields: Partial<PlannedEvent>): PlannedEvent =>
    scene.event({ messageId: `message-${eventId()}`, ...fields });
  return { userId, anonymousId, of };
}

const ofSource = (scene: Scene): Where => ({ events: { sourcesIn: [scene.source] } });

/** Somebody with five jobs, among others: of four something of their tries is kept, of the last that succeeded too. */
async function crowd(store: Store) {
  const scene = sceneOf(store);
  const { userId, anonymousId, of } = person(scene);
  const other = person(scene);
  const parent = scene.event({ jobs: [], parent: true, type: 'batch' });
  const mixed = scene.event({ jobs: [], parent: true, type: 'batch' });
  const theirs = [
    of({ userId, anonymousId }),
    of({ anonymousId }),
    of({ userId, parentEventId: parent.id }),
    of({ userId, parentEventId: mixed.id }),
    of({ userId: other.userId, type: 'alias', data: JSON.stringify({ previousId: userId }) }),
  ];
  const others = [
    of({ userId: other.userId, anonymousId, data: '{"shares":"the device"}' }),
    of({ userId: `${userId}-not`, parentEventId: mixed.id }),
  ];
  await scene.stored(parent, mixed, ...theirs, ...others);
  const jobs = await scene.lease();
  const exchange = { status: 200, request: userId, response: userId };
  await settle(store, ...jobs.slice(0, 2).map((job) => failed(job)), discarded(at(jobs, 2)), {
    ...succeeded(at(jobs, 3)),
    exchange,
  });
  const rejection = {
    source: scene.source,
    trigger: 'http',
    receivedAt: new Date(),
    code: 'X',
    message: 'x',
  };
  await store.reject([
    { ...rejection, data: JSON.stringify({ userId }) },
    { ...rejection, data: '{"userId":"other"}' },
  ]);
  return { scene, userId, mixed, others, jobs };
}

export const userCases: readonly StoreContractCase[] = [
  {
    name: 'a user is found by user id or anonymous id, with what was seen of them',
    async run({ store }) {
      const scene = sceneOf(store);
      const { userId, anonymousId, of } = person(scene);
      const first = new Date(Date.now() - 60_000);
      await scene.stored(of({ anonymousId, receivedAt: first }), of({ userId, anonymousId }), of({ userId }));
      const byUser = await store.findUser(userId);
      assert.deepEqual(
        [byUser?.userId, byUser?.anonymousIds, byUser?.events, byUser?.eventsIsCapped],
        [userId, [anonymousId], 2, false],
      );
      const byDevice = await store.findUser(anonymousId);
      assert.deepEqual([byDevice?.userId, byDevice?.events, byDevice?.firstSeenAt], [userId, 2, first]);
      assert.equal(await store.findUser(`nobody-${userId}`), undefined);
    },
  },
  {
    name: 'erase deletes everything of one user and nothing of others',
    async run({ store }) {
      const { scene, userId, mixed, others } = await crowd(store);
      const receipt = await store.erase(userId, { actor: 'jane' });
      assert.deepEqual([receipt.events, receipt.jobs, receipt.keys, receipt.rejections], [6, 5, 5, 1]);
      assert.equal(receipt.attempts, 4);
      assert.deepEqual(ids((await store.findEvents(ofSource(scene), {})).items), ids([mixed, ...others]));
      assert.equal((await store.findJobs(ofSource(scene), {})).items.length, 2);
      assert.equal(await store.findUser(userId), undefined);
      const rejections = (await store.findRejections({ limit: 500 })).items;
      const own = rejections.filter(({ source }) => source === scene.source);
      assert.deepEqual(
        own.map(({ data }) => data),
        ['{"userId":"other"}'],
      );
      const again = await store.erase(userId, { actor: 'jane' });
      assert.deepEqual([again.events, again.jobs], [0, 0]);
    },
  },
  {
    name: 'erase leaves a receipt that does not name whom it was about',
    async run({ store }) {
      const { userId } = await crowd(store);
      const receipt = await store.erase(userId, { actor: 'jane' });
      const subject = createHash('sha256').update(userId).digest('hex');
      assert.deepEqual([receipt.actor, receipt.subject], ['jane', subject]);
      assert.doesNotMatch(JSON.stringify(receipt), new RegExp(userId));
      const { items } = await store.findErasures({ limit: 500 });
      assert.deepEqual(
        items.filter(({ id }) => id === receipt.id),
        [receipt],
      );
    },
  },
  {
    name: 'what runs when its user is erased is settled by nobody',
    async run({ store }) {
      const { userId, jobs } = await crowd(store);
      await store.erase(userId, { actor: 'jane' });
      const running = [at(jobs, 4)];
      const { refused } = await store.settle(running.map(succeeded));
      assert.deepEqual([...refused].sort(), ids(running));
    },
  },
  {
    name: 'what was erased may be sent again: its key is gone with it',
    async run({ store }) {
      const scene = sceneOf(store);
      const { userId, of } = person(scene);
      const event = of({ userId });
      await scene.stored(event);
      await store.erase(userId, { actor: 'jane' });
      await scene.stored({ ...event, id: eventId() });
    },
  },
];
