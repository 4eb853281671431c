import assert from 'node:assert/strict';
import type { LeasedJob } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { waitFor } from '../../wait/wait-for.js';
import { assertHistory } from '../legal.js';
import {
  at,
  failed,
  ids,
  idsOf,
  LONG_MS,
  sceneOf,
  settle,
  SHORT_MS,
  succeeded,
  type Scene,
} from '../scene.js';

/** Leases everything shortly, and waits until the sweeper has taken it all back. */
async function loseAll(scene: Scene, o: Parameters<Scene['lease']>[0] = {}): Promise<readonly LeasedJob[]> {
  const jobs = await scene.lease({ leaseMs: SHORT_MS, ...o });
  await waitFor(async () => {
    await scene.store.expire();
    const records = await Promise.all(jobs.map(({ id }) => scene.record(id)));
    return records.every(({ status }) => status !== 'executing');
  });
  return jobs;
}

export const sweepCases: readonly StoreContractCase[] = [
  {
    name: 'expire makes the jobs of an ended lease failed and due at once',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      const job = await scene.leaseOne({ leaseMs: SHORT_MS });
      assert.equal(await waitFor(() => store.expire()), 1);
      const record = await scene.record(job.id);
      assert.deepEqual([record.status, record.lostLeases, record.attempt], ['failed', 1, 1]);
      assert.equal(record.lastError?.code, 'FRAGMENT_DELIVERY_LEASE_EXPIRED');
      assert.match(record.lastError.message, /lease expired/);
      assert.deepEqual(
        (await store.settle([succeeded(job)])).refused,
        [job.id],
        'the late result is refused',
      );
      const again = await scene.leaseOne();
      assert.deepEqual([again.id, again.attempt], [job.id, 2]);
      assert.notEqual(again.token, job.token);
      assert.deepEqual((await store.settle([succeeded(job)])).refused, [job.id]);
      await settle(store, succeeded(again));
      await assertHistory(store, job.id, ['executing', 'failed', 'executing', 'succeeded']);
    },
  },
  {
    name: 'expire touches neither running leases nor settled jobs',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event(), scene.event(), scene.event());
      const [running] = await scene.lease({ limit: 1, leaseMs: LONG_MS });
      const short = await scene.lease({ leaseMs: SHORT_MS });
      await settle(store, succeeded(at(short, 0)));
      await waitFor(async () => {
        await store.expire();
        return (await scene.record(at(short, 1).id)).status === 'failed';
      });
      assert.equal((await scene.record(at(short, 0).id)).status, 'succeeded');
      assert.equal((await scene.record(running?.id ?? '')).status, 'executing');
    },
  },
  {
    name: 'renew lengthens a lease and tells which ones were lost',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event(), scene.event());
      const renewed = at(await scene.lease({ limit: 1, leaseMs: 5_000 }), 0);
      assert.deepEqual(await store.renew([renewed.token], LONG_MS), []);
      assert.deepEqual(await store.renew([renewed.token], SHORT_MS), [], 'a renewal counts from now');
      assert.deepEqual(await store.renew([renewed.token], LONG_MS), []);
      const lost = at(await loseAll(scene), 0);
      assert.equal((await scene.record(renewed.id)).status, 'executing');
      const strange = '00000000-0000-4000-8000-000000000000';
      const told = await store.renew([renewed.token, lost.token, strange, 'nonsense'], LONG_MS);
      assert.deepEqual([...told].sort(), [lost.token, strange, 'nonsense'].sort());
      assert.deepEqual(await store.renew([], LONG_MS), []);
      await settle(store, succeeded(renewed));
    },
  },
  {
    name: 'a job that lost two leases runs alone, and is discarded at the fifth loss',
    async run({ store }) {
      const scene = sceneOf(store);
      const [mate, poison] = await scene.stored(scene.event(), scene.event());
      const ref = { destination: scene.destination, ids: [`${poison?.id ?? ''}.0`] };
      await loseAll(scene, { ref });
      await loseAll(scene, { ref });
      assert.deepEqual(await scene.lease({ ref }), [], 'no longer with others');
      assert.deepEqual(
        (await scene.lease({ limit: 1 })).map((job) => job.event.id),
        [mate?.id],
      );
      const alone = { ...ref, alone: true };
      for (let loss = 3; loss <= 5; loss++)
        assert.equal((await loseAll(scene, { ref: alone })).length, 1, `loss ${loss}`);
      const record = await scene.record(at(ref.ids, 0));
      assert.deepEqual([record.status, record.lostLeases, record.attempt], ['discarded', 5, 5]);
      assert.equal(record.lastError?.code, 'FRAGMENT_DELIVERY_WORKER_LOST');
      assert.match(record.lastError.message, /worker lost/);
      assert.deepEqual(await scene.lease({ ref: alone }), []);
      const lost = ['executing', 'failed'] as const;
      await assertHistory(store, record.id, [...lost, ...lost, ...lost, ...lost, 'executing', 'discarded']);
    },
  },
  {
    name: 'jobs to be run alone are listed apart and leased one at a time',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(...Array.from({ length: 3 }, () => scene.event()));
      for (let loss = 0; loss < 2; loss++) await loseAll(scene);
      const [fresh] = await scene.stored(scene.event());
      const refs = await store.due({ destination: scene.destination, limit: 100 });
      const alone = refs.filter((ref) => 'ids' in ref && ref.alone === true);
      assert.equal(idsOf(alone).length, 3);
      assert.deepEqual(idsOf(refs.filter((ref) => !alone.includes(ref))), [`${fresh?.id ?? ''}.0`]);
      assert.equal((await scene.lease({ ref: at(alone, 0) })).length, 1);
      assert.equal((await scene.lease()).length, 1);
    },
  },
  {
    name: 'a lost lease uses up no retry',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      await loseAll(scene);
      const job = await scene.leaseOne();
      assert.deepEqual([job.attempt, job.countedAttempts], [2, 0]);
    },
  },
  {
    name: 'release and a lost lease leave a failed job failed',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      await settle(store, failed(await scene.leaseOne()));
      const second = await scene.leaseOne();
      await store.release([second]);
      const record = await scene.record(second.id);
      assert.deepEqual([record.status, record.attempt], ['failed', 1]);
      await assertHistory(store, second.id, ['executing', 'failed']);
    },
  },
  {
    name: 'due lists the oldest due jobs of a destination, and nothing else',
    async run({ store }) {
      const scene = sceneOf(store);
      const hour = 3_600_000;
      const dueAt = (ms: number) => ({ jobs: [scene.job({ dueAt: new Date(Date.now() + ms) })] });
      const [late, early, middle] = await scene.stored(
        scene.event(dueAt(-hour)),
        scene.event(dueAt(-3 * hour)),
        scene.event(dueAt(-2 * hour)),
        scene.event(dueAt(hour)),
        scene.event({ jobs: [scene.job({ destination: `${scene.destination}-2` })] }),
      );
      const list = async (o: { limit: number; listSize?: number }) =>
        (await store.due({ destination: scene.destination, ...o })).map((ref) => idsOf([ref]));
      const id = (event: { id: string } | undefined) => `${event?.id ?? ''}.0`;
      assert.deepEqual(await list({ limit: 100 }), [[id(early), id(middle), id(late)]]);
      assert.deepEqual(await list({ limit: 2 }), [[id(early), id(middle)]]);
      assert.deepEqual(await list({ limit: 100, listSize: 2 }), [[id(early), id(middle)], [id(late)]]);
      await scene.leaseOne({ limit: 1, ref: { destination: scene.destination, ids: [id(early)] } });
      assert.deepEqual(await list({ limit: 100 }), [[id(middle), id(late)]], 'not what is running');
    },
  },
  {
    name: 'destinations names those with unfinished jobs',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(
        scene.event(),
        scene.event({ jobs: [scene.job({ destination: `${scene.destination}-2` })] }),
      );
      const named = async () =>
        (await store.destinations()).filter((name) => name.startsWith(scene.destination)).sort();
      assert.deepEqual(await named(), [scene.destination, `${scene.destination}-2`]);
      const job = await scene.leaseOne();
      assert.deepEqual(await named(), [scene.destination, `${scene.destination}-2`]);
      await settle(store, succeeded(job));
      assert.deepEqual(await named(), [`${scene.destination}-2`]);
    },
  },
  {
    name: 'discardOlder ends waiting jobs that are too old',
    async run({ store }) {
      const scene = sceneOf(store);
      const day = 86_400_000;
      const received = (ms: number) => ({ receivedAt: new Date(Date.now() - ms) });
      const [oldest, old, running, young] = await scene.stored(
        scene.event(received(5 * day)),
        scene.event(received(4 * day)),
        scene.event(received(6 * day)),
        scene.event(received(day)),
      );
      await scene.stored(scene.event({ ...received(5 * day), jobs: [scene.job({ action: 'page' })] }));
      const ref = (event: { id: string } | undefined) => ({
        destination: scene.destination,
        ids: [`${event?.id ?? ''}.0`],
      });
      await settle(store, failed(await scene.leaseOne({ ref: ref(old) }), { retryInMs: day }));
      await scene.leaseOne({ ref: ref(running) });
      const sweep = (limit: number) =>
        store.discardOlder({
          destination: scene.destination,
          actions: ['track'],
          before: new Date(Date.now() - 3 * day),
          error: { code: 'FRAGMENT_DELIVERY_MAX_AGE', message: 'too old' },
          limit,
        });
      assert.deepEqual([await sweep(1), await sweep(10), await sweep(10)], [1, 1, 0]);
      for (const event of [oldest, old]) {
        const record = await scene.record(`${event?.id ?? ''}.0`);
        assert.deepEqual([record.status, record.lastError?.code], ['discarded', 'FRAGMENT_DELIVERY_MAX_AGE']);
      }
      await assertHistory(store, `${old?.id ?? ''}.0`, ['executing', 'failed', 'discarded']);
      await assertHistory(store, `${oldest?.id ?? ''}.0`, ['discarded']);
      const left = await store.findJobs(
        { jobs: { destinationsIn: [scene.destination], statusNotIn: ['discarded'] } },
        {},
      );
      assert.equal(left.count, 3);
      assert.deepEqual(
        ids(left.items.filter(({ action }) => action === 'track')),
        [`${running?.id ?? ''}.0`, `${young?.id ?? ''}.0`].sort(),
      );
      // An operator who retries it wants it delivered: its age starts anew.
      await store.retry({ jobs: { eventId: oldest?.id ?? '' } }, { limit: 1 });
      assert.equal(await sweep(10), 0);
    },
  },
];
