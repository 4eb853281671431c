import type { Schedule } from '../api/types.js';
import { formatDuration } from '../format/duration.js';
import { formatCount } from '../format/number.js';

/** What core takes where nothing is set. */
const DEFAULT_MAX_AGE_MS = 72 * 3_600_000;

/**
 * The schedule of a destination or action in words, each with its name. What is not set comes from `over`, the next
 * one up, or else is the default.
 */
export function describeSchedule(
  own: Schedule | null,
  over: Schedule | null = null,
): readonly (readonly [string, string])[] {
  const { realtime, interval, max_retries: retries, max_age_ms: maxAgeMs } = effective(own, over);
  const age = `at the age of ${formatDuration(maxAgeMs ?? DEFAULT_MAX_AGE_MS)}`;
  return [
    ['Delivers', realtime === false ? `collected, ${interval ?? 'never'}` : 'at once'],
    [
      'Tries again',
      interval === null
        ? `after ${formatDuration(5_000)}, doubling up to ${formatDuration(900_000)}`
        : `on ${interval}`,
    ],
    ['Gives up', retries === null ? age : `after ${formatCount(retries)} retries, or ${age}`],
  ];
}

const UNSET: Schedule = { realtime: null, interval: null, max_retries: null, max_age_ms: null };

const effective = (own: Schedule | null, over: Schedule | null): Schedule => ({
  ...UNSET,
  ...whatIsSet(over),
  ...whatIsSet(own),
});

const whatIsSet = (schedule: Schedule | null): Partial<Schedule> =>
  Object.fromEntries(Object.entries(schedule ?? {}).filter(([, value]) => value !== null));
