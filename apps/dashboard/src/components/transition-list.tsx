import type { Transition } from '../api/types.js';
import { formatDay } from '../format/instant.js';
import { usePreferences } from './preferences.js';
import { StatusBadge } from './status-badge.js';
import { Instant } from './values.js';

/** Every transition of a job, oldest first, with the error that brought it about. */
export function TransitionList({ transitions }: { readonly transitions: readonly Transition[] }) {
  const { zone } = usePreferences();
  // The clock says it all while a job lives within one day; its title has the date in any case.
  const days = new Set(transitions.map(({ created_at: at }) => formatDay(new Date(at), zone)));
  return (
    <ol className="transitions">
      {transitions.map(({ id, created_at: at, state_after: state, attempt, error }, index) => (
        <li key={id ?? index}>
          <Instant at={at} as={days.size > 1 ? 'absolute' : 'clock'} />
          <StatusBadge status={state} />
          <span className="muted">
            {[attempt > 0 && `attempt ${attempt}`, error?.message].filter(Boolean).join(' · ')}
          </span>
        </li>
      ))}
    </ol>
  );
}
