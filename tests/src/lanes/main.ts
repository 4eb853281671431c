// `pnpm lanes [--only R17,R18]`: what destinations do to lanes, at full length, a line of JSON each.
import { parseArgs } from 'node:util';
import { testPostgres, type TestPostgres } from '@fragment/testing';
import { runAnswers } from './answers.js';
import { countingPostgres } from './database-load.js';
import { runIsolation } from './isolation.js';
import { runRecovery } from './recovery.js';
import { runStorm } from './storm.js';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const wanted = values.only?.split(',').map((name) => name.trim().toUpperCase());

interface Full {
  readonly name: string;
  /** What was measured, and whether it is as it must be. */
  readonly run: (database: TestPostgres) => Promise<{ readonly report: object; readonly passed: boolean }>;
}

const tests: readonly Full[] = [
  {
    name: 'R17',
    run: async (database) => {
      const report = await runAnswers({ database, times: 100, deadlineMs: 3_000 });
      return { report, passed: report.faults === 0 && report.latestMs <= 1_000 };
    },
  },
  {
    name: 'R18',
    run: async (database) => {
      const report = await runIsolation({
        database,
        perSecond: 300,
        seconds: 60,
        deadlineMs: 10_000,
      });
      return { report, passed: report.undelivered === 0 && report.trippedAfterMs <= 30_000 };
    },
  },
  {
    name: 'R19',
    run: async (database) => {
      const report = await runRecovery({ database, backlog: 100_000, limit: 1_000 });
      return { report, passed: report.undelivered === 0 && report.peak <= 1.2 * report.limit };
    },
  },
  {
    name: 'R20',
    // A tenth of ten minutes, so the breaker's times are a tenth as well; the backoff's are the default's.
    run: async (database) => {
      const report = await runStorm({
        database,
        traffic: { burst: 500, perSecond: 30, seconds: 60 },
        retryBaseMs: 5_000,
        openMs: 3_000,
        tries: 4,
      });
      const buckets = [...report.spread, report.arrivals];
      const passed =
        buckets.every(({ fullest, mean }) => fullest <= 2 * mean) &&
        Object.values(report.load).every((ratio) => ratio < 2) &&
        report.loadPerTry.rows < 2 &&
        report.storm.tries < report.storm.events;
      return { report, passed };
    },
  },
];

for (const { name, run } of tests) {
  if (wanted && !wanted.includes(name)) continue;
  const database = await (name === 'R20' ? countingPostgres : testPostgres)({ own: true, durable: true });
  try {
    const begin = Date.now();
    const { report, passed } = await run(database);
    process.stdout.write(
      `${JSON.stringify({ test: name, passed, seconds: (Date.now() - begin) / 1_000, ...report })}\n`,
    );
    if (!passed) process.exitCode = 1;
  } finally {
    await database.stop();
  }
}
