import assert from 'node:assert/strict';
import type { StoreContractCase } from '../case.js';
import { assertHistory } from '../legal.js';
import { at, discarded, failed, ids, sceneOf, settle, succeeded } from '../scene.js';

export const settleCases: readonly StoreContractCase[] = [
  {
    name: 'settle ends a job that succeeded',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      const job = await scene.leaseOne();
      assert.deepEqual(await store.settle([succeeded(job)]), { refused: [], retries: [], followups: [] });
      const record = await scene.record(job.id);
      assert.equal(record.status, 'succeeded');
      assert.equal(record.lastError, undefined);
      assert.ok(record.finishedAt && record.startedAt && record.finishedAt >= record.startedAt);
      await assertHistory(store, job.id, ['executing', 'succeeded']);
      assert.deepEqual(await scene.lease(), []);
    },
  },
  {
    name: 'settle counts failures and tells when they are due again',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      const first = await scene.leaseOne();
      const before = (await scene.record(first.id)).startedAt?.getTime() ?? 0;
      const { retries } = await store.settle([failed(first, { retryInMs: 3_600_000 })]);
      const retry = at(retries, 0);
      assert.deepEqual([retry.destination, retry.ids], [scene.destination, [first.id]]);
      const wait = retry.dueAt.getTime() - before;
      assert.ok(wait >= 3_600_000 && wait < 3_660_000, `due in an hour, not in ${wait} ms`);
      const record = await scene.record(first.id);
      assert.deepEqual([record.status, record.attempt], ['failed', 1]);
      assert.deepEqual(record.dueAt, retry.dueAt);
      assert.deepEqual(record.lastError, {
        code: 'VENDOR_BUSY',
        message: 'The vendor is busy.',
        status: 503,
      });
      assert.equal(record.finishedAt, undefined);
      assert.deepEqual(await scene.lease(), []);
    },
  },
  {
    name: 'settle counts no retry for a failure that says so',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      const counted: number[][] = [];
      for (const countsAsAttempt of [true, false, false, true]) {
        const job = await scene.leaseOne();
        counted.push([job.attempt, job.countedAttempts]);
        await settle(store, failed(job, { countsAsAttempt }));
      }
      const last = await scene.leaseOne();
      counted.push([last.attempt, last.countedAttempts]);
      assert.deepEqual(counted, [
        [1, 0],
        [2, 1],
        [3, 1],
        [4, 1],
        [5, 2],
      ]);
    },
  },
  {
    name: 'settle keeps the whole history of a job, with what went over the wire',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      const first = await scene.leaseOne();
      await settle(store, {
        ...failed(first),
        outcome: 'failed',
        error: {
          code: 'VENDOR_BUSY',
          message: 'a\0b',
          status: 503,
          request: 'PUT /\ud800',
          response: `\0${'x'.repeat(20_000)}`,
        },
        retryInMs: 0,
        countsAsAttempt: true,
      });
      await settle(store, failed(await scene.leaseOne(), { outcome: 'unknown', code: 'NO_RESULT' }));
      assert.equal((await scene.record(first.id)).status, 'unknown');
      await settle(store, succeeded(await scene.leaseOne()));
      const history = await assertHistory(store, first.id, [
        'executing',
        'failed',
        'executing',
        'unknown',
        'executing',
        'succeeded',
      ]);
      assert.deepEqual(
        history.map(({ attempt }) => attempt),
        [0, 0, 1, 1, 2, 2, 3, 3],
      );
      const { error } = at(history, 3);
      assert.deepEqual(
        [error?.code, error?.message, error?.status, error?.request],
        ['VENDOR_BUSY', 'a\uFFFDb', 503, 'PUT /\uFFFD'],
      );
      assert.ok((error?.response?.length ?? 0) <= 4096 && error?.response?.startsWith('\uFFFDx'));
      assert.equal(at(history, 5).error?.code, 'NO_RESULT');
      const times = history.slice(2).map(({ createdAt }) => createdAt.getTime());
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    },
  },
  {
    name: 'settle keeps what went over the wire for a job that succeeded, where it is given',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event(), scene.event(), scene.event());
      const jobs = await scene.lease();
      const [first, plain, bare] = [at(jobs, 0), at(jobs, 1), at(jobs, 2)];
      await settle(store, failed(first), succeeded(plain), { ...succeeded(bare), exchange: { status: 204 } });
      const exchange = { status: 201, request: 'PUT /\ud800\0', response: `\0${'x'.repeat(20_000)}` };
      await settle(store, { ...succeeded(await scene.leaseOne()), exchange });
      const history = await assertHistory(store, first.id, ['executing', 'failed', 'executing', 'succeeded']);
      assert.deepEqual(
        history.map(({ attempt }) => attempt),
        [0, 0, 1, 1, 2, 2],
      );
      const last = at(history, -1);
      assert.deepEqual([last.exchange?.status, last.exchange?.request], [201, 'PUT /\uFFFD\uFFFD']);
      assert.ok((last.exchange?.response?.length ?? 0) <= 4096);
      assert.ok(last.exchange?.response?.startsWith('\uFFFDx'));
      assert.equal(last.error, undefined);
      assert.deepEqual(last.createdAt, (await scene.record(first.id)).finishedAt);
      assert.deepEqual(
        history.slice(0, -1).map((transition) => transition.exchange),
        Array.from({ length: 5 }, () => undefined),
      );
      const exchangeOf = async (id: string) =>
        at(await assertHistory(store, id, ['executing', 'succeeded']), -1).exchange;
      assert.deepEqual([await exchangeOf(plain.id), await exchangeOf(bare.id)], [undefined, { status: 204 }]);
    },
  },
  {
    name: 'settle ends a job that was discarded',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event());
      const job = await scene.leaseOne();
      await settle(store, discarded(job));
      const record = await scene.record(job.id);
      assert.deepEqual([record.status, record.lastError?.code], ['discarded', 'VENDOR_REFUSED']);
      assert.ok(record.finishedAt);
      await assertHistory(store, job.id, ['executing', 'discarded']);
    },
  },
  {
    name: 'settle refuses a stale or unknown token and writes nothing of it',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(...Array.from({ length: 4 }, () => scene.event()));
      const jobs = await scene.lease();
      const [done, wrong, sound, twice] = [at(jobs, 0), at(jobs, 1), at(jobs, 2), at(jobs, 3)];
      await settle(store, succeeded(done));
      const result = await store.settle([
        failed(done),
        discarded({ ...wrong, token: '00000000-0000-4000-8000-000000000000' }),
        failed(sound, { retryInMs: 60_000 }),
        discarded({ id: 'nonsense', token: 'nonsense', attempt: 1 }),
        succeeded(twice),
        discarded(twice),
      ]);
      assert.deepEqual([...result.refused].sort(), [done.id, wrong.id, 'nonsense', twice.id].sort());
      assert.deepEqual(
        result.retries.map((retry) => retry.ids),
        [[sound.id]],
      );
      assert.equal((await scene.record(done.id)).status, 'succeeded');
      assert.equal((await scene.record(wrong.id)).status, 'executing');
      assert.equal((await scene.record(twice.id)).status, 'succeeded');
      await assertHistory(store, done.id, ['executing', 'succeeded']);
      await settle(store, succeeded(wrong));
    },
  },
  {
    name: 'settle refuses the token of a lease that another one followed',
    async run({ store }) {
      const scene = sceneOf(store);
      await scene.stored(scene.event(), scene.event());
      const old = await scene.lease();
      await settle(store, failed(at(old, 0)));
      const current = await scene.leaseOne();
      assert.equal(current.id, at(old, 0).id);
      assert.deepEqual((await store.settle([succeeded(at(old, 0))])).refused, [current.id]);
      await settle(store, succeeded(current), succeeded(at(old, 1)));
    },
  },
  {
    name: 'settle groups retries by destination and second',
    async run({ store }) {
      const scene = sceneOf(store);
      const other = `${scene.destination}-2`;
      await scene.stored(
        ...Array.from({ length: 6 }, () =>
          scene.event({ jobs: [scene.job(), scene.job({ seq: 1, destination: other })] }),
        ),
      );
      const jobs = await scene.lease();
      const others = await scene.lease({ ref: { ...scene.everything, destination: other } });
      const hour = 3_600_000;
      const { retries } = await store.settle([
        ...jobs.map((job, i) => failed(job, { retryInMs: i < 3 ? hour : 2 * hour })),
        ...others.map((job) => failed(job, { retryInMs: hour })),
      ]);
      assert.equal(retries.length, 3);
      const group = (name: string, list: readonly { id: string }[]) => {
        const found = retries.find(
          (retry) =>
            retry.destination === name && ids(retry.ids.map((id) => ({ id }))).join() === ids(list).join(),
        );
        assert.ok(found, `a group of ${list.length} for ${name}`);
      };
      group(scene.destination, jobs.slice(0, 3));
      group(scene.destination, jobs.slice(3));
      group(other, others);
    },
  },
];
