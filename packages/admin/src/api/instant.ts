const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(Z|[+ -]\d{2}:?\d{2})?)?$/;

/**
 * An ISO 8601 time, or the ancestor's `YYYY-MM-DD hh:mm:ss`; UTC where it names no offset, midnight where it names no
 * time. A `+` arrives as a space when the sender did not escape it. undefined for what is no time of the calendar.
 */
export function parseInstant(text: string): Date | undefined {
  const [, day, time = '00:00:00', zone = 'Z'] = INSTANT.exec(text) ?? [];
  if (day === undefined) return undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  // JavaScript moves 31 February on to March.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined;
  const offset = zone.replace(' ', '+').replace(/(\d{2}):?(\d{2})$/, '$1:$2');
  const instant = new Date(`${day}T${time}${offset}`);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}
