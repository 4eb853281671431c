import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { PlannedEvent, Where } from '@fragment/core';
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
    name: 'erase deletes everything of one user and nothing of others, and leaves a receipt',
    async run({ store }) {
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
      await settle(store, ...jobs.slice(0, 2).map((job) => failed(job)), discarded(at(jobs, 2)));
      await store.reject([
        {
          source: scene.source,
          trigger: 'http',
          receivedAt: new Date(),
          code: 'X',
          message: 'x',
          data: JSON.stringify({ userId }),
        },
        {
          source: scene.source,
          trigger: 'http',
          receivedAt: new Date(),
          code: 'X',
          message: 'x',
          data: '{"userId":"other"}',
        },
      ]);

      const receipt = await store.erase(userId, { actor: 'jane' });
      assert.deepEqual(
        [receipt.actor, receipt.subject, receipt.events, receipt.jobs, receipt.keys, receipt.rejections],
        ['jane', createHash('sha256').update(userId).digest('hex'), 6, 5, 5, 1],
      );
      assert.equal(receipt.attempts, 3);
      const left = (await store.findEvents(ofSource(scene), {})).items;
      assert.deepEqual(ids(left), ids([mixed, ...others]));
      assert.deepEqual(ids((await store.findJobs(ofSource(scene), {})).items).length, 2);
      assert.equal(await store.findUser(userId), undefined);
      const rejections = (await store.findRejections({ limit: 500 })).items.filter(
        (r) => r.source === scene.source,
      );
      assert.deepEqual(
        rejections.map(({ data }) => data),
        ['{"userId":"other"}'],
      );
      assert.deepEqual(
        (await store.findErasures({ limit: 500 })).items.filter(({ id }) => id === receipt.id),
        [receipt],
      );
      assert.doesNotMatch(JSON.stringify(receipt), new RegExp(userId));

      // What ran when they were erased is settled by nobody, and its lease ends without a trace.
      const { refused } = await store.settle(jobs.slice(3, 5).map(succeeded));
      assert.deepEqual([...refused].sort(), ids(jobs.slice(3, 5)));
      const again = await store.erase(userId, { actor: 'jane' });
      assert.deepEqual([again.events, again.jobs], [0, 0]);
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
