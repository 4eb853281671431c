export type Tone = 'neutral' | 'info' | 'good' | 'warn' | 'bad' | 'mute';

/** Statuses of jobs, states of lanes and orders, results of checks and of intake: each word means one thing everywhere. */
const TONES: Readonly<Record<string, Tone>> = {
  acknowledged: 'mute',
  awaiting: 'neutral',
  executing: 'info',
  succeeded: 'good',
  failed: 'warn',
  unknown: 'warn',
  discarded: 'bad',
  open: 'good',
  slowed: 'warn',
  tripped: 'bad',
  held: 'bad',
  paused: 'mute',
  waiting: 'neutral',
  running: 'info',
  done: 'good',
  cancelled: 'mute',
  ok: 'good',
  warning: 'warn',
  degraded: 'warn',
  unavailable: 'bad',
  refused: 'bad',
  stored: 'good',
  duplicate: 'mute',
};

export const toneOf = (status: string): Tone => TONES[status] ?? 'neutral';

interface StatusBadgeProps {
  readonly status: string;
  /** Instead of what the word means elsewhere. */
  readonly tone?: Tone;
  readonly title?: string;
}

/** A status as a coloured word; the word itself says it to those who cannot tell the colours apart. */
export function StatusBadge({ status, tone = toneOf(status), title }: StatusBadgeProps) {
  return (
    <span className={`badge badge-${tone}`} title={title}>
      {status}
    </span>
  );
}
