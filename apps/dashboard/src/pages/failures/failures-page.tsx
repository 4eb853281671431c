import { useState } from 'react';
import { Link } from 'wouter';
import { useListed } from '../../api/queries.js';
import type { Bulk, BulkKind, FailureGroup } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { EmptyState, Loaded, Note } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Table, type Column } from '../../components/table.js';
import { Code, Count, Instant } from '../../components/values.js';
import type { FilterName } from '../../filters/fields.js';
import { FilterBar } from '../../filters/filter-bar.js';
import { filteredHref, whereOf, type Filters } from '../../filters/filters.js';
import { useFilters } from '../../filters/use-filters.js';
import { formatCount, formatNumberOf } from '../../format/number.js';
import { OrderDialog } from '../../orders/order-dialog.js';
import { KINDS } from '../../orders/order-texts.js';
import { filtersOfGroup, keyOf } from './group-filters.js';
import { RunningOrders } from './running-orders.js';
import './failures.css';

const REFRESH_MS = 10_000;
const LIMIT = 200;
const SEARCHED: readonly FilterName[] = [
  'jobs.error_code',
  'events.user_id',
  'events.name',
  'events.message_id',
];
const FILTERS: readonly FilterName[] = [
  'jobs.destinations_in',
  'jobs.actions_in',
  'jobs.status_in',
  'jobs.created_after',
  'jobs.created_before',
  'jobs.min_attempts',
  'events.sources_in',
  'events.types_in',
  'events.received_after',
  'events.received_before',
];

const columns = (filters: Filters): readonly Column<FailureGroup>[] => [
  { id: 'reason', header: 'Reason', cell: (group) => <Reason group={group} /> },
  {
    id: 'advice',
    header: 'What to do',
    from: 'wide',
    cell: (group) => <Advice group={group} />,
  },
  {
    id: 'count',
    header: 'Jobs',
    align: 'right',
    cell: (group) => (
      <Link href={filteredHref('/jobs', filtersOfGroup(filters, group))} title="Show these jobs">
        <Count value={group.count} />
      </Link>
    ),
  },
  { id: 'last', header: 'Last', cell: ({ last_at: at }) => <Instant at={at} /> },
  { id: 'first', header: 'First', from: 'medium', cell: ({ first_at: at }) => <Instant at={at} /> },
  {
    id: 'sample',
    header: 'Newest',
    from: 'medium',
    cell: (group) => <Link href={jobHref(group)}>See job</Link>,
  },
];

/** What a vendor says of its own codes is in its answer. */
function Advice({ group }: { readonly group: FailureGroup }) {
  if (group.advice !== null) return <p className="advice">{group.advice}</p>;
  return (
    <p className="advice">
      The vendor's own reason: see what it answered to the{' '}
      <Link href={jobHref(group)}>newest of these jobs</Link>.
    </p>
  );
}

const jobHref = ({ sample_job_id: id }: FailureGroup): string => `/jobs/${encodeURIComponent(id)}`;

function Reason({ group }: { readonly group: FailureGroup }) {
  return (
    <span className="reason">
      <span className="reason-head">
        <Code>{group.code}</Code> <StatusBadge status={group.status} />
      </span>
      <span className="reason-message">{group.message}</span>
      <span className="muted">
        {group.destination} · {group.action}
      </span>
    </span>
  );
}

/** Why jobs did not succeed, in groups, and what is done about many of them at once. */
export function FailuresPage() {
  const { filters } = useFilters();
  const query = useListed<FailureGroup>('store/failures', {
    query: { ...asQuery(filters), limit: LIMIT },
    refreshMs: REFRESH_MS,
  });
  return (
    <Page
      title="Failures"
      description="Jobs that failed, were discarded, or came back without an answer, by destination, action and reason."
    >
      <FilterBar search={SEARCHED} fields={FILTERS} />
      <Loaded query={query}>{({ data }) => <Groups groups={data} filters={filters} />}</Loaded>
    </Page>
  );
}

const asQuery = (filters: Filters): Readonly<Record<string, string | readonly string[]>> =>
  Object.fromEntries(
    Object.entries(whereOf(filters)).map(([name, value]) => [
      name,
      typeof value === 'object' ? value : String(value),
    ]),
  );

interface GroupsProps {
  readonly groups: readonly FailureGroup[];
  readonly filters: Filters;
}

function Groups({ groups, filters }: GroupsProps) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [kind, setKind] = useState<BulkKind>();
  const [ordered, setOrdered] = useState<readonly Bulk[]>([]);
  const chosen = groups.filter((group) => selected.has(keyOf(group)));
  const filtered = Object.keys(filters).length > 0;
  return (
    <>
      <RunningOrders ordered={ordered} />
      <Panel flush>
        {groups.length > 0 && <OrderBar chosen={chosen} onOrder={setKind} />}
        <Table
          caption="Failures by reason"
          columns={columns(filters)}
          rows={groups}
          rowKey={keyOf}
          href={(group) => filteredHref('/jobs', filtersOfGroup(filters, group))}
          selection={{ selected, onChange: setSelected }}
          empty={
            <EmptyState title={filtered ? 'No failure matches' : 'Nothing has failed'}>
              {filtered
                ? 'Take a filter away to see more.'
                : 'Jobs that could not be delivered show up here, grouped by the reason, with what to do about it.'}
            </EmptyState>
          }
        />
      </Panel>
      {groups.length === LIMIT && (
        <Note tone="info">
          Only the {formatCount(LIMIT)} largest groups are shown. Filter to see the others.
        </Note>
      )}
      {kind && (
        <OrderDialog
          kind={kind}
          filters={chosen.map((group) => filtersOfGroup(filters, group))}
          onClose={() => setKind(undefined)}
          onOrdered={(orders) => {
            setOrdered([...orders, ...ordered]);
            setSelected(new Set());
          }}
        />
      )}
    </>
  );
}

interface OrderBarProps {
  readonly chosen: readonly FailureGroup[];
  readonly onOrder: (kind: BulkKind) => void;
}

function OrderBar({ chosen, onOrder }: OrderBarProps) {
  const jobs = chosen.reduce((sum, { count }) => sum + count, 0);
  // A discarded job has ended: there is nothing left to discard.
  const discardable = chosen.some(({ status }) => status !== 'discarded');
  return (
    <div className="order-bar" role="group" aria-label="Orders for the selected groups">
      <span className={chosen.length === 0 ? 'muted' : undefined} aria-live="polite">
        {chosen.length === 0
          ? 'Select groups to retry, discard or replay their jobs'
          : `${formatNumberOf(chosen.length, 'group')}, ${formatNumberOf(jobs, 'job')}`}
      </span>
      <span className="order-bar-buttons">
        <Button
          size="small"
          look="primary"
          needs="operate"
          disabled={chosen.length === 0}
          onClick={() => onOrder('retry')}
        >
          {KINDS.retry.verb} …
        </Button>
        <Button
          size="small"
          needs="operate"
          disabled={!discardable}
          title={chosen.length > 0 && !discardable ? 'These are discarded already' : undefined}
          onClick={() => onOrder('discard')}
        >
          {KINDS.discard.verb} …
        </Button>
        <Button size="small" needs="operate" disabled={chosen.length === 0} onClick={() => onOrder('replay')}>
          {KINDS.replay.verb} …
        </Button>
      </span>
    </div>
  );
}
