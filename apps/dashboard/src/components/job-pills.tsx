import { Link } from 'wouter';
import type { Job } from '../api/types.js';
import { toneOf } from './status-badge.js';

/** The jobs of an event in one line: where each goes, coloured by what became of it. */
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
