import { useState } from 'react';
import { Link } from 'wouter';
import { path } from '../../api/client.js';
import { useListed } from '../../api/queries.js';
import type { Run, RunState } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { Loaded } from '../../components/notes.js';
import { StatusBadge, type Tone } from '../../components/status-badge.js';
import { Table, type Column } from '../../components/table.js';
import { Code, Duration, Instant, spanMs } from '../../components/values.js';
import { formatNumberOf } from '../../format/number.js';

const REFRESH_MS = 10_000;
const AT_FIRST = 10;
const AT_MOST = 500;

/** A run is not tried again: one that failed is worse than a job that did. */
const TONES: Readonly<Record<RunState, Tone>> = {
  running: 'info',
  succeeded: 'good',
  failed: 'bad',
  lost: 'bad',
};

export const RunBadge = ({ state }: Pick<Run, 'state'>) => (
  <StatusBadge
    status={state}
    tone={TONES[state]}
    {...(state === 'lost' && { title: 'Its scheduler died while it ran. It is not run again.' })}
  />
);

const columns: readonly Column<Run>[] = [
  {
    id: 'when',
    header: 'When',
    cell: ({ started_at: at, by_hand: byHand }) => (
      <span className="run-when">
        <Instant at={at} />
        {byHand && <span className="muted">by hand</span>}
      </span>
    ),
  },
  {
    id: 'result',
    header: 'Result',
    cell: ({ state, error }) => (
      <span className="run-result">
        <RunBadge state={state} />
        {error && (
          <span>
            <Code>{error.code}</Code> {error.message}
          </span>
        )}
      </span>
    ),
  },
  { id: 'events', header: 'Events', cell: (run) => <Made run={run} /> },
  {
    id: 'took',
    header: 'Took',
    from: 'medium',
    cell: ({ started_at: from, finished_at: to }) => (
      <Duration ms={to === null ? undefined : spanMs(from, to)} />
    ),
  },
  { id: 'by', header: 'Run by', from: 'wide', cell: ({ process }) => <code>{process}</code> },
];

function Made({ run: { events, event_id: id } }: { readonly run: Run }) {
  if (events === null) return <span className="muted">–</span>;
  const text = events === 0 ? 'none' : formatNumberOf(events, 'event');
  return id === null ? <>{text}</> : <Link href={`/events/${id}`}>{text}</Link>;
}

interface RunsProps {
  readonly source: string;
  readonly trigger: string;
  readonly opened: boolean;
}

/** The last runs of a schedule; read when they are looked at. */
export function Runs({ source, trigger, opened }: RunsProps) {
  const [open, setOpen] = useState(opened);
  const [limit, setLimit] = useState(AT_FIRST);
  const query = useListed<Run>(path`sources/${source}/triggers/${trigger}/runs`, {
    query: { limit },
    refreshMs: REFRESH_MS,
    enabled: open,
  });
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Last runs</summary>
      {open && (
        <Loaded query={query}>
          {({ data, meta }) => (
            <>
              <Table
                caption={`Runs of ${trigger}`}
                columns={columns}
                rows={data}
                rowKey={({ id }) => id}
                empty={<p className="muted">It has not run yet.</p>}
              />
              {typeof meta.next_cursor === 'string' && limit < AT_MOST && (
                <Button size="small" look="quiet" onClick={() => setLimit(Math.min(limit * 5, AT_MOST))}>
                  Show more
                </Button>
              )}
            </>
          )}
        </Loaded>
      )}
    </details>
  );
}
