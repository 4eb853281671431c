import type { Transition } from '../api/types.js';
import { formatDay } from '../format/instant.js';
import { usePreferences } from './preferences.js';
import { StatusBadge } from './status-badge.js';
import { statusOf } from './timeline.js';
import { Instant } from './values.js';

/** Every transition of a job, oldest first, with the answer or the error that brought it about. */
export function TransitionList({ transitions }: { readonly transitions: readonly Transition[] }) {
  const { zone } = usePreferences();
  // The clock says it all while a job lives within one day; its title has the date in any case.
  const days = new Set(transitions.map(({ created_at: at }) => formatDay(new Date(at), zone)));
  return (
    <ol className="transitions">
      {transitions.map((transition, index) => (
        <li key={transition.id ?? index}>
          <Instant at={transition.created_at} as={days.size > 1 ? 'absolute' : 'clock'} />
          <StatusBadge status={transition.state_after} />
          <span className="muted">{tellingOf(transition)}</span>
        </li>
      ))}
    </ol>
  );
}

function tellingOf(transition: Transition): string {
  const { attempt, error } = transition;
  const status = statusOf(transition);
  const parts = [attempt > 0 && `attempt ${attempt}`, status !== null && `HTTP ${status}`, error?.message];
  return parts.filter(Boolean).join(' · ');
}
