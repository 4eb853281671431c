import { formatCount, formatRough } from './number.js';

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A span of time in at most two units: `340 ms`, `2.4 s`, `3 min 12 s`, `5 d 2 h`. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  if (Math.round(size) < 1_000) return `${formatCount(size)} ms`;
  for (const [index, [name, unit]] of UNITS.slice(0, -1).entries()) {
    const [smallName, small] = UNITS[index + 1] ?? ['s', 1_000];
    // Rounded before it is split: 59 min 60 s must not come out.
    const rounded = Math.round(size / small) * small;
    if (rounded < unit) continue;
    const rest = Math.round((rounded % unit) / small);
    return `${formatCount(Math.floor(rounded / unit))} ${name}${rest === 0 ? '' : ` ${formatCount(rest)} ${smallName}`}`;
  }
  return `${formatRough(size / 1_000)} s`;
}

/** The clock of a page ticks by the second, and no two machines agree to one: so near a future is none. */
const AHEAD_MS = 2_000;

/** How far an instant is from now: `12 s ago`, `in 3 min`, `now`. */
export function formatRelative(at: Date, now: number): string {
  const distance = now - at.getTime();
  if (distance > -AHEAD_MS && distance < 1_000) return 'now';
  const span = coarse(Math.abs(distance));
  return distance > 0 ? `${span} ago` : `in ${span}`;
}

/** In one unit, rounded down: nobody needs the seconds of yesterday. */
function coarse(ms: number): string {
  const [name, unit] = UNITS.find(([, size]) => ms >= size) ?? ['s', 1_000];
  return `${formatCount(Math.floor(ms / unit))} ${name}`;
}
