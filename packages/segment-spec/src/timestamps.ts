/*
 * Times as senders write them. Segment's documentation says ISO 8601; its own example has a month without its zero,
 * the libraries send micro- and nanoseconds and offsets, and Go sends year 1 for "not set".
 */

const EARLIEST = Date.parse('0002-01-01T00:00:00.000Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?\s?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** Longer text is no time: nobody writes more than nanoseconds and an offset. */
const MAX_LENGTH = 64;

/**
 * Reads a time. Without an offset it is UTC; what is finer than a millisecond is cut off; a date alone is its
 * midnight. Undefined for whatever is no time of the years 2 to 9999, so that it counts as absent: year 1 is how Go
 * writes "not set", and years beyond four digits have no common notation.
 */
export function parseTimestamp(value: unknown): Date | undefined {
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined;
  return canonical(value) ?? spelled(value);
}

/** The one form that nearly all messages have, `2026-11-23T10:42:05.574Z`, read by the engine. */
function canonical(value: string): Date | undefined {
  if (value.length !== 24 || value[4] !== '-' || value[10] !== 'T' || value[19] !== '.' || value[23] !== 'Z')
    return undefined;
  const date = new Date(value);
  // The engine takes 30 February for 2 March.
  return within(date.getTime()) && date.getUTCDate() === Number(value.slice(8, 10)) ? date : undefined;
}

function spelled(value: string): Date | undefined {
  const parts = pattern.exec(value);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = parts;
  const midnight = midnightOf(Number(year), Number(month), Number(day));
  const minutes = minutesOf(Number(hour), Number(minute));
  const offset = offsetMinutes(zone);
  // A leap second is the first of the next minute.
  if (midnight === undefined || minutes === undefined || offset === undefined || Number(second) > 60)
    return undefined;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const time = midnight + ((minutes - offset) * 60 + Number(second)) * 1_000 + ms;
  return within(time) ? new Date(time) : undefined;
}

/** Undefined for a day that its month does not have. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  // Not Date.UTC, which takes years below 100 for the twentieth century.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

function minutesOf(hours: number, minutes: number): number | undefined {
  return hours <= 23 && minutes <= 59 ? hours * 60 + minutes : undefined;
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = minutesOf(Number(zone.slice(1, 3)), zone.length > 3 ? Number(zone.slice(-2)) : 0);
  return minutes !== undefined && zone.startsWith('-') ? -minutes : minutes;
}

function within(time: number): boolean {
  return time >= EARLIEST && time <= LATEST;
}

/** What a message says of its times, read, and when it arrived. */
export interface SentTimes {
  readonly timestamp?: Date | undefined;
  readonly originalTimestamp?: Date | undefined;
  /** The item's own, else its envelope's. */
  readonly sentAt?: Date | undefined;
  readonly receivedAt: Date;
}

export interface CorrectedTimes {
  /** When it happened, by our clock. */
  readonly timestamp: Date;
  /** When it happened, by the sender's clock; undefined when it did not say. */
  readonly originalTimestamp: Date | undefined;
}

/**
 * Takes the sender's clock out of a time (Segment, "Common fields: timestamps"):
 * `timestamp = receivedAt - (sentAt - originalTimestamp)`, where the sent `timestamp` is the original one.
 *
 * - Without `sentAt` there is nothing to correct by; without a time of its own the message happened when it arrived.
 * - With both `timestamp` and `originalTimestamp` (RudderStack's libraries, when the caller gave a time) `timestamp`
 *   stands as it is.
 * - A correction that would leave the years 2 to 9999 is not made.
 */
export function correctTimestamp(times: SentTimes): CorrectedTimes {
  const { timestamp, sentAt, receivedAt } = times;
  const originalTimestamp = times.originalTimestamp ?? timestamp;
  if (originalTimestamp === undefined) return { timestamp: receivedAt, originalTimestamp };
  if (timestamp !== undefined && times.originalTimestamp !== undefined)
    return { timestamp, originalTimestamp };
  if (sentAt === undefined) return { timestamp: originalTimestamp, originalTimestamp };
  const corrected = receivedAt.getTime() - (sentAt.getTime() - originalTimestamp.getTime());
  return { timestamp: within(corrected) ? new Date(corrected) : originalTimestamp, originalTimestamp };
}
