import type { EventSummary } from '../api/types.js';
import { StatusBadge } from './status-badge.js';

/** An event by its type and name. */
export function EventTitle({ event }: { readonly event: Pick<EventSummary, 'type' | 'name' | 'trigger'> }) {
  return (
    <span className="event-title">
      <span className="badge badge-neutral">{event.type ?? event.trigger}</span>
      {event.name && <span className="event-name">{event.name}</span>}
    </span>
  );
}

/** Whom an event is about; a dash where it says nobody. */
export function Who({ event }: { readonly event: Pick<EventSummary, 'user_id' | 'anonymous_id'> }) {
  const who = event.user_id ?? event.anonymous_id;
  if (who === null) return <span className="muted">–</span>;
  return (
    <span className="who" title={event.user_id === null ? `anonymous: ${who}` : `user id: ${who}`}>
      {who}
    </span>
  );
}

/** That the flows could not make jobs of an event. */
export function PlanErrorBadge({ event }: { readonly event: Pick<EventSummary, 'plan_error'> }) {
  if (event.plan_error === null) return null;
  return <StatusBadge status="not planned" tone="bad" title={event.plan_error} />;
}
