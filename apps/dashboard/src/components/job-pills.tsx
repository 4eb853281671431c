import { Link } from 'wouter';
import type { Job, JobStatus } from '../api/types.js';
import { toneOf } from './status-badge.js';

/** Beside the colour, for those who cannot tell colours apart. */
const MARKS: Readonly<Record<JobStatus, string>> = {
  awaiting: '…',
  executing: '›',
  succeeded: '✓',
  failed: '!',
  discarded: '×',
  unknown: '?',
};

/** The jobs of an event in one line: where each goes, marked and coloured by what became of it. */
export function JobPills({ jobs }: { readonly jobs: readonly Job[] }) {
  if (jobs.length === 0) return <span className="muted">no jobs</span>;
  return (
    <span className="pills">
      {jobs.map(({ id, destination, action, status }) => (
        <Link
          key={id}
          href={`/jobs/${id}`}
          className={`badge badge-${toneOf(status)}`}
          title={`${destination} ${action}: ${status}`}
        >
          <span className="pill-mark" aria-hidden="true">
            {MARKS[status]}
          </span>
          <span className="pill-short" aria-hidden="true">
            {destination.slice(0, 2)}
          </span>
          <span className="pill-long">{destination}</span>
          <span className="visually-hidden"> {status}</span>
        </Link>
      ))}
    </span>
  );
}
