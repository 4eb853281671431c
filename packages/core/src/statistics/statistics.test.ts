import { describe, expect, it } from '@jest/globals';
import type { IngestCount } from '../contracts/ingest.js';
import { LATENCY_BOUNDS_MS, type StatisticsRow } from '../contracts/statistics.js';
import { DeliveryCounts } from '../execution/delivery-counts.js';
import { leasedJob, StoppedClock, storedEvent } from '../fixtures.fixture.js';
import { silentLogger } from '../platform/logger.js';
import { StatisticsWriter } from './statistics-writer.js';

const track: IngestCount = { source: 'rest', trigger: 'track', type: 'track', result: 'stored', count: 0 };

function scene() {
  const clock = new StoppedClock();
  const written: (readonly StatisticsRow[])[] = [];
  const state = { away: false, ingest: [] as IngestCount[], delivery: new DeliveryCounts() };
  const store = {
    addStatistics: (rows: readonly StatisticsRow[]) => {
      if (state.away) return Promise.reject(new Error('away'));
      written.push(rows);
      return Promise.resolve();
    },
  };
  const writer = new StatisticsWriter(store, clock, silentLogger, {
    ingest: () => state.ingest,
    delivery: () => state.delivery.all(),
  });
  writer.start();
  return { clock, written, state, writer };
}

const minute = new Date('2026-01-02T03:04:00.000Z');

describe('statistics', () => {
  it('are what was counted since they were last written, whatever the trigger', async () => {
    const { clock, written, state, writer } = scene();
    state.ingest = [
      { ...track, count: 2 },
      { ...track, trigger: 'batch', count: 3 },
      { ...track, result: 'refused', reason: 'X', count: 1 },
    ];
    await clock.advance(5_000);
    state.ingest = [
      { ...track, count: 4 },
      { ...track, trigger: 'batch', count: 3 },
      { ...track, result: 'refused', reason: 'X', count: 1 },
    ];
    await clock.advance(10_000);
    const ingest = { minute, of: 'ingest', source: 'rest', type: 'track' };
    expect(written).toEqual([
      [
        { ...ingest, result: 'stored', count: 5 },
        { ...ingest, result: 'refused', count: 1 },
      ],
      [{ ...ingest, result: 'stored', count: 2 }],
    ]);
    await writer.stop();
  });

  it('tell how long deliveries took, in buckets', async () => {
    const { clock, written, state, writer } = scene();
    const job = leasedJob({ event: storedEvent({ receivedAt: new Date(clock.now()) }) });
    const beyond = (LATENCY_BOUNDS_MS.at(-1) ?? 0) + 1;
    for (const ms of [0, 1, 2, 6, beyond]) state.delivery.add(job, 'succeeded', clock.now() + ms);
    state.delivery.add(job, 'failed', clock.now() + 1);
    await clock.advance(5_000);
    const [rows] = written;
    expect(rows?.map((row) => [row.result, row.count])).toEqual([
      ['succeeded', 5],
      ['failed', 1],
    ]);
    const [first] = rows ?? [];
    const latency = first?.of === 'delivery' ? first.latency : [];
    expect(latency).toHaveLength(LATENCY_BOUNDS_MS.length + 1);
    expect([latency[0], latency[1], latency[4], latency.at(-1)]).toEqual([2, 1, 1, 1]);
    state.delivery.add(job, 'succeeded', clock.now() - 4_998);
    await clock.advance(5_000);
    expect(written[1]).toMatchObject([{ result: 'succeeded', count: 1 }]);
    await writer.stop();
  });

  it('wait for a store that is away, and lose nothing', async () => {
    const { clock, written, state, writer } = scene();
    state.away = true;
    state.ingest = [{ ...track, count: 2 }];
    await clock.advance(5_000);
    state.ingest = [{ ...track, count: 3 }];
    state.away = false;
    await clock.advance(5_000);
    expect(written).toMatchObject([[{ count: 3 }]]);
    await writer.stop();
  });

  it('write what is left when the process stops, once', async () => {
    const { written, state, writer } = scene();
    state.ingest = [{ ...track, count: 1 }];
    await writer.stop();
    await writer.stop();
    expect(written).toMatchObject([[{ count: 1 }]]);
  });
});

describe('the bounds of latency', () => {
  it('grow', () => {
    expect([...LATENCY_BOUNDS_MS].sort((a, b) => a - b)).toEqual(LATENCY_BOUNDS_MS);
    expect(new Set(LATENCY_BOUNDS_MS).size).toBe(LATENCY_BOUNDS_MS.length);
  });
});
