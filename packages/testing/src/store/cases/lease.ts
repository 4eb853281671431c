import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { ACTION, at, HIGHEST_ID, ids, LOWEST_ID, sceneOf, succeeded, withSecond } from '../scene.js';

export const leaseCases: readonly StoreContractCase[] = [
  {
    name: 'lease gives a job with its event, its first attempt and a lasting key',
    async run({ store }) {
      const scene = sceneOf(store);
      const event = scene.event({
        messageId: 'message-1',
        userId: 'user-1',
        jobs: [scene.job({ version: '3', data: { frozen: true } })],
      });
      const unkeyed = scene.event();
      await scene.stored(event, unkeyed);
      const jobs = await scene.lease();
      assert.equal(jobs.length, 2);
      const job = at(jobs, 0);
      assert.equal(job.id, `${event.id}.0`);
      assert.equal(job.destination, scene.destination);
      assert.equal(job.action, ACTION);
      assert.equal(job.version, '3');
      assert.deepEqual(job.data, { frozen: true });
      assert.deepEqual([job.attempt, job.countedAttempts, job.depth, job.parentJobId], [1, 0, 0, undefined]);
      assert.equal(job.idempotencyKey, `message-1:${event.id}.0`);
      assert.deepEqual(job.createdAt, event.receivedAt);
      const { jobs: planned, ...fields } = event;
      assert.equal(planned.length, 1);
      assert.deepEqual(job.event, fields);
      assert.equal(at(jobs, 1).idempotencyKey, `${unkeyed.id}:${unkeyed.id}.0`);
      const record = await scene.record(job.id);
      assert.equal(record.status, 'executing');
      assert.ok(record.startedAt);
    },
  },
  {
    name: 'lease takes the oldest first, and no more than the limit',
    async run({ store }) {
      const scene = sceneOf(store);
      const events = Array.from({ length: 7 }, () => scene.event());
      await scene.stored(...events.toReversed());
      const taken = [
        await scene.lease({ limit: 3 }),
        await scene.lease({ limit: 3 }),
        await scene.lease({ limit: 3 }),
      ];
      assert.deepEqual(
        taken.map((jobs) => jobs.map((job) => job.event.id)),
        [events.slice(0, 3), events.slice(3, 6), events.slice(6)].map((list) => list.map(({ id }) => id)),
      );
      assert.deepEqual(await scene.lease({ limit: 3 }), []);
    },
  },
  {
    name: 'lease takes what the reference points at: a destination, its actions, a range or ids',
    async run({ store }) {
      const scene = sceneOf(store);
      const [first, second, third] = await scene.stored(
        scene.event({
          jobs: [
            scene.job(),
            scene.job({ seq: 1, action: 'page' }),
            scene.job({ seq: 2, destination: `${scene.destination}-2` }),
          ],
        }),
        scene.event(),
        scene.event(),
      );
      assert.ok(first && second && third);
      const { destination } = scene;
      const range = await scene.lease({ ref: { destination, from: first.id, to: second.id } });
      assert.deepEqual(ids(range), [`${first.id}.0`, `${second.id}.0`].sort());
      const listed = await scene.lease({
        ref: { destination, ids: [`${third.id}.0`, `${first.id}.0`, `${first.id}.2`] },
      });
      assert.deepEqual(ids(listed), [`${third.id}.0`]);
      assert.equal((await scene.leaseOne({ actions: ['page', 'screen'] })).id, `${first.id}.1`);
      assert.deepEqual(await scene.lease({ actions: [] }), []);
      const elsewhere = await scene.leaseOne({
        ref: { destination: `${destination}-2`, from: LOWEST_ID, to: HIGHEST_ID },
      });
      assert.equal(elsewhere.id, `${first.id}.2`);
    },
  },
  {
    name: 'lease survives references that point nowhere',
    async run({ store }) {
      const scene = sceneOf(store);
      const [event] = await scene.stored(scene.event());
      const { destination } = scene;
      for (const refIds of [
        [],
        ['nonsense'],
        [`${event?.id ?? ''}.99999`],
        [`${event?.id ?? ''}.-1`],
        ["';--.0"],
      ]) {
        assert.deepEqual(await scene.lease({ ref: { destination, ids: refIds } }), []);
      }
      assert.deepEqual(await scene.lease({ ref: { destination, from: 'a', to: 'b' } }), []);
      assert.deepEqual(await scene.lease({ ref: { destination, from: HIGHEST_ID, to: LOWEST_ID } }), []);
    },
  },
  {
    name: 'lease never gives one job to two callers',
    async run({ store, newStore }) {
      const scene = sceneOf(store);
      const events = await scene.stored(...Array.from({ length: 200 }, () => scene.event()));
      await withSecond(newStore, async (second) => {
        const leases = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            (i % 2 === 0 ? store : second).lease({
              ref:
                i < 5
                  ? scene.everything
                  : { destination: scene.destination, ids: events.map(({ id }) => `${id}.0`) },
              actions: [ACTION],
              limit: 60,
              leaseMs: 60_000,
            }),
          ),
        );
        const taken = [...leases.flat(), ...(await scene.lease())];
        assert.deepEqual(ids(taken), events.map(({ id }) => `${id}.0`).sort());
        const tokens = leases.map((jobs) => new Set(jobs.map(({ token }) => token)));
        for (const own of tokens) assert.ok(own.size <= 1, 'one lease has one token');
        // What each got is its own: the settlements of both processes are taken.
        const results = await Promise.all(
          leases.map((jobs, i) => (i % 2 === 0 ? store : second).settle(jobs.map(succeeded))),
        );
        for (const { refused } of results) assert.deepEqual(refused, []);
      });
    },
  },
  {
    name: 'release gives jobs back as they were, and the attempt is not counted',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event(), scene.event());
      const jobs = await scene.lease();
      const [kept, given] = [at(jobs, 0), at(jobs, 1)];
      await store.release([given, { id: 'nonsense', token: 'nonsense' }]);
      const record = await scene.record(given.id);
      assert.deepEqual([record.status, record.attempt], ['awaiting', 0]);
      assert.equal((await scene.record(kept.id)).status, 'executing');
      const again = await scene.leaseOne();
      assert.deepEqual([again.id, again.attempt], [given.id, 1]);
      assert.deepEqual(
        (await store.settle([succeeded(given)])).refused,
        [given.id],
        'the old token is stale',
      );
      await store.release([given]);
      assert.equal((await scene.record(given.id)).status, 'executing', 'a stale token releases nothing');
    },
  },
];
