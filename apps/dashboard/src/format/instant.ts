export type Zone = 'local' | 'utc';

const options = (zone: Zone): Intl.DateTimeFormatOptions => (zone === 'utc' ? { timeZone: 'UTC' } : {});

const pad = (value: string | undefined, length = 2): string => (value ?? '').padStart(length, '0');

/** `2026-01-31 23:59:59.123 UTC`, or with the name of the local zone. */
export function formatAbsolute(at: Date, zone: Zone): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...options(zone),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes): string | undefined =>
    parts.find((part) => part.type === type)?.value;
  const date = `${pad(of('year'), 4)}-${pad(of('month'))}-${pad(of('day'))}`;
  const time = `${pad(of('hour'))}:${pad(of('minute'))}:${pad(of('second'))}.${pad(of('fractionalSecond'), 3)}`;
  return `${date} ${time} ${of('timeZoneName') ?? ''}`.trim();
}

/** What a person meant who typed a date and a time without a zone, as `datetime-local` gives it. */
export const instantOf = (text: string, zone: Zone): Date => new Date(zone === 'utc' ? `${text}Z` : text);

/** `14:05:09.120` for rows of one page that lie close together; `2026-01-31 14:05:09` where that is not today. */
export function formatClock(at: Date, zone: Zone, today: Date = new Date()): string {
  const [absolute, day] = [formatAbsolute(at, zone), formatAbsolute(today, zone).slice(0, 10)];
  return absolute.startsWith(day) ? absolute.slice(11, 23) : absolute.slice(0, 19);
}

/** `14:05`, or `31 Jan` where a chart spans days. */
export function formatTick(at: Date, zone: Zone, spanMs: number): string {
  const days = spanMs > 2 * 86_400_000;
  return new Intl.DateTimeFormat('en-GB', {
    ...options(zone),
    ...(days ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' }),
  }).format(at);
}
