import { Link } from 'wouter';
import { useListed, useOverview, useStatistics } from '../../api/queries.js';
import type { FailureGroup, Overview, Statistics } from '../../api/types.js';
import { EmptyState, Loaded, Note } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { RangePicker, useRange } from '../../components/range-picker.js';
import { RANGES, rangeQuery } from '../../components/range.js';
import { StatusBadge } from '../../components/status-badge.js';
import { useNow } from '../../components/use-now.js';
import { Count, Instant } from '../../components/values.js';
import { filteredHref } from '../../filters/filters.js';
import { formatNumberOf } from '../../format/number.js';
import { FIRST_CURL } from '../../format/first-curl.js';
import { DestinationCard } from './destination-card.js';
import { FunnelPanel } from './funnel-panel.js';
import { ServicesPanel } from './services-panel.js';
import './overview.css';

export function OverviewPage() {
  const [range, setRange] = useRange();
  const now = useNow();
  const overview = useOverview();
  const statistics = useStatistics(rangeQuery(range, now));
  return (
    <Page
      title="Overview"
      description={`Last ${RANGES[range].label}, and how things stand now.`}
      actions={<RangePicker value={range} onChange={setRange} />}
    >
      <Loaded query={overview}>
        {(current) =>
          current.events === 0 && current.rejections === 0 ? (
            <Panel>
              <EmptyState title="Nothing has come in yet" command={FIRST_CURL}>
                Send a first message to the gateway. It appears here and under Live within a second.
              </EmptyState>
            </Panel>
          ) : (
            <>
              <Attention overview={current} />
              <Loaded query={statistics}>{(data) => <Charts overview={current} statistics={data} />}</Loaded>
              <div className="columns">
                <Reasons />
                <HealthPanel overview={current} />
              </div>
            </>
          )
        }
      </Loaded>
      <ServicesPanel />
    </Page>
  );
}

interface ChartsProps {
  readonly overview: Overview;
  readonly statistics: Statistics;
}

function Charts({ overview, statistics }: ChartsProps) {
  return (
    <>
      <FunnelPanel overview={overview} statistics={statistics} />
      <div className="overview-destinations">
        {overview.lanes.map((lane) => (
          <DestinationCard key={lane.destination} lane={lane} statistics={statistics} />
        ))}
      </div>
    </>
  );
}

/** What somebody should look at now. */
function Attention({ overview: { lanes, plan_errors } }: { readonly overview: Overview }) {
  const closed = lanes.filter(({ state }) => state !== 'open');
  return (
    <>
      {closed.map(({ destination, state, reason, until }) => (
        <Note key={destination} tone={state === 'paused' ? 'info' : 'warn'}>
          <span>
            <Link href={`/destinations/${encodeURIComponent(destination)}`}>{destination}</Link> is {state}
            {reason && `: ${reason}`}. Its jobs stay and are delivered when it opens
            {until && (
              <>
                {' '}
                (<Instant at={until} />)
              </>
            )}
            .
          </span>
        </Note>
      ))}
      {plan_errors > 0 && (
        <Note tone="warn">
          <span>
            <Link href={filteredHref('/events', { 'events.plan_failed': ['true'] })}>
              {formatNumberOf(plan_errors, 'event')}
            </Link>{' '}
            could not be planned: a flow threw. Mend the flow, then replay.
          </span>
        </Note>
      )}
    </>
  );
}

function Reasons() {
  const failures = useListed<FailureGroup>('store/failures', { query: { limit: 6 }, refreshMs: 15_000 });
  return (
    <Panel title="Top reasons" actions={<Link href="/failures">All failures</Link>}>
      <Loaded query={failures}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="muted">Every job has succeeded so far.</p>
          ) : (
            <ol className="top-reasons">
              {data.map((group) => (
                <li key={[group.destination, group.action, group.status, group.code].join(' ')}>
                  <Link href={hrefOf(group)} className="reason-count">
                    <Count value={group.count} />
                  </Link>
                  <div className="reason-text">
                    <span className="row">
                      <strong>{group.destination}</strong> {group.action}{' '}
                      <StatusBadge status={group.status} />
                    </span>
                    <span className="muted">{group.message}</span>
                  </div>
                  <span className="muted reason-at">
                    <Instant at={group.last_at} />
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Panel>
  );
}

const hrefOf = ({ destination, action, status, code }: FailureGroup): string =>
  filteredHref('/jobs', {
    'jobs.destinations_in': [destination],
    'jobs.actions_in': [action],
    'jobs.status_in': [status],
    'jobs.error_code': [code],
  });

function HealthPanel({ overview: { health, events, rejections } }: { readonly overview: Overview }) {
  return (
    <Panel title="Health" actions={<Link href="/health">Details</Link>}>
      <ul className="checks">
        {health.checks.map(({ name, status, message }) => (
          <li key={name}>
            <StatusBadge status={status} /> <span>{name}</span>
            {message && <span className="muted">{message}</span>}
          </li>
        ))}
      </ul>
      <p className="muted overview-kept">
        Kept: <Link href="/events">{formatNumberOf(events, 'event')}</Link>,{' '}
        <Link href="/rejections">{formatNumberOf(rejections, 'rejection')}</Link>
      </p>
    </Panel>
  );
}
