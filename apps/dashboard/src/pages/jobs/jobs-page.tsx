import { useState } from 'react';
import { useListed } from '../../api/queries.js';
import type { Job } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { EmptyState, Loaded } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { Pager, useCursor } from '../../components/pager.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Table, type Column } from '../../components/table.js';
import { Count, Instant } from '../../components/values.js';
import { STATUSES, type FilterName } from '../../filters/fields.js';
import { ExportLinks } from '../../filters/export-links.js';
import { FilterBar } from '../../filters/filter-bar.js';
import { addFilter, filterEntries, removeFilter, writeFilters } from '../../filters/filters.js';
import { useFilters, type FilterControl } from '../../filters/use-filters.js';
import { formatNumberOf } from '../../format/number.js';
import { FIRST_CURL } from '../../format/first-curl.js';
import { OrderButtons } from '../../orders/order-buttons.js';
import { isOpen } from '../../components/timeline.js';

const PAGE_SIZE = '50';
const REFRESH_MS = 5_000;

const search: readonly FilterName[] = [
  'events.user_id',
  'events.message_id',
  'jobs.error_code',
  'events.name',
  'jobs.ids_in',
];

const fields: readonly FilterName[] = [
  'jobs.destinations_in',
  'jobs.actions_in',
  'jobs.status_in',
  'jobs.error_code',
  'jobs.min_attempts',
  'jobs.created_after',
  'jobs.created_before',
  'events.types_in',
  'events.sources_in',
  'events.received_after',
];

const columns: readonly Column<Job>[] = [
  {
    id: 'job',
    header: 'Job',
    cell: ({ destination, action }) => (
      <>
        {destination} <span className="muted">{action}</span>
      </>
    ),
  },
  { id: 'status', header: 'Status', cell: ({ status }) => <StatusBadge status={status} /> },
  {
    id: 'reason',
    header: 'Reason',
    grow: true,
    from: 'medium',
    cell: ({ error }) =>
      error ? <span title={error.message}>{error.message}</span> : <span className="muted">–</span>,
  },
  {
    id: 'attempt',
    header: 'Attempts',
    align: 'right',
    cell: ({ attempt }) => <Count value={attempt} />,
    from: 'medium',
  },
  { id: 'created', header: 'Created', cell: ({ created_at }) => <Instant at={created_at} /> },
  {
    id: 'next',
    header: 'Next or end',
    from: 'wide',
    cell: ({ status, due_at, finished_at }) =>
      status === 'executing' ? (
        <span className="muted">running</span>
      ) : (
        <Instant at={isOpen(status) ? due_at : finished_at} />
      ),
  },
];

export function JobsPage() {
  const control = useFilters();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const cursor = useCursor();
  const query = writeFilters(control.filters);
  query.set('limit', PAGE_SIZE);
  if (cursor !== undefined) query.set('cursor', cursor);
  const jobs = useListed<Job>('store/jobs', { query, refreshMs: cursor === undefined && REFRESH_MS });
  return (
    <Page title="Jobs" description="One action of one destination for one event, newest first.">
      <FilterBar search={search} fields={fields} />
      <div className="row list-tools">
        <StatusSwitch control={control} />
        <Orders control={control} selected={selected} />
      </div>
      <Panel flush>
        <Loaded query={jobs}>
          {({ data, meta }) => (
            <>
              <Table
                caption="Jobs"
                columns={columns}
                rows={data}
                rowKey={({ id }) => id}
                href={({ id }) => `/jobs/${id}`}
                selection={{ selected, onChange: setSelected }}
                empty={<NoJobs control={control} />}
              />
              {data.length > 0 && (
                <Pager meta={meta} of="job">
                  <ExportLinks list="jobs" filters={control.filters} />
                </Pager>
              )}
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

interface OrdersProps {
  readonly control: FilterControl;
  readonly selected: ReadonlySet<string>;
}

/** What can be done to the rows that are selected, else to all that match. */
function Orders({ control: { filters }, selected }: OrdersProps) {
  if (selected.size > 0) {
    const about = formatNumberOf(selected.size, 'job');
    return (
      <div className="row">
        <OrderButtons kinds={['retry', 'discard']} filters={{ 'jobs.ids_in': [...selected] }} about={about} />
      </div>
    );
  }
  if (filterEntries(filters).length === 0)
    return <span className="muted">Filter or select to retry or discard many</span>;
  return (
    <div className="row">
      <OrderButtons kinds={['retry', 'discard']} filters={filters} about="all that match" />
    </div>
  );
}

/** The filter that is used most, at hand. */
function StatusSwitch({ control: { filters, set } }: { readonly control: FilterControl }) {
  const chosen = filters['jobs.status_in'] ?? [];
  return (
    <div className="row" role="group" aria-label="Status">
      {STATUSES.map((status) => {
        const on = chosen.includes(status);
        const toggled = on
          ? removeFilter(filters, 'jobs.status_in', status)
          : addFilter(filters, 'jobs.status_in', status);
        return (
          <button
            key={status}
            type="button"
            className="status-switch"
            aria-pressed={on}
            onClick={() => set(toggled)}
          >
            <StatusBadge status={status} />
          </button>
        );
      })}
    </div>
  );
}

function NoJobs({ control: { filters, clear } }: { readonly control: FilterControl }) {
  if (filterEntries(filters).length > 0)
    return <EmptyState title="No job matches" actions={<Button onClick={clear}>Clear all filters</Button>} />;
  return (
    <EmptyState title="No jobs yet" command={FIRST_CURL}>
      A message becomes one job for each destination that has an action for it.
    </EmptyState>
  );
}
