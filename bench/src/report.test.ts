import { describe, expect, it } from '@jest/globals';
import { destinationsReport, median, report } from './report.js';

describe('report', () => {
  it('takes the middle of an odd number of values and the mean of the middle two of an even one', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it('compares within a round before it takes the median', () => {
    const figures = { p50Ms: 1, p99Ms: 10, stored: 1 };
    const round = (floorPerSecond: number, ours: number, theirs: number) => ({
      floorPerSecond,
      fragment: { ...figures, eventsPerSecond: ours, jobsPerSecond: ours },
      naive: { ...figures, eventsPerSecond: theirs, jobsPerSecond: theirs },
    });
    const text = report([round(100, 50, 10), round(1_000, 100, 50), round(100, 40, 4)], 'Redis');
    expect(text).toContain('| ingest, fragment / naive | 5.00 | 2.00 - 10.00 |');
    expect(text).toContain('| ingest, fragment / floor | 0.40 | 0.10 - 0.50 |');
  });

  it('has a line for each destination, and leaves out what the system does not tell', () => {
    const figures = { name: 'crm', jobsPerSecond: 1_234.5, requestsPer1000: 4 };
    const text = destinationsReport([
      { ...figures, batched: true, cpuPerJob: 30 },
      { ...figures, batched: false, cpuPerJob: undefined },
    ]);
    expect(text).toContain('| crm | batched | 1,235 | 4 | 30 |\n| crm | single | 1,235 | 4 |  |\n');
  });
});
