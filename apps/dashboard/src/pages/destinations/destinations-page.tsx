import { Link } from 'wouter';
import { useDestinations, useOverview } from '../../api/queries.js';
import type { DestinationSummary, JobStatus, OverviewLane } from '../../api/types.js';
import { EmptyState, Loaded, Note } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { Table, type Column } from '../../components/table.js';
import { Count, Instant } from '../../components/values.js';
import { filteredHref } from '../../filters/filters.js';
import { describeSchedule } from '../../catalogue/schedule.js';
import { LaneState } from './lane-state.js';

interface Row {
  readonly destination: DestinationSummary;
  /** Not there before the overview was read. */
  readonly lane: OverviewLane | undefined;
}

const nameOf = ({ destination }: Row): string => destination.name;

/** Jobs of a destination in some statuses, with a link to them. */
function Jobs({
  row: { destination, lane },
  statuses,
}: {
  readonly row: Row;
  readonly statuses: readonly JobStatus[];
}) {
  if (!lane) return <span className="muted">–</span>;
  const count = statuses.reduce((sum, status) => sum + lane.counts[status], 0);
  if (count === 0) return <span className="muted">0</span>;
  const where = { 'jobs.destinations_in': [destination.name], 'jobs.status_in': statuses };
  return (
    <Link href={filteredHref('/jobs', where)}>
      <Count value={count} />
    </Link>
  );
}

const columns: readonly Column<Row>[] = [
  { id: 'name', header: 'Destination', cell: (row) => <strong>{nameOf(row)}</strong> },
  {
    id: 'lane',
    header: 'Lane',
    cell: ({ destination, lane }) => <LaneState lane={lane ?? destination.lane} />,
  },
  {
    id: 'delivers',
    header: 'Delivers',
    from: 'wide',
    cell: ({ destination }) => describeSchedule(destination.options.schedule)[0]?.[1],
  },
  {
    id: 'waiting',
    header: 'Waiting',
    align: 'right',
    cell: (row) => <Jobs row={row} statuses={['awaiting', 'executing']} />,
  },
  {
    id: 'failed',
    header: 'Failed',
    align: 'right',
    cell: (row) => <Jobs row={row} statuses={['failed', 'unknown']} />,
  },
  {
    id: 'discarded',
    header: 'Discarded',
    align: 'right',
    from: 'medium',
    cell: (row) => <Jobs row={row} statuses={['discarded']} />,
  },
  {
    id: 'succeeded',
    header: 'Succeeded',
    align: 'right',
    from: 'medium',
    cell: (row) => <Jobs row={row} statuses={['succeeded']} />,
  },
  {
    id: 'oldest',
    header: 'Oldest due',
    from: 'wide',
    cell: ({ lane }) => <Instant at={lane?.oldest_due_at} />,
  },
];

/** Where data goes. */
export function DestinationsPage() {
  const destinations = useDestinations();
  const overview = useOverview();
  const lanes = overview.data?.lanes ?? [];
  return (
    <Page title="Destinations" description="Where data goes, and whether it gets there.">
      <Unregistered lanes={lanes} />
      <Loaded query={destinations}>
        {({ data }) => (
          <Panel flush>
            <Table
              caption="Destinations"
              columns={columns}
              rows={data.map((destination) => ({
                destination,
                lane: lanes.find((lane) => lane.destination === destination.name),
              }))}
              rowKey={nameOf}
              href={(row) => `/destinations/${encodeURIComponent(nameOf(row))}`}
              empty={
                <EmptyState title="The application has no destination">
                  Events are stored all the same. Add one to <code>destinations</code> in its configuration,
                  then replay what should go there.
                </EmptyState>
              }
            />
          </Panel>
        )}
      </Loaded>
    </Page>
  );
}

/** Jobs of destinations that are no longer part of the application. */
function Unregistered({ lanes }: { readonly lanes: readonly OverviewLane[] }) {
  const gone = lanes.filter(({ registered }) => !registered);
  if (gone.length === 0) return null;
  return (
    <Note tone="warn">
      {gone.map(({ destination }) => (
        <p key={destination}>
          <Link href={filteredHref('/jobs', { 'jobs.destinations_in': [destination] })}>
            <strong>{destination}</strong>
          </Link>{' '}
          has jobs but is not part of the application. They wait until it is, or until they are too old.
        </p>
      ))}
    </Note>
  );
}
