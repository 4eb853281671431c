import { describe, expect, it } from '@jest/globals';
import type { JobResult, LeasedJob } from '../contracts/destination.js';
import { destinationOf, everyJob, leasedJob, settled } from '../fixtures.fixture.js';
import { scheduler } from './scheduler.fixture.js';

const succeeded = (job: LeasedJob): JobResult => ({ job: job.id, outcome: 'succeeded' });

describe('sweeper', () => {
  it('offers what is due at once to a lane whose queue is nearly empty, now and then to another', async () => {
    const s = scheduler(destinationOf((batch) => everyJob(batch, succeeded)));
    await s.execution.start();
    s.queue.depthNow = 100;
    await s.clock.advance(1_000);
    s.store.add(leasedJob({ id: 'job-0' }));
    await s.clock.advance(8_000);
    expect(s.queue.offered).toEqual([]);
    await s.clock.advance(2_000);
    expect(s.queue.offered).toHaveLength(1);
    s.queue.depthNow = 0;
    await s.clock.advance(2_000);
    expect(s.queue.offered).toMatchObject([{}, { refs: [{ destination: 'crm', ids: ['job-0'] }] }]);
  });

  it('looks for jobs past their age a hundred times in that age, and again at once when there are more', async () => {
    const load = (batch: readonly LeasedJob[]) => everyJob(batch, succeeded);
    const [day, hour] = [86_400_000, 3_600_000];
    const s = scheduler({
      name: 'crm',
      schedule: { maxAgeMs: 2 * hour },
      actions: [
        { name: 'track', load },
        { name: 'page', load },
        { name: 'identify', load, schedule: { maxAgeMs: day } },
      ],
    });
    s.store.tooOld = 5_001;
    const began = s.clock.now();
    await s.execution.start();
    await settled();
    const [young, old] = [new Date(began - 2 * hour), new Date(began - day)];
    expect(s.store.aged).toEqual([
      { actions: ['track', 'page'], before: young },
      { actions: ['identify'], before: old },
    ]);
    await s.clock.advance(2_000);
    expect(s.store.aged.slice(2)).toMatchObject([{ actions: ['track', 'page'] }]);
    s.store.aged.length = 0;
    await s.clock.advance(72_000);
    expect(s.store.aged).toMatchObject([{ actions: ['track', 'page'] }]);
    await s.clock.advance(530_000);
    expect(s.store.aged.filter(({ actions }) => actions?.includes('identify'))).toHaveLength(1);
  });
});
