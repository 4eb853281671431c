import { Link, useParams } from 'wouter';
import { path } from '../../api/client.js';
import { useOverview, useRead } from '../../api/queries.js';
import type { ActionDetail, DestinationDetail, JobStatus } from '../../api/types.js';
import { PublicOptions } from '../../catalogue/public-options.js';
import { describeSchedule } from '../../catalogue/schedule.js';
import { VersionList } from '../../catalogue/version-list.js';
import { Loaded } from '../../components/notes.js';
import { KeyValues, Page, Panel } from '../../components/page.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Table, type Column } from '../../components/table.js';
import { Count, Instant } from '../../components/values.js';
import { STATUSES } from '../../filters/fields.js';
import { filteredHref } from '../../filters/filters.js';
import { formatDuration } from '../../format/duration.js';
import { formatCount } from '../../format/number.js';
import { LanePanel } from './lane-panel.js';
import { TestEventPanel } from './test-event-panel.js';
import './destinations.css';

const REFRESH_MS = 5_000;

/** One destination: whether its lane delivers, what it is set to, and a way to try it. */
export function DestinationPage() {
  const { name } = useParams<{ name: string }>();
  const query = useRead<DestinationDetail>(path`destinations/${name}`, { refreshMs: REFRESH_MS });
  return (
    <Page
      title={name}
      windowTitle={`Destination ${name}`}
      description={<Link href="/destinations">All destinations</Link>}
      actions={
        <>
          <Link href={filteredHref('/failures', { 'jobs.destinations_in': [name] })}>Failures</Link>
          <Link href={filteredHref('/jobs', { 'jobs.destinations_in': [name] })}>Jobs</Link>
        </>
      }
    >
      <Loaded query={query}>{(destination) => <Destination destination={destination} />}</Loaded>
    </Page>
  );
}

function Destination({ destination }: { readonly destination: DestinationDetail }) {
  const { name, lane, actions } = destination;
  return (
    <>
      <div className="columns">
        <LanePanel lane={lane} />
        <Backlog name={name} />
      </div>
      <Settings destination={destination} />
      <Panel title="Actions" flush>
        <Table
          caption={`Actions of ${name}`}
          columns={columnsOf(destination)}
          rows={actions}
          rowKey={(action) => action.name}
        />
      </Panel>
      <TestEventPanel key={name} destination={destination} />
    </>
  );
}

/** How many jobs are where. */
function Backlog({ name }: { readonly name: string }) {
  const { data } = useOverview();
  const lane = data?.lanes.find(({ destination }) => destination === name);
  return (
    <Panel title="Jobs">
      <KeyValues
        entries={[
          ...STATUSES.map(
            (status) =>
              [
                status,
                <Jobs key={status} name={name} status={status} count={lane?.counts[status]} />,
              ] as const,
          ),
          ['Oldest due', <Instant key="oldest" at={lane?.oldest_due_at} />],
        ]}
      />
    </Panel>
  );
}

interface JobsProps {
  readonly name: string;
  readonly status: JobStatus;
  readonly count: number | undefined;
}

function Jobs({ name, status, count }: JobsProps) {
  if (count === undefined) return <span className="muted">–</span>;
  if (count === 0) return <span className="muted">0</span>;
  return (
    <Link href={filteredHref('/jobs', { 'jobs.destinations_in': [name], 'jobs.status_in': [status] })}>
      <Count value={count} />
    </Link>
  );
}

function Settings({ destination }: { readonly destination: DestinationDetail }) {
  const { accepts, integrations, ordering, options } = destination;
  const { versions, default_version: preferred, schedule, limits } = options;
  return (
    <Panel title="Settings">
      <div className="stack">
        <KeyValues
          entries={[
            [
              'Takes',
              accepts === null
                ? 'what flows name it for'
                : 'the messages of Segment that it has an action for',
            ],
            ['Switched by', <Switches key="switch" names={integrations} />],
            ['Order', ordering === 'user' ? 'one after the other for each user' : 'any'],
            ['Versions', <VersionList key="versions" versions={versions} preferred={preferred} />],
            ...describeSchedule(schedule),
            [
              'In parallel',
              limits.concurrency === null ? '32 calls (default)' : `${formatCount(limits.concurrency)} calls`,
            ],
            [
              'Pace',
              limits.calls_per_second === null
                ? 'no limit'
                : `${formatCount(limits.calls_per_second)} calls a second`,
            ],
            [
              'Deadline of a call',
              limits.load_timeout_ms === null ? '1 min (default)' : formatDuration(limits.load_timeout_ms),
            ],
          ]}
        />
        <details>
          <summary>Options</summary>
          <PublicOptions options={options} without={['versions', 'default_version', 'schedule', 'limits']} />
        </details>
      </div>
    </Panel>
  );
}

/** The names by which `integrations` of a message switches it. */
const Switches = ({ names }: { readonly names: readonly string[] }) => (
  <span className="row">
    {names.map((name) => (
      <code key={name}>{name}</code>
    ))}
    <span className="muted">
      in <code>integrations</code>
    </span>
  </span>
);

const columnsOf = ({ options }: DestinationDetail): readonly Column<ActionDetail>[] => [
  { id: 'name', header: 'Action', cell: ({ name }) => <code>{name}</code> },
  {
    id: 'batch',
    header: 'Jobs per call',
    cell: ({ batch }) => (
      <>
        {batch.max_jobs === 1 ? '1' : `up to ${formatCount(batch.max_jobs)}`}
        {batch.max_bytes !== null && (
          <span className="muted"> · {formatCount(Math.round(batch.max_bytes / 1_000))} kB</span>
        )}
      </>
    ),
  },
  {
    id: 'schedule',
    header: 'Schedule',
    cell: ({ schedule }) =>
      schedule === null ? (
        <span className="muted">as the destination</span>
      ) : (
        <>
          <StatusBadge status="own" tone="info" />{' '}
          {describeSchedule(schedule, options.schedule)
            .map(([name, text]) => `${name.toLowerCase()} ${text}`)
            .join('; ')}
        </>
      ),
  },
];
