import { describe, expect, it } from '@jest/globals';
import { executionDefaults } from '../application/settings.js';
import type { Destination, Exchange, JobResult } from '../contracts/destination.js';
import type { Settlement } from '../contracts/store.js';
import { leasedJob, StoppedClock } from '../fixtures.fixture.js';
import { silentLogger } from '../platform/logger.js';
import { KeptExchanges } from './kept-exchanges.js';
import { scheduler } from './scheduler.fixture.js';

const perSecond = executionDefaults.keptExchangesPerSecond;

/** A destination whose jobs all succeed; what went over the wire is made when it is read, and that is noted. */
function recorder(o: { maxJobs?: number; exchange?: Exchange } = {}) {
  const read: string[] = [];
  const exchangeOf = (id: string): Exchange =>
    o.exchange ?? {
      status: 202,
      get request() {
        read.push(id);
        return `POST /${id}`;
      },
      response: 'taken',
    };
  const destination: Destination = {
    name: 'crm',
    actions: [
      {
        name: 'track',
        batch: { maxJobs: o.maxJobs ?? 1 },
        load: (batch) =>
          Promise.resolve(
            batch.map(({ id }): JobResult => ({ job: id, outcome: 'succeeded', exchange: exchangeOf(id) })),
          ),
      },
    ],
  };
  const s = scheduler(destination);
  const settlements = (): Settlement[] => [...s.store.rows.values()].flatMap((row) => row.settlements);
  return {
    ...s,
    read,
    settlements,
    kept: () =>
      settlements().flatMap((each) =>
        each.outcome === 'succeeded' && each.exchange ? [[each.id, each.exchange] as const] : [],
      ),
    add: (from: number, to: number) => {
      for (let n = from; n < to; n += 1) s.store.add(leasedJob({ id: `job-${n}` }));
    },
  };
}

describe('what went over the wire for a delivery that succeeded', () => {
  it('is kept of so many a second, and of the others it is not even read', async () => {
    const s = recorder();
    await s.execution.start();
    s.add(0, 25);
    await s.queue.deliver();
    expect(s.kept()).toHaveLength(perSecond);
    expect(s.kept()[0]).toEqual(['job-0', { status: 202, request: 'POST /job-0', response: 'taken' }]);
    expect(s.read).toEqual(s.kept().map(([id]) => id));
    s.clock.jump(1_000);
    s.add(25, 30);
    await s.queue.deliver();
    expect(s.kept()).toHaveLength(perSecond + 5);
    expect(s.settlements()).toHaveLength(30);
  });

  it('is spread over the jobs of a call', async () => {
    const s = recorder({ maxJobs: 100 });
    await s.execution.start();
    s.add(0, 100);
    await s.queue.deliver();
    expect(s.kept().map(([id]) => id)).toEqual(
      [0, 10, 20, 30, 40, 50, 60, 70, 80, 90].map((n) => `job-${n}`),
    );
    expect(s.read).toEqual(s.kept().map(([id]) => id));
  });

  it('never stands in the way of the delivery', async () => {
    for (const exchange of [
      {
        get response(): string {
          throw new TypeError('too late to read');
        },
      },
      // What a destination in JavaScript may answer.
      { status: '200', request: Buffer.from('x') } as unknown as Exchange,
    ]) {
      const s = recorder({ exchange });
      await s.execution.start();
      s.add(0, 1);
      await s.queue.deliver();
      expect(s.settlements()).toMatchObject([{ id: 'job-0', outcome: 'succeeded' }]);
      expect(s.kept()).toEqual([]);
    }
  });

  it('has a limit that may be 0, and takes only what there is', () => {
    const now = new StoppedClock().now();
    const result = (job: string, exchange?: Exchange): [string, JobResult] => [
      job,
      { job, outcome: 'succeeded', ...(exchange ? { exchange } : {}) },
    ];
    const error = { code: 'HTTP', message: 'no', request: 'POST /' };
    const results = new Map<string, JobResult>([
      result('plain'),
      result('told', { status: 204 }),
      ['failed', { job: 'failed', outcome: 'failed', error }],
      result('again', { status: 200 }),
      result('empty', {}),
    ]);
    expect([...new KeptExchanges(0, silentLogger).of(results, now)]).toEqual([]);
    const kept = new KeptExchanges(3, silentLogger);
    const both = [
      ['told', { status: 204 }],
      ['again', { status: 200 }],
    ];
    expect([...kept.of(results, now)]).toEqual(both);
    // One is left of this second, and a clock that is set back begins another.
    expect([...kept.of(results, now)]).toEqual(both.slice(0, 1));
    expect([...kept.of(results, now)]).toEqual([]);
    expect([...kept.of(results, now - 5_000)]).toEqual(both);
  });
});
