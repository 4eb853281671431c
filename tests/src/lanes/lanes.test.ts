import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres, type TestPostgres } from '@fragment/testing';
import { runAnswers } from './answers.js';
import { countingPostgres } from './database-load.js';
import { runIsolation } from './isolation.js';
import { runRecovery } from './recovery.js';
import { runStorm } from './storm.js';

let database: TestPostgres;
beforeAll(async () => {
  database = await testPostgres();
});
afterAll(() => database.stop());

/** Scaled down; `pnpm lanes` takes the full measure. */
describe('lanes', () => {
  it('R17: every answer gets the fate it must have', async () => {
    const report = await runAnswers({ database, times: 5, deadlineMs: 400 });
    expect(report.wrong).toEqual([]);
    // Two of the answers close their lane, so that at least one job of each was tried.
    expect(report.tried).toBeGreaterThanOrEqual((10 * 5 + 2) * 2);
    expect(report.longestExcerpt).toBeGreaterThan(4_000);
    expect(report.longestExcerpt).toBeLessThanOrEqual(4_096);
  });

  it('R18: a destination that hangs harms no other', async () => {
    const report = await runIsolation({ database, perSecond: 60, seconds: 4, deadlineMs: 3_000 });
    expect(report).toMatchObject({ undelivered: 0 });
    // One round of calls, and none after the breaker.
    expect(report.hungCalls).toBeLessThanOrEqual(2 * 32);
    expect(report.heapGrowthMb).toBeLessThan(50);
  });

  it('R19: a destination that comes back is not run over', async () => {
    const report = await runRecovery({ database, backlog: 500, limit: 150 });
    expect(report).toMatchObject({ undelivered: 0 });
    expect(report.peak).toBeLessThanOrEqual(1.2 * report.limit);
  });

  it('R20: what failed together is not tried again together, and a storm is no load', async () => {
    const counting = await countingPostgres();
    try {
      const report = await runStorm({
        database: counting,
        traffic: { burst: 300, perSecond: 0, seconds: 0 },
        retryBaseMs: 300,
        openMs: 200,
        tries: 3,
      });
      expect(report.spread.slice(0, 3)).toMatchObject([{ jobs: 600 }, { jobs: 600 }, { jobs: 600 }]);
      for (const { fullest, mean } of report.spread.slice(0, 3))
        expect(fullest).toBeLessThanOrEqual(2 * mean);
      // What was on its way when the lanes closed, and the probes.
      expect(report.storm.tries).toBeLessThan(300);
      expect(report.load.statements).toBeLessThan(2);
      expect(report.load.rows).toBeLessThan(2);
      expect(report.load.walBytes).toBeLessThan(2);
      expect(report.loadPerTry.rows).toBeLessThan(2);
    } finally {
      await counting.stop();
    }
  }, 90_000);
});
