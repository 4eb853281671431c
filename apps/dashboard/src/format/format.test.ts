import { describe, expect, it } from '@jest/globals';
import { curlOf, shellQuote } from './curl.js';
import { formatDuration, formatRelative } from './duration.js';
import {
  formatAbsolute,
  formatClock,
  formatDay,
  formatMinute,
  formatSecond,
  formatTick,
  instantOf,
} from './instant.js';
import { formatCompact, formatCount, formatNumberOf, formatPercent } from './number.js';
import { execFileSync } from 'node:child_process';

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [340.4, '340 ms'],
    [999.6, '1 s'],
    [2_449, '2.4 s'],
    [9_970, '10 s'],
    [59_700, '1 min'],
    [192_000, '3 min 12 s'],
    [3_599_900, '1 h'],
    [3_600_000 + 29_000, '1 h'],
    [5 * 86_400_000 + 2 * 3_600_000 - 1, '5 d 2 h'],
    [-1_500, '1.5 s'],
  ])('%d ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('tells how far an instant is, in one unit, on both sides of now', () => {
    const now = Date.parse('2026-01-31T12:00:00Z');
    const at = (ms: number): string => formatRelative(new Date(now + ms), now);
    expect([at(-400), at(-12_900), at(-3 * 3_600_000), at(90_000), at(1_999), at(2_000)]).toEqual([
      'now',
      '12 s ago',
      '3 h ago',
      'in 1 min',
      'now',
      'in 2 s',
    ]);
  });
});

describe('instants', () => {
  const at = new Date('2026-01-31T23:05:09.020Z');

  it('are written whole, to the millisecond, with their zone', () => {
    expect(formatAbsolute(at, 'utc')).toBe('2026-01-31 23:05:09.020 UTC');
    expect(formatClock(at, 'utc', at)).toBe('23:05:09.020');
    expect(formatClock(at, 'utc', new Date('2026-02-01T00:00:00Z'))).toBe('2026-01-31 23:05:09');
  });

  it('are cut where less will do, and begin a day by the zone that the page shows', () => {
    expect([formatSecond(at, 'utc'), formatMinute(at, 'utc'), formatDay(at, 'utc')]).toEqual([
      '2026-01-31 23:05:09 UTC',
      '2026-01-31 23:05',
      '2026-01-31',
    ]);
    const local = new Date(2026, 0, 31, 0, 30);
    expect(formatDay(local, 'local')).toBe('2026-01-31');
  });

  it('at midnight are of the hour 00', () => {
    const midnight = new Date('2026-01-31T00:00:00Z');
    expect(formatClock(midnight, 'utc', midnight)).toBe('00:00:00.000');
  });

  it('are days where a chart spans days, else times', () => {
    expect(formatTick(at, 'utc', 7 * 86_400_000)).toBe('31 Jan');
    expect(formatTick(at, 'utc', 3_600_000)).toBe('23:05');
  });
});

describe('numbers', () => {
  it('are grouped, and say where counting stopped', () => {
    expect(formatCount(12_345)).toBe('12,345');
    expect(formatCount(10_000, true)).toBe('10,000+');
    expect(formatCompact(12_345)).toBe('12.3K');
    expect([formatNumberOf(1, 'job'), formatNumberOf(2, 'job'), formatNumberOf(1, 'job', true)]).toEqual([
      '1 job',
      '2 jobs',
      '1+ jobs',
    ]);
  });

  it.each([
    [0, 0, '–'],
    [0, 50, '0 %'],
    [1, 50_000, '< 0.1 %'],
    [1, 3, '33 %'],
    [1, 30, '3.3 %'],
    [99_999, 100_000, '> 99.9 %'],
    [995, 1_000, '99.5 %'],
    [7, 7, '100 %'],
  ])('%d of %d is %s', (part, whole, text) => {
    expect(formatPercent(part, whole)).toBe(text);
  });
});

describe('curl', () => {
  it('quotes for the shell whatever a message holds', () => {
    const nasty = `it's $(touch /tmp/x) \`id\` "quoted" \\ \n end`;
    const echoed = execFileSync('sh', ['-c', `printf %s ${shellQuote(nasty)}`], { encoding: 'utf8' });
    expect(echoed).toBe(nasty);
  });

  it('sends the body as JSON with the write key as its user', () => {
    const command = curlOf({
      url: 'http://127.0.0.1:9090/v1/track',
      writeKey: 'key',
      body: { event: "Ada's" },
    });
    const args = execFileSync('sh', ['-c', command.replace('curl', 'printf "%s\\n"')], { encoding: 'utf8' });
    expect(args).toBe(
      'http://127.0.0.1:9090/v1/track\n-u\nkey:\n-H\nContent-Type: application/json\n-d\n{\n  "event": "Ada\'s"\n}\n',
    );
  });
});

describe('a time that was typed', () => {
  it('is of the zone that the page shows', () => {
    expect(instantOf('2026-01-31T14:05', 'utc').toISOString()).toBe('2026-01-31T14:05:00.000Z');
    expect(instantOf('2026-01-31T14:05:09', 'local')).toEqual(new Date(2026, 0, 31, 14, 5, 9));
  });
});
