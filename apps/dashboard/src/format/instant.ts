import { LOCALE } from './locale.js';

export type Zone = 'local' | 'utc';

const options = (zone: Zone): Intl.DateTimeFormatOptions => (zone === 'utc' ? { timeZone: 'UTC' } : {});

const numbersIn = (zone: Zone): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(LOCALE, {
    ...options(zone),
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
  });
/** Made once: a list has hundreds of instants, and a formatter is dear. */
const numbers = { utc: numbersIn('utc'), local: numbersIn('local') };

/** The parts of an instant, in digits that are the same in every language. */
function partsOf(at: Date, zone: Zone) {
  const parts = numbers[zone].formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes, length = 2): string =>
    (parts.find((part) => part.type === type)?.value ?? '').padStart(length, '0');
  return {
    day: `${of('year', 4)}-${of('month')}-${of('day')}`,
    minute: `${of('hour')}:${of('minute')}`,
    second: of('second'),
    fraction: of('fractionalSecond', 3),
    zone: of('timeZoneName', 0),
  };
}

/** `2026-01-31 23:59:59.123 UTC`, or with the name of the local zone. */
export function formatAbsolute(at: Date, zone: Zone): string {
  const { day, minute, second, fraction, zone: name } = partsOf(at, zone);
  return `${day} ${minute}:${second}.${fraction} ${name}`.trim();
}

/** `2026-01-31 23:59:59 UTC`: as a person gave it. */
export function formatSecond(at: Date, zone: Zone): string {
  const { day, minute, second, zone: name } = partsOf(at, zone);
  return `${day} ${minute}:${second} ${name}`.trim();
}

/** `2026-01-31 23:59`, beside an axis that has the same zone. */
export function formatMinute(at: Date, zone: Zone): string {
  const { day, minute } = partsOf(at, zone);
  return `${day} ${minute}`;
}

/** `2026-01-31`: the day that it is in the zone. */
export const formatDay = (at: Date, zone: Zone): string => partsOf(at, zone).day;

/** What a person meant who typed a date and a time without a zone, as `datetime-local` gives it. */
export const instantOf = (text: string, zone: Zone): Date => new Date(zone === 'utc' ? `${text}Z` : text);

/** `14:05:09.120` for rows of one page that lie close together; `2026-01-31 14:05:09` where that is not today. */
export function formatClock(at: Date, zone: Zone, today: Date = new Date()): string {
  const { day, minute, second, fraction } = partsOf(at, zone);
  return day === formatDay(today, zone) ? `${minute}:${second}.${fraction}` : `${day} ${minute}:${second}`;
}

/** `14:05`, or `31 Jan` where a chart spans days. */
export function formatTick(at: Date, zone: Zone, spanMs: number): string {
  const days = spanMs > 2 * 86_400_000;
  return new Intl.DateTimeFormat(LOCALE, {
    ...options(zone),
    ...(days ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' }),
  }).format(at);
}
