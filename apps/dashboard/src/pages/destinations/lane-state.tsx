import type { Lane, LaneState as State } from '../../api/types.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Instant } from '../../components/values.js';

const MEANINGS: Readonly<Record<State, string>> = {
  open: 'Jobs are delivered.',
  slowed: 'The destination asked for a pause. Deliveries go on by themselves.',
  tripped: 'Too much failed at once. Deliveries rest, then one is tried to see whether it works again.',
  held: 'The destination refused the credentials. Jobs wait until a probe passes; see to the key.',
  paused: 'An operator stopped deliveries. Jobs wait until somebody resumes.',
};

export const meaningOf = (state: State): string => MEANINGS[state];

/** Whether a lane delivers, and if not why and until when. */
export function LaneState({
  lane: { state, reason, until },
}: {
  readonly lane: Pick<Lane, 'state' | 'reason' | 'until'>;
}) {
  return (
    <span className="lane-state">
      <StatusBadge status={state} title={meaningOf(state)} />
      {reason !== null && state !== 'open' && <span> {reason}</span>}
      {until !== null && state !== 'open' && (
        <span className="muted">
          {' '}
          next try <Instant at={until} />
        </span>
      )}
    </span>
  );
}
