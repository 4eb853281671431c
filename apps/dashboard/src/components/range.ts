/** Spans of time that a chart can show, and the step that gives it a readable number of points. */
export const RANGES = {
  '15m': { label: '15 min', spanMs: 900_000, stepMs: 60_000 },
  '1h': { label: '1 h', spanMs: 3_600_000, stepMs: 60_000 },
  '6h': { label: '6 h', spanMs: 21_600_000, stepMs: 300_000 },
  '24h': { label: '24 h', spanMs: 86_400_000, stepMs: 1_200_000 },
  '7d': { label: '7 d', spanMs: 604_800_000, stepMs: 7_200_000 },
  '30d': { label: '30 d', spanMs: 2_592_000_000, stepMs: 28_800_000 },
} as const;

export type RangeName = keyof typeof RANGES;

export const isRangeName = (name: string | null): name is RangeName =>
  name !== null && Object.hasOwn(RANGES, name);

/**
 * The range as the API takes it. It ends with the step that is running, so that it changes once a minute and no
 * answer is asked for twice.
 */
export function rangeQuery(name: RangeName, now: number): { from: string; to: string; step_ms: number } {
  const { spanMs, stepMs } = RANGES[name];
  const to = Math.ceil((now + 1) / stepMs) * stepMs;
  return { from: new Date(to - spanMs).toISOString(), to: new Date(to).toISOString(), step_ms: stepMs };
}

/** The beginnings of all steps of a range, in milliseconds: what has no tally is zero, not a gap. */
export function stepsOf({
  from,
  to,
  step_ms,
}: {
  readonly from: string;
  readonly to: string;
  readonly step_ms: number;
}): readonly number[] {
  const first = Date.parse(from);
  const length = Math.max(0, Math.ceil((Date.parse(to) - first) / step_ms));
  return Array.from({ length }, (_, step) => first + step * step_ms);
}
