import assert from 'node:assert/strict';
import { RUN_LOST_MS, type RunEntry, type ServiceEntry, type Store } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { waitFor } from '../../wait/wait-for.js';
import { at, eventId, sceneOf, withSecond } from '../scene.js';

const YEAR_MS = 365 * 86_400_000;

const runOf = (source: string, fields: Partial<RunEntry> = {}): RunEntry => {
  const startedAt = fields.startedAt ?? new Date();
  return {
    id: eventId(startedAt),
    source,
    trigger: 'nightly',
    scheduledAt: startedAt,
    startedAt,
    byHand: false,
    service: eventId(),
    process: 'host:1',
    ...fields,
  };
};

const statesOf = async (store: Store, source: string): Promise<readonly string[]> =>
  (await store.findRuns({ source, trigger: 'nightly' }, {})).items.map(({ state }) => state);

const serviceOf = (fields: Partial<ServiceEntry> = {}): ServiceEntry => ({
  id: eventId(),
  service: 'scheduler',
  application: 'shop',
  host: 'box',
  pid: 7,
  startedAt: new Date(Date.now() - 5_000),
  ...fields,
});

export const runCases: readonly StoreContractCase[] = [
  {
    name: 'a run is kept when it begins and when it ends, and stays as it ended',
    async run({ store, newStore }) {
      const { source } = sceneOf(store);
      const run = runOf(source, { byHand: true });
      await store.setRun(run);
      await withSecond(newStore, async (second) => {
        const own = async () => at((await second.findRuns({ source, trigger: 'nightly' }, {})).items, 0);
        assert.deepEqual(await own(), { ...run, state: 'running' });
        const ended = { ...run, finishedAt: new Date(), events: 2, eventId: eventId() };
        await store.setRun(ended);
        assert.deepEqual(await own(), { ...ended, state: 'succeeded' });
        // What was sent first may arrive last.
        await store.setRun(run);
        assert.deepEqual(await own(), { ...ended, state: 'succeeded' });
      });
    },
  },
  {
    name: 'a run tells why it failed, whether its beginning was kept or not; one that is never heard of again is lost',
    async run({ store }) {
      const { source } = sceneOf(store);
      const old = new Date(Date.now() - RUN_LOST_MS - 60_000);
      const error = { code: 'ECONNREFUSED', message: 'no \0 half \ud800 answer' };
      await store.setRun(runOf(source, { startedAt: old }));
      const failed = runOf(source, { finishedAt: new Date(), error });
      await store.setRun(failed);
      await store.setRun(runOf(source, { finishedAt: new Date(), events: 0 }));
      assert.deepEqual(await statesOf(store, source), ['succeeded', 'failed', 'lost']);
      const { items } = await store.findRuns({ source, trigger: 'nightly' }, {});
      assert.equal(at(items, 0).events, 0, 'nothing to add is no failure');
      assert.equal(at(items, 1).error?.code, 'ECONNREFUSED');
      assert.equal(at(items, 1).error?.message, 'no \uFFFD half \uFFFD answer');
    },
  },
  {
    name: 'runs are paged newest first, of one trigger alone, and the last one of several is told at once',
    async run({ store }) {
      const { source } = sceneOf(store);
      const runs = Array.from({ length: 5 }, () => runOf(source, { finishedAt: new Date(), events: 1 }));
      const other = runOf(source, { trigger: 'hourly' });
      for (const run of [...runs, other]) await store.setRun(run);
      const nightly = { source, trigger: 'nightly' };
      const first = await store.findRuns(nightly, { limit: 2 });
      assert.deepEqual([first.count, first.limit], [5, 2]);
      const page = first.nextCursor === undefined ? {} : { cursor: first.nextCursor };
      const second = await store.findRuns(nightly, { limit: 9, ...page });
      assert.deepEqual(
        [...first.items, ...second.items].map(({ id }) => id),
        runs.map(({ id }) => id).toReversed(),
      );
      const wanted = [nightly, { source, trigger: 'hourly' }, { source, trigger: 'never' }];
      const last = await store.lastRuns(wanted);
      assert.deepEqual(last.map(({ id }) => id).sort(), [at(runs, 4).id, other.id].sort());
      assert.deepEqual(await store.lastRuns([]), []);
    },
  },
  {
    name: 'purge deletes old runs, but never the last one of a trigger',
    async run({ store }) {
      const { source } = sceneOf(store);
      const old = (years: number): Partial<RunEntry> => ({
        startedAt: new Date(Date.now() - years * YEAR_MS),
      });
      for (const fields of [old(20), old(19), {}]) await store.setRun(runOf(source, fields));
      const alone = runOf(source, { ...old(20), trigger: 'alone' });
      await store.setRun(alone);
      await store.purge({ dedupMs: YEAR_MS, rejectionsMs: 10 * YEAR_MS, statisticsMs: 10 * YEAR_MS });
      assert.deepEqual(await statesOf(store, source), ['running']);
      assert.deepEqual((await store.findRuns({ source, trigger: 'alone' }, {})).items, [
        { ...alone, state: 'lost' },
      ]);
    },
  },
  {
    name: 'services are there while they are heard of, gone afterwards, and out when they say so',
    async run({ store, newStore }) {
      const gateway = serviceOf({ service: 'gateway', address: 'http://box:9090', version: '1.2.3' });
      const scheduler = serviceOf();
      const ids = [gateway.id, scheduler.id];
      const own = async (goneAfterMs: number) =>
        (await store.services({ goneAfterMs })).filter(({ id }) => ids.includes(id));
      await withSecond(newStore, async (second) => {
        await second.announce([gateway, scheduler]);
        await second.announce([]);
        const before = await own(60_000);
        assert.deepEqual(
          before,
          [gateway, scheduler].map((entry, n) => ({ ...entry, seenAt: at(before, n).seenAt, gone: false })),
        );
        assert.ok(
          (await own(-60_000)).every(({ gone }) => gone),
          'by a measure that all are too old for',
        );
        const after = await waitFor(async () => {
          await second.announce([scheduler]);
          const now = await own(60_000);
          return at(now, 1).seenAt > at(before, 1).seenAt ? now : undefined;
        });
        assert.deepEqual(at(after, 0).seenAt, at(before, 0).seenAt);
        await second.withdraw([gateway.id]);
        assert.deepEqual(
          (await own(60_000)).map(({ id }) => id),
          [scheduler.id],
        );
        await second.withdraw([scheduler.id, gateway.id]);
        assert.deepEqual(await own(60_000), []);
      });
    },
  },
];
