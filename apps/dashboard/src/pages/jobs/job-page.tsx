import { useState } from 'react';
import { Link } from 'wouter';
import { useJob, useListed, useTransitions } from '../../api/queries.js';
import type { FailureGroup, Job, Transition } from '../../api/types.js';
import { CopyButton } from '../../components/copy-button.js';
import { JsonPanel } from '../../components/json-panel.js';
import { Loaded, Note, RedactedNote } from '../../components/notes.js';
import { KeyValues, Page, Panel } from '../../components/page.js';
import { SpanBar } from '../../components/span-bar.js';
import { StatusBadge } from '../../components/status-badge.js';
import { attemptsOf, isOpen, spansOf } from '../../components/timeline.js';
import { TransitionList } from '../../components/transition-list.js';
import { useNow } from '../../components/use-now.js';
import { Count, Duration, Id, Instant, spanMs } from '../../components/values.js';
import type { PageProps } from '../index.js';
import { Attempts } from './attempts.js';
import { JobActions, JobDialog, type JobDeed } from './job-actions.js';
import './job.css';

const REFRESH_MS = 2_000;

export function JobPage({ params: { id = '' } }: PageProps) {
  const first = useJob(id);
  const refreshMs = first.data !== undefined && isOpen(first.data.status) && REFRESH_MS;
  const job = useJob(id, refreshMs);
  const transitions = useTransitions(job.data);
  const [deed, setDeed] = useState<JobDeed>();
  if (!job.data) {
    return (
      <Page title="Job" description={<Id>{id}</Id>}>
        <Loaded query={job}>{() => null}</Loaded>
      </Page>
    );
  }
  return (
    <Page
      title={`${job.data.destination} · ${job.data.action}`}
      windowTitle={`${job.data.destination} ${job.data.action}: ${job.data.status}`}
      description={
        <span className="row">
          <StatusBadge status={job.data.status} />
          <Id>{id}</Id>
          <CopyButton text={id} label="Copy id" />
        </span>
      }
      actions={<JobActions job={job.data} onDeed={setDeed} />}
    >
      <Reason job={job.data} />
      {[job.data, ...(transitions.data?.data ?? [])].some(({ redacted }) => redacted) && <RedactedNote />}
      <Facts job={job.data} plannedAt={transitions.data?.data[0]?.created_at ?? job.data.created_at} />
      <Loaded query={transitions}>{({ data }) => <History job={job.data} transitions={data} />}</Loaded>
      {job.data.data !== null && job.data.data !== undefined && (
        <JsonPanel title="Frozen when it was planned" value={job.data.data} redacted={job.data.redacted} />
      )}
      {deed && <JobDialog job={job.data} deed={deed} onClose={() => setDeed(undefined)} />}
    </Page>
  );
}

/** Why it did not succeed, and what to do about it. */
function Reason({ job }: { readonly job: Job }) {
  const failures = useListed<FailureGroup>('store/failures', {
    query: { 'jobs.ids_in': job.id },
    enabled: job.error !== null && job.status !== 'succeeded',
  });
  const { error, status } = job;
  if (error === null || status === 'succeeded') return null;
  const advice = failures.data?.data[0]?.advice;
  return (
    <Note tone={status === 'discarded' ? 'bad' : 'warn'}>
      <strong>{error.message}</strong>
      {advice && <span>{advice}</span>}
      <span>
        {status === 'discarded'
          ? 'It is not tried again. When the cause is mended, Retry delivers it.'
          : status === 'awaiting' || status === 'executing'
            ? 'This is how the last attempt ended; it is under way again.'
            : 'It is tried again by itself.'}
      </span>
      <span className="row">
        {error.statusCode !== null && <code>HTTP {error.statusCode}</code>}
        <code>{error.code}</code>
      </span>
    </Note>
  );
}

interface FactsProps {
  readonly job: Job;
  /** Its first transition: a job that was retried counts as created then. */
  readonly plannedAt: string;
}

function Facts({ job, plannedAt }: FactsProps) {
  const now = useNow();
  return (
    <Panel>
      <KeyValues
        entries={[
          [
            'Event',
            <Link key="event" href={`/events/${job.event_id}`}>
              <Id>{job.event_id}</Id>
            </Link>,
          ],
          [
            'Destination',
            <Link key="destination" href={`/destinations/${encodeURIComponent(job.destination)}`}>
              {job.destination}
            </Link>,
          ],
          ['Created', <Instant key="created" at={plannedAt} as="absolute" />],
          ['Retried', job.created_at === plannedAt ? null : <Instant at={job.created_at} as="absolute" />],
          ['Attempts', <Count key="attempts" value={job.attempt} />],
          [
            'Next attempt',
            isOpen(job.status) && job.status !== 'executing' ? (
              <>
                <Instant at={job.due_at} /> <span className="muted">at</span>{' '}
                <Instant at={job.due_at} as="clock" />
              </>
            ) : null,
          ],
          [
            'Finished',
            job.finished_at !== null && !isOpen(job.status) ? (
              <Instant at={job.finished_at} as="absolute" />
            ) : null,
          ],
          [
            'Since creation',
            <Duration key="age" ms={spanMs(plannedAt, isOpen(job.status) ? null : job.finished_at, now)} />,
          ],
          ['Leases lost', job.lost_leases > 0 ? <Count value={job.lost_leases} /> : null],
          ['Version', job.version],
          [
            'Follows',
            job.parent_job_id && (
              <Link href={`/jobs/${job.parent_job_id}`}>
                <Id>{job.parent_job_id}</Id>
              </Link>
            ),
          ],
        ]}
      />
    </Panel>
  );
}

interface HistoryProps {
  readonly job: Job;
  readonly transitions: readonly Transition[];
}

function History({ job, transitions }: HistoryProps) {
  const now = useNow();
  const spans = spansOf(transitions, now);
  return (
    <>
      <Panel title="Attempts" flush>
        <Attempts attempts={attemptsOf(job, transitions)} />
      </Panel>
      <Panel title="Transitions">
        <div className="job-history">
          <SpanBar spans={spans} from={spans[0]?.from ?? 0} to={spans.at(-1)?.to ?? 0} />
          <TransitionList transitions={transitions} />
        </div>
      </Panel>
    </>
  );
}
