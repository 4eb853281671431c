import { Link } from 'wouter';
import { useWrite } from '../api/queries.js';
import type { Bulk } from '../api/types.js';
import { Button } from '../components/button.js';
import { ErrorNote } from '../components/notes.js';
import { StatusBadge } from '../components/status-badge.js';
import { Count, Instant } from '../components/values.js';
import { Chips } from '../filters/filter-bar.js';
import { filtersOfWhere } from '../filters/filters.js';
import { formatDuration } from '../format/duration.js';
import { formatCount, formatPercent } from '../format/number.js';
import { cancelOrder, useOrder } from './order-api.js';
import { KINDS } from './order-texts.js';
import { isOver, progressOf } from './progress.js';
import './orders.css';

/** How far an order is, anew every second, with a button that stops it. */
export function OrderProgress({
  order: given,
  linked = true,
}: {
  readonly order: Bulk;
  readonly linked?: boolean;
}) {
  const { data: order, error } = useOrder(given);
  const cancel = useWrite(cancelOrder);
  const { verb } = KINDS[order.kind];
  return (
    <div className="order" aria-live="polite">
      <div className="order-head">
        <StatusBadge status={order.state} />
        <strong>{linked ? <Link href={`/orders/${order.id}`}>{verb}</Link> : verb}</strong>
        <span className="muted">
          by {order.actor}, <Instant at={order.created_at} />
          {order.rate_per_second !== null && <>, at most {formatCount(order.rate_per_second)} a second</>}
        </span>
        {!isOver(order) && (
          <Button
            size="small"
            needs="operate"
            busy={cancel.isPending}
            onClick={() => cancel.mutate(order.id)}
            title="What is done stays done"
          >
            Cancel
          </Button>
        )}
      </div>
      <ProgressBar order={order} />
      <Chips filters={filtersOfWhere(order.where)} />
      {order.error !== null && <p className="order-error">{order.error}</p>}
      {(cancel.error ?? error) && <ErrorNote error={(cancel.error ?? error) as Error} />}
    </div>
  );
}

export function ProgressBar({ order }: { readonly order: Bulk }) {
  const { share, leftMs } = progressOf(order);
  const { unit, done } = KINDS[order.kind];
  return (
    <div className="order-progress">
      <progress
        aria-label={`${KINDS[order.kind].verb}: ${unit}s visited`}
        className={`progress progress-${order.state}`}
        max={1}
        {...(share === null && !isOver(order) ? {} : { value: share ?? 1 })}
      />
      <span className="order-numbers">
        <Count value={order.visited} /> of <Count value={order.total} capped={order.total_is_capped} /> {unit}
        s{share !== null && <> · {formatPercent(share, 1)}</>}
        {' · '}
        <Count value={order.done} /> {order.kind === 'replay' && 'jobs '}
        {done}
        {leftMs !== null && leftMs > 0 && <> · about {formatDuration(leftMs)} left</>}
      </span>
    </div>
  );
}
