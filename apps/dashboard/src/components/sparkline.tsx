import type { Tone } from './status-badge.js';

interface SparklineProps {
  readonly label: string;
  readonly values: readonly number[];
  readonly tone: Tone;
}

const WIDTH = 120;
const HEIGHT = 28;

/** A small line without axes, for the inside of a row. */
export function Sparkline({ label, values, tone }: SparklineProps) {
  const max = Math.max(...values, 1);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map(
    (value, at) => `${(at * step).toFixed(1)},${(HEIGHT - 2 - (value / max) * (HEIGHT - 4)).toFixed(1)}`,
  );
  return (
    <svg
      className={`sparkline tone-${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <polygon points={`0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
      <polyline points={points.join(' ')} />
    </svg>
  );
}
