import { Link } from 'wouter';
import type { OverviewLane, Statistics } from '../../api/types.js';
import { Chart } from '../../components/chart.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Duration, Instant } from '../../components/values.js';
import { filteredHref } from '../../filters/filters.js';
import { formatDuration } from '../../format/duration.js';
import { formatCompact, formatCount, formatPercent } from '../../format/number.js';
import { backlogOf, destinationSeries, perStep } from './series.js';

interface DestinationCardProps {
  readonly lane: OverviewLane;
  readonly statistics: Statistics;
}

/** One destination: how much it takes, how much of it fails, how long it takes. */
export function DestinationCard({ lane, statistics }: DestinationCardProps) {
  const { destination, state, registered, oldest_due_at } = lane;
  const tried = statistics.totals.delivery.some((each) => each.destination === destination);
  return (
    <section className="destination-card" aria-label={destination}>
      <header>
        <h2>
          <Link href={`/destinations/${encodeURIComponent(destination)}`}>{destination}</Link>
        </h2>
        {registered ? (
          <StatusBadge status={state} />
        ) : (
          <StatusBadge
            status="not registered"
            tone="warn"
            title="No longer part of the application: its jobs stay until they are too old."
          />
        )}
      </header>
      <Figures lane={lane} statistics={statistics} />
      {tried ? (
        <TryCharts destination={destination} statistics={statistics} />
      ) : (
        <p className="no-attempts muted">No attempts in this range</p>
      )}
      <p className="muted destination-foot">
        {oldest_due_at ? (
          <>
            Oldest due <Instant at={oldest_due_at} />
          </>
        ) : (
          'Nothing is due'
        )}
      </p>
    </section>
  );
}

function Figures({ lane: { destination, counts }, statistics }: DestinationCardProps) {
  const total = statistics.totals.delivery.find((each) => each.destination === destination);
  const failed = total ? total.failed + total.unknown + total.discarded : 0;
  return (
    <dl className="figures">
      <div>
        <dt>Delivered</dt>
        <dd className="number">{formatCount(total?.succeeded ?? 0)}</dd>
      </div>
      <div>
        <dt title="Attempts that did not succeed, of all attempts">Failure ratio</dt>
        <dd className="number">{formatPercent(failed, failed + (total?.succeeded ?? 0))}</dd>
      </div>
      <div>
        <dt title="From receipt to delivery: 95 of 100 took at most this long">p95 latency</dt>
        <dd>
          <Duration ms={total?.p95_ms} />
        </dd>
      </div>
      <div>
        <dt>Backlog</dt>
        <dd className="number">
          <Link
            href={filteredHref('/jobs', {
              'jobs.destinations_in': [destination],
              'jobs.status_in': ['awaiting', 'executing', 'failed', 'unknown'],
            })}
          >
            {formatCount(backlogOf(counts))}
          </Link>
        </dd>
      </div>
    </dl>
  );
}

interface TryChartsProps {
  readonly destination: string;
  readonly statistics: Statistics;
}

function TryCharts({ destination, statistics }: TryChartsProps) {
  const { times, counts: series, failureRatio, p95 } = destinationSeries(statistics, destination);
  return (
    <div className="destination-charts">
      <Chart
        label={`Attempts ${perStep(statistics)}`}
        kind="bars"
        times={times}
        series={[
          { label: 'succeeded', tone: 'good', values: series.succeeded },
          {
            label: 'failed',
            tone: 'warn',
            values: series.failed.map((count, at) => count + (series.unknown[at] ?? 0)),
          },
          { label: 'discarded', tone: 'bad', values: series.discarded },
        ]}
        format={formatCompact}
        height={84}
        timeAxis={false}
      />
      <Chart
        label="Failure ratio"
        times={times}
        series={[{ label: 'not succeeded', tone: 'bad', values: failureRatio }]}
        format={(share) => formatPercent(share, 1)}
        height={56}
        timeAxis={false}
      />
      <Chart
        label="p95 latency, from receipt to delivery"
        times={times}
        series={[{ label: 'p95', tone: 'info', values: p95 }]}
        format={formatDuration}
        height={78}
      />
    </div>
  );
}
