import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Overview, Statistics } from '../../api/types.js';
import { Chart } from '../../components/chart.js';
import { Panel } from '../../components/page.js';
import { filteredHref } from '../../filters/filters.js';
import { formatCompact, formatCount, formatPercent } from '../../format/number.js';
import { funnelOf, ingestSeries, perStep } from './series.js';

interface FunnelPanelProps {
  readonly overview: Overview;
  readonly statistics: Statistics;
}

/** The way of everything that came in, from the gateway to the vendors. */
export function FunnelPanel({ overview, statistics }: FunnelPanelProps) {
  const funnel = funnelOf(statistics, overview);
  const { times, stored, others } = ingestSeries(statistics);
  const ended = funnel.succeeded + funnel.discarded;
  return (
    <Panel flush>
      <ol className="funnel">
        <Stage name="Received" value={funnel.received}>
          messages
          {funnel.turnedAway > 0
            ? `; ${formatCount(funnel.turnedAway)} told to come again`
            : ' by the gateway'}
        </Stage>
        <Stage name="Stored" value={funnel.stored}>
          {formatPercent(funnel.stored, funnel.received)} of received; {formatCount(funnel.duplicate)}{' '}
          duplicate, <Link href="/rejections">{formatCount(funnel.refused)} refused</Link>
        </Stage>
        <Stage name="Delivered" value={funnel.succeeded} tone="good">
          jobs, {formatPercent(funnel.succeeded, ended)} of those that ended
        </Stage>
        <Stage name="Waiting now" value={funnel.waiting} tone={funnel.waiting > 0 ? 'warn' : undefined}>
          <Link
            href={filteredHref('/jobs', { 'jobs.status_in': ['awaiting', 'executing', 'failed', 'unknown'] })}
          >
            jobs: awaiting, running or to be tried again
          </Link>
        </Stage>
        <Stage name="Failed attempts" value={funnel.failed} tone={funnel.failed > 0 ? 'warn' : undefined}>
          tried again by themselves
        </Stage>
        <Stage name="Discarded" value={funnel.discarded} tone={funnel.discarded > 0 ? 'bad' : undefined}>
          <Link href={filteredHref('/jobs', { 'jobs.status_in': ['discarded'] })}>
            jobs never tried again
          </Link>
        </Stage>
      </ol>
      <div className="funnel-chart">
        <Chart
          label={`Messages received ${perStep(statistics)}`}
          kind="bars"
          times={times}
          series={[
            { label: 'stored', tone: 'info', values: stored },
            { label: 'not stored', tone: 'warn', values: others },
          ]}
          format={formatCompact}
          height={132}
        />
      </div>
    </Panel>
  );
}

interface StageProps {
  readonly name: string;
  readonly value: number;
  readonly tone?: 'good' | 'warn' | 'bad' | undefined;
  readonly children: ReactNode;
}

function Stage({ name, value, tone, children }: StageProps) {
  return (
    <li className={tone ? `stage stage-${tone}` : 'stage'}>
      <span className="stage-name">{name}</span>
      <strong className="stage-value number">{formatCount(value)}</strong>
      <span className="stage-text">{children}</span>
    </li>
  );
}
