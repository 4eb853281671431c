import type { Bulk } from '../../api/types.js';
import { Panel } from '../../components/page.js';
import { useOrders } from '../../orders/order-api.js';
import { OrderProgress } from '../../orders/order-progress.js';
import { isOver } from '../../orders/progress.js';

/** Orders that are under way, whoever gave them, and those that were given here a moment ago until they are left behind. */
export function RunningOrders({ ordered }: { readonly ordered: readonly Bulk[] }) {
  const { data } = useOrders();
  const own = new Set(ordered.map(({ id }) => id));
  const running = (data?.data ?? []).filter((order) => !own.has(order.id) && !isOver(order));
  const shown = [...ordered, ...running];
  if (shown.length === 0) return null;
  return (
    <Panel title="Orders">
      {shown.map((order) => (
        <OrderProgress key={order.id} order={order} />
      ))}
    </Panel>
  );
}
