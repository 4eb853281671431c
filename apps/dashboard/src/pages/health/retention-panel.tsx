import { useState } from 'react';
import { request } from '../../api/client.js';
import { useWrite } from '../../api/queries.js';
import type { Retention } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { ConfirmDialog } from '../../components/dialog.js';
import { KeyValues, Panel } from '../../components/page.js';
import { Chips } from '../../filters/filter-bar.js';
import { filtersOfWhere } from '../../filters/filters.js';
import { formatDuration } from '../../format/duration.js';
import { formatNumberOf } from '../../format/number.js';

interface Purged {
  readonly events: number;
  readonly keys: number;
  readonly rejections: number;
}

const kept = (ms: number | null): string => (ms === null ? 'for ever' : formatDuration(ms));

const purge = async (): Promise<Purged> => (await request<Purged>('store/purge', { method: 'POST' })).data;

/** Deletes now what would be deleted anyway when its time is next checked. */
export function RetentionPanel({ retention }: { readonly retention: Retention }) {
  const [asking, setAsking] = useState(false);
  const write = useWrite(purge);
  return (
    <Panel
      title="Retention"
      actions={
        <Button size="small" needs="admin" onClick={() => setAsking(true)}>
          Purge now …
        </Button>
      }
    >
      <div className="stack">
        <p className="muted">
          A scheduler deletes what is older than this, by itself. It can be told to do so now.
        </p>
        <KeyValues
          entries={[
            ['Events and jobs', kept(retention.events_ms)],
            ['Message keys', kept(retention.dedup_ms)],
            ['Rejections', kept(retention.rejections_ms)],
            ['Statistics', kept(retention.statistics_ms)],
          ]}
        />
        <Policies policies={retention.policies} />
        {write.data && <Done purged={write.data} />}
      </div>
      {asking && (
        <ConfirmDialog
          title="Purge the store now?"
          confirmLabel="Purge"
          danger
          onClose={() => setAsking(false)}
          onConfirm={() => write.mutateAsync(undefined)}
        >
          <p>
            Deletes the events, keys and rejections that are older than the retention of the application and
            its policies allow. Events with jobs that have not ended stay.
          </p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

/** What is kept for a shorter time than the other events. */
function Policies({ policies }: Pick<Retention, 'policies'>) {
  if (policies.length === 0) return null;
  return (
    <ul className="policies" aria-label="Kept for a shorter time">
      {policies.map(({ where, older_than_ms: ms }) => (
        <li key={JSON.stringify(where)}>
          <Chips filters={filtersOfWhere(where)} />
          <span>{kept(ms)}</span>
        </li>
      ))}
    </ul>
  );
}

const Done = ({ purged: { events, keys, rejections } }: { readonly purged: Purged }) => (
  <p role="status">
    Deleted: {formatNumberOf(events, 'event')}, {formatNumberOf(keys, 'message key')},{' '}
    {formatNumberOf(rejections, 'rejection')}.
  </p>
);
