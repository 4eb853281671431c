import { formatDuration } from '../format/duration.js';
import { toneOf } from './status-badge.js';
import type { Span } from './timeline.js';

interface SpanBarProps {
  readonly spans: readonly Span[];
  /** The scale: several bars of one event share it. */
  readonly from: number;
  readonly to: number;
}

/** Waiting and running of a job on a common scale. */
export function SpanBar({ spans, from, to }: SpanBarProps) {
  const whole = Math.max(1, to - from);
  const text = spans.map((span) => labelOf(span)).join(', ');
  return (
    <div className="span-bar" role="img" aria-label={text}>
      {spans.map((span) => (
        <span
          key={`${span.kind} ${span.state} ${span.from}`}
          className={`span span-${span.kind} span-${toneOf(span.state)}`}
          style={{
            left: `${((span.from - from) / whole) * 100}%`,
            width: `${((span.to - span.from) / whole) * 100}%`,
          }}
          title={labelOf(span)}
        />
      ))}
    </div>
  );
}

const labelOf = ({ kind, state, from, to }: Span): string =>
  kind === 'run' ? `ran ${formatDuration(to - from)}: ${state}` : `waited ${formatDuration(to - from)}`;
