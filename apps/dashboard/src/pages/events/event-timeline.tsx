import { Link } from 'wouter';
import { useHistories } from '../../api/queries.js';
import type { EventDetail, Job, Transition } from '../../api/types.js';
import { Panel } from '../../components/page.js';
import { SpanBar } from '../../components/span-bar.js';
import { StatusBadge } from '../../components/status-badge.js';
import { isOpen, spansOf } from '../../components/timeline.js';
import { TransitionList } from '../../components/transition-list.js';
import { useNow } from '../../components/use-now.js';
import { Duration, Instant } from '../../components/values.js';
import { formatNumberOf } from '../../format/number.js';

/** The jobs of an event on one scale of time, each with every transition. */
export function EventTimeline({ event }: { readonly event: EventDetail }) {
  const now = useNow();
  const histories = useHistories(event.jobs);
  // A job that was retried counts as created then: its history tells when it began.
  const beginnings = [...event.jobs, ...histories.flatMap((history) => history.slice(0, 1))];
  const from = Math.min(...beginnings.map(({ created_at: at }) => Date.parse(at)));
  const to = Math.max(...event.jobs.map((job) => endOf(job, now)));
  return (
    <Panel
      title={formatNumberOf(event.jobs.length, 'job')}
      actions={
        <span className="muted legend">
          <i className="span-wait" /> waits <i className="span-run" /> runs · scale{' '}
          <Duration ms={to - from} />
        </span>
      }
    >
      <ul className="timeline">
        {event.jobs.map((job, at) => (
          <TimelineJob key={job.id} job={job} transitions={histories[at] ?? []} scale={{ from, to, now }} />
        ))}
      </ul>
    </Panel>
  );
}

const endOf = ({ status, finished_at }: Job, now: number): number =>
  isOpen(status) || finished_at === null ? now : Date.parse(finished_at);

interface TimelineJobProps {
  readonly job: Job;
  readonly transitions: readonly Transition[];
  readonly scale: { readonly from: number; readonly to: number; readonly now: number };
}

function TimelineJob({ job, transitions, scale: { from, to, now } }: TimelineJobProps) {
  return (
    <li>
      <div className="timeline-head">
        <Link href={`/jobs/${job.id}`}>
          <strong>{job.destination}</strong> {job.action}
        </Link>
        <StatusBadge status={job.status} />
        {isOpen(job.status) && job.status !== 'executing' && (
          <span className="muted">
            {Date.parse(job.due_at) > now ? 'next attempt' : 'due'} <Instant at={job.due_at} />
          </span>
        )}
      </div>
      <SpanBar spans={spansOf(transitions, now)} from={from} to={to} />
      {job.error && (
        <p className="timeline-error">
          {job.error.statusCode !== null && <code>{job.error.statusCode}</code>} {job.error.message}{' '}
          <code className="muted">{job.error.code}</code>
        </p>
      )}
      <details>
        <summary>{formatNumberOf(transitions.length, 'transition')}</summary>
        <TransitionList transitions={transitions} />
      </details>
    </li>
  );
}
