import { describe, expect, it } from '@jest/globals';
import type { Schedule } from '../api/types.js';
import { describeSchedule } from './schedule.js';

const schedule = (over: Partial<Schedule>): Schedule => ({
  realtime: null,
  interval: null,
  max_retries: null,
  max_age_ms: null,
  ...over,
});
const textsOf = (own: Schedule | null, over?: Schedule): readonly string[] =>
  describeSchedule(own, over).map(([, text]) => text);

describe('a schedule in words', () => {
  it('is the default where nothing is set', () => {
    const defaults = ['at once', 'after 5 s, doubling up to 15 min', 'at the age of 3 d'];
    expect(textsOf(null)).toEqual(defaults);
    expect(textsOf(schedule({}))).toEqual(defaults);
  });

  it('tells what is set', () => {
    expect(
      textsOf(schedule({ realtime: false, interval: '@daily', max_retries: 3, max_age_ms: 3_600_000 })),
    ).toEqual(['collected, @daily', 'on @daily', 'after 3 retries, or at the age of 1 h']);
  });

  it('takes from the one above what the own does not say', () => {
    const destination = schedule({ realtime: false, interval: '@every 1h', max_retries: 0 });
    expect(textsOf(schedule({ interval: '@every 5m' }), destination)).toEqual([
      'collected, @every 5m',
      'on @every 5m',
      'after 0 retries, or at the age of 3 d',
    ]);
    expect(textsOf(schedule({ realtime: true }), destination)[0]).toBe('at once');
  });
});
