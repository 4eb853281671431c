import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { correctTimestamp, parseTimestamp } from './index.js';

const at = (text: string): Date => new Date(text);

describe('parseTimestamp', () => {
  it.each([
    ['2026-11-23T10:42:05.574Z', '2026-11-23T10:42:05.574Z'],
    ['2026-11-23T10:42:05.574597+00:00', '2026-11-23T10:42:05.574Z'],
    ['2026-11-23T10:50:39.607139917Z', '2026-11-23T10:50:39.607Z'],
    ['2021-03-04T05:06:07.089+01:00', '2021-03-04T04:06:07.089Z'],
    ['2021-03-04T05:06:07-0730', '2021-03-04T12:36:07.000Z'],
    ['2021-03-04T05:06:07+05', '2021-03-04T00:06:07.000Z'],
    ['2015-2-02T00:30:08.276Z', '2015-02-02T00:30:08.276Z'],
    ['2015-12-12 19:11:01', '2015-12-12T19:11:01.000Z'],
    ['2015-12-12T19:11', '2015-12-12T19:11:00.000Z'],
    ['2015-12-12T19:11:01.5Z', '2015-12-12T19:11:01.500Z'],
    ['2015-12-12', '2015-12-12T00:00:00.000Z'],
    ['2024-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['0099-01-01T00:00:00.000Z', '0099-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s', (text, iso) => {
    expect(parseTimestamp(text)?.toISOString()).toBe(iso);
  });

  it.each([
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '+275760-09-13T00:00:00.000Z',
    '-000001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999-01:00',
    '2021-02-30T00:00:00.000Z',
    '2021-02-30T00:00:00Z',
    '2021-13-01T00:00:00.000Z',
    '2021-01-01T24:00:00.000Z',
    '2021-01-01T00:60:00.000Z',
    '2021-01-01T00:00:00+25:00',
    'yesterday',
    '5',
    'Nov 3, 2020',
    '',
    '2021',
    `2021-01-01T00:00:00.${'0'.repeat(100_000)}Z`,
    null,
    undefined,
    1_700_000_000_000,
    NaN,
    {},
    [],
  ])('takes %j for absent', (value) => {
    expect(parseTimestamp(value)).toBeUndefined();
  });

  it('reads an instant however it is written', () => {
    const instant = fc.date({
      min: at('0100-01-03T00:00:00Z'),
      max: at('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(instant, offset, fc.nat(999_999), fc.boolean(), (date, minutes, finer, short) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const zone = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
        // Nanoseconds are cut off; the zero before a month or a day may be missing.
        const text = `${local}${String(finer).padStart(6, '0')}${zone}`;
        expect(parseTimestamp(short ? text.replaceAll(/-0(?=.*T)/g, '-') : text)).toEqual(date);
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads the common form as it reads all others', () => {
    const part = (max: number, length: number) => fc.nat(max).map((n) => String(n).padStart(length, '0'));
    const parts = fc.tuple(
      part(9_999, 4),
      part(14, 2),
      part(33, 2),
      part(25, 2),
      part(61, 2),
      part(59, 2),
      part(999, 3),
    );
    fc.assert(
      fc.property(parts, ([y, mo, d, h, mi, s, ms]) => {
        const text = `${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}`;
        // The engine would take 24:00 and 30 February in the common form.
        expect(parseTimestamp(`${text}Z`)).toEqual(parseTimestamp(`${text}+00:00`));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('correctTimestamp', () => {
  it.each([
    [
      '2015-12-12T19:11:01.152Z',
      '2015-12-12T19:11:01.169Z',
      '2015-12-12T19:11:01.266Z',
      '2015-12-12T19:11:01.249Z',
    ],
    [
      '2024-05-01T12:00:00.000Z',
      '2024-05-01T12:10:00.000Z',
      '2024-05-01T10:10:00.250Z',
      '2024-05-01T10:00:00.250Z',
    ],
    [
      '2021-03-04T05:06:07.089Z',
      '2024-05-01T10:00:00.000Z',
      '2024-05-01T10:00:00.030Z',
      '2021-03-04T05:06:07.119Z',
    ],
  ])('sent as %s at %s, received at %s: happened at %s', (timestamp, sentAt, receivedAt, corrected) => {
    const times = { sentAt: at(sentAt), receivedAt: at(receivedAt) };
    const expected = { timestamp: at(corrected), originalTimestamp: at(timestamp) };
    expect(correctTimestamp({ ...times, timestamp: at(timestamp) })).toEqual(expected);
    expect(correctTimestamp({ ...times, originalTimestamp: at(timestamp) })).toEqual(expected);
  });

  const receivedAt = at('2024-05-01T10:00:00.030Z');
  const said = at('2021-03-04T05:06:07.089Z');

  it('takes what is missing from what is there', () => {
    expect(correctTimestamp({ receivedAt, sentAt: said })).toEqual({
      timestamp: receivedAt,
      originalTimestamp: undefined,
    });
    expect(correctTimestamp({ receivedAt, timestamp: said })).toEqual({
      timestamp: said,
      originalTimestamp: said,
    });
  });

  it('lets a timestamp stand that comes with its original', () => {
    const originalTimestamp = at('2024-05-01T10:00:00.000Z');
    const times = { receivedAt, timestamp: said, originalTimestamp, sentAt: at('2024-05-01T11:00:00.000Z') };
    expect(correctTimestamp(times)).toEqual({ timestamp: said, originalTimestamp });
  });

  it('makes no correction that leaves the calendar', () => {
    const timestamp = at('9999-12-31T00:00:00.000Z');
    const sentAt = at('0002-01-01T00:00:00.000Z');
    expect(correctTimestamp({ receivedAt, timestamp, sentAt }).timestamp).toEqual(timestamp);
  });

  it('is indifferent to the sender’s clock and keeps the distance to the sending', () => {
    const ms = fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2100, 0) });
    const skew = fc.integer({ min: -1e11, max: 1e11 });
    fc.assert(
      fc.property(ms, fc.nat(1e10), skew, (received, waited, off) => {
        const sent = received + off;
        const { timestamp } = correctTimestamp({
          receivedAt: new Date(received),
          sentAt: new Date(sent),
          timestamp: new Date(sent - waited),
        });
        expect(timestamp.getTime()).toBe(received - waited);
      }),
    );
  });

  it('moves a time by the clocks alone, and never out of the calendar', () => {
    const time = fc.date({
      min: at('0002-01-01T00:00:00Z'),
      max: at('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    const maybe = fc.option(time, { nil: undefined });
    fc.assert(
      fc.property(maybe, maybe, maybe, time, (timestamp, originalTimestamp, sentAt, received) => {
        const corrected = correctTimestamp({ timestamp, originalTimestamp, sentAt, receivedAt: received });
        const original = originalTimestamp ?? timestamp;
        expect(corrected.originalTimestamp).toEqual(original);
        expect(corrected.timestamp.toISOString()).toMatch(/^\d{4}-/);
        if (original === undefined) expect(corrected.timestamp).toEqual(received);
        else if (timestamp && originalTimestamp) expect(corrected.timestamp).toEqual(timestamp);
        else if (sentAt === undefined) expect(corrected.timestamp).toEqual(original);
        else {
          const moved = corrected.timestamp.getTime() - original.getTime();
          expect([0, received.getTime() - sentAt.getTime()]).toContain(moved);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
