import assert from 'node:assert/strict';
import { LATENCY_BOUNDS_MS, type DeliveryTally, type StatisticsRow, type Store } from '@fragment/core';
import type { StoreContractCase } from '../case.js';
import { sceneOf, type Scene } from '../scene.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** A whole hour, long enough ago that no process counts in it. */
const HOUR = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 24 * HOUR_MS);
const minute = (n: number): Date => new Date(HOUR.getTime() + n * MINUTE_MS);
const end = minute(120);

type Ingested = Extract<StatisticsRow, { readonly of: 'ingest' }>;

const latency = (...filled: readonly (readonly [bucket: number, count: number])[]): number[] => {
  const buckets = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
  for (const [bucket, count] of filled) buckets[bucket] = count;
  return buckets;
};

const ingested = (scene: Scene, at: Date, count: number): Ingested => ({
  minute: at,
  of: 'ingest',
  source: scene.source,
  type: 'track',
  result: 'stored',
  count,
});

const delivered = (scene: Scene, at: Date, o: Partial<DeliveryTally>): StatisticsRow => ({
  minute: at,
  of: 'delivery',
  destination: scene.destination,
  action: 'track',
  result: 'succeeded',
  count: 1,
  latency: latency([0, 1]),
  ...o,
});

/** The rows of this scene alone: others use the same store. */
async function rowsOf(store: Store, scene: Scene, stepMs: number): Promise<readonly StatisticsRow[]> {
  const { rows } = await store.statistics({ from: HOUR, to: end, stepMs });
  return rows.filter((row) =>
    row.of === 'ingest' ? row.source === scene.source : row.destination === scene.destination,
  );
}

export const statisticsCases: readonly StoreContractCase[] = [
  {
    name: 'statistics of the same minute and part add up, whoever adds them',
    async run({ store, newStore }) {
      const scene = sceneOf(store);
      const second = await newStore();
      const rows = [
        ingested(scene, minute(3), 2),
        delivered(scene, minute(3), { count: 3, latency: latency([4, 2], [41, 1]) }),
      ];
      try {
        await Promise.all([
          ...Array.from({ length: 5 }, () => store.addStatistics(rows)),
          second.addStatistics(rows),
        ]);
      } finally {
        await second.close();
      }
      assert.deepEqual(await rowsOf(store, scene, MINUTE_MS), [
        delivered(scene, minute(3), { count: 18, latency: latency([4, 12], [41, 6]) }),
        ingested(scene, minute(3), 12),
      ]);
      await store.addStatistics([]);
    },
  },
  {
    name: 'statistics of a range come in steps, told apart by part and result',
    async run({ store }) {
      const scene = sceneOf(store);
      await store.addStatistics([
        ingested(scene, minute(0), 1),
        ingested(scene, minute(4), 2),
        ingested(scene, minute(5), 4),
        { ...ingested(scene, minute(5), 8), result: 'duplicate' },
        delivered(scene, minute(61), { result: 'failed', count: 1, latency: latency([7, 1]) }),
        ingested(scene, minute(120), 100),
      ]);
      const five = await rowsOf(store, scene, 5 * MINUTE_MS);
      assert.deepEqual(five, [
        ingested(scene, minute(0), 3),
        { ...ingested(scene, minute(5), 8), result: 'duplicate' },
        ingested(scene, minute(5), 4),
        delivered(scene, minute(60), { result: 'failed', latency: latency([7, 1]) }),
      ]);
      const hours = await rowsOf(store, scene, HOUR_MS);
      assert.deepEqual(
        hours.map((row) => [row.minute.getTime(), row.result, row.count]),
        [
          [minute(0).getTime(), 'duplicate', 8],
          [minute(0).getTime(), 'stored', 7],
          [minute(60).getTime(), 'failed', 1],
        ],
      );
    },
  },
  {
    name: 'statistics of a long range come in steps that are not too many',
    async run({ store }) {
      const from = new Date(end.getTime() - 90 * 24 * HOUR_MS);
      const { range } = await store.statistics({ from, to: end, stepMs: MINUTE_MS });
      assert.ok((range.to.getTime() - range.from.getTime()) / range.stepMs <= 1_500);
    },
  },
  {
    name: 'purge deletes statistics older than the policy',
    async run({ store }) {
      const scene = sceneOf(store);
      await store.addStatistics([ingested(scene, minute(0), 1)]);
      const policy = { dedupMs: 1e12, rejectionsMs: 1e12 };
      await store.purge({ ...policy, statisticsMs: 48 * HOUR_MS });
      assert.equal((await rowsOf(store, scene, HOUR_MS)).length, 1);
      await store.purge({ ...policy, statisticsMs: HOUR_MS });
      assert.deepEqual(await rowsOf(store, scene, HOUR_MS), []);
      assert.deepEqual(await rowsOf(store, scene, MINUTE_MS), []);
    },
  },
];
