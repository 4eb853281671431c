import { Link, useParams } from 'wouter';
import type { Bulk } from '../../api/types.js';
import { EmptyState, Loaded } from '../../components/notes.js';
import { KeyValues, Page, Panel } from '../../components/page.js';
import { Pager, useCursor } from '../../components/pager.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Table, type Column } from '../../components/table.js';
import { Id, Instant } from '../../components/values.js';
import { Chips } from '../../filters/filter-bar.js';
import { filteredHref, filtersOfWhere } from '../../filters/filters.js';
import { formatCount } from '../../format/number.js';
import { useOrderById, useOrders } from '../../orders/order-api.js';
import { OrderProgress, ProgressBar } from '../../orders/order-progress.js';
import { KINDS } from '../../orders/order-texts.js';
import { isOver } from '../../orders/progress.js';

const columns: readonly Column<Bulk>[] = [
  {
    id: 'order',
    header: 'Order',
    cell: ({ kind, state }) => (
      <span className="order-name">
        {KINDS[kind].verb} <StatusBadge status={state} />
      </span>
    ),
  },
  { id: 'progress', header: 'Progress', cell: (order) => <ProgressBar order={order} /> },
  {
    id: 'filter',
    header: 'Of what',
    from: 'wide',
    cell: ({ where }) => <FilterOf where={where} />,
  },
  {
    id: 'rate',
    header: 'Rate',
    align: 'right',
    from: 'medium',
    cell: ({ rate_per_second: rate }) =>
      rate === null ? <span className="muted">none</span> : `${formatCount(rate)}/s`,
  },
  { id: 'actor', header: 'By', from: 'medium', cell: ({ actor }) => actor },
  { id: 'created', header: 'Ordered', cell: ({ created_at: at }) => <Instant at={at} /> },
];

function FilterOf({ where }: { readonly where: Bulk['where'] }) {
  const filters = filtersOfWhere(where);
  return Object.keys(filters).length > 0 ? (
    <Chips filters={filters} />
  ) : (
    <span className="muted">everything</span>
  );
}

/** Orders to retry, discard, replay or delete many at once. */
export function OrdersPage() {
  const query = useOrders(useCursor());
  return (
    <Page
      title="Orders"
      description="To retry, discard, replay or delete many at once. A scheduler carries them out, also across restarts."
    >
      <Panel flush>
        <Loaded query={query}>
          {({ data, meta }) => (
            <>
              <Table
                caption="Orders"
                columns={columns}
                rows={data}
                rowKey={({ id }) => id}
                href={({ id }) => `/orders/${id}`}
                empty={
                  <EmptyState title="Nobody has ordered anything yet">
                    Select groups of <Link href="/failures">failures</Link>, see how many jobs they are, and
                    retry or discard them at a rate. The order then shows up here, with its progress.
                  </EmptyState>
                }
              />
              {data.length > 0 && <Pager meta={meta} of="order" />}
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

/** One order. */
export function OrderPage() {
  const { id } = useParams<{ id: string }>();
  const query = useOrderById(id);
  return (
    <Page title="Order" windowTitle={`Order ${id}`} description={<Link href="/orders">All orders</Link>}>
      <Loaded query={query}>{(order) => <OrderDetail order={order} />}</Loaded>
    </Page>
  );
}

function OrderDetail({ order }: { readonly order: Bulk }) {
  const filters = filtersOfWhere(order.where);
  const ofEvents = KINDS[order.kind].unit === 'event';
  return (
    <>
      <Panel>
        <OrderProgress order={order} linked={false} />
      </Panel>
      <Panel title="Details">
        <div className="stack">
          <p>{KINDS[order.kind].meaning}</p>
          <KeyValues
            entries={[
              ['Id', <Id key="id">{order.id}</Id>],
              ['Ordered', <Instant key="created" at={order.created_at} as="absolute" />],
              ['Started', <Instant key="started" at={order.started_at} as="absolute" />],
              ['Ended', isOver(order) ? <Instant key="ended" at={order.finished_at} as="absolute" /> : null],
              ['By', order.actor],
            ]}
          />
          <p>
            <Link href={filteredHref(ofEvents ? '/events' : '/jobs', filters)}>
              {ofEvents ? 'Events' : 'Jobs'} that match its filter now
            </Link>
          </p>
        </div>
      </Panel>
    </>
  );
}
