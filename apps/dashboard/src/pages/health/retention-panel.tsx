import { useState } from 'react';
import { request } from '../../api/client.js';
import { useWrite } from '../../api/queries.js';
import { Button } from '../../components/button.js';
import { ConfirmDialog } from '../../components/dialog.js';
import { KeyValues, Panel } from '../../components/page.js';
import { Count } from '../../components/values.js';
import { formatDuration } from '../../format/duration.js';

interface Purged {
  readonly events: number;
  readonly keys: number;
  readonly rejections: number;
}

/** Milliseconds; null: for ever. */
interface Kept {
  readonly events_ms?: number | null;
  readonly rejections_ms?: number | null;
  readonly dedup_ms?: number | null;
}

interface Purge {
  readonly purged: Purged;
  readonly kept: Kept;
}

const kept = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? 'for ever' : formatDuration(ms);

async function purge(): Promise<Purge> {
  const { data, meta } = await request<Purged>('store/purge', { method: 'POST' });
  return { purged: data, kept: meta?.where ?? {} };
}

/** Deletes now what would be deleted anyway when its time is next checked. */
export function RetentionPanel() {
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
      {write.data ? (
        <Done purge={write.data} />
      ) : (
        <p className="muted">
          A scheduler deletes what the retention no longer keeps, by itself. It can be told to do so now.
        </p>
      )}
      {asking && (
        <ConfirmDialog
          title="Purge the store now?"
          confirmLabel="Purge"
          danger
          onClose={() => setAsking(false)}
          onConfirm={() => write.mutateAsync(undefined)}
        >
          <p>
            Deletes the events, keys and rejections that are older than the retention of the application
            allows. Events with jobs that have not ended stay.
          </p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

const Done = ({ purge: { purged, kept: policy } }: { readonly purge: Purge }) => (
  <div role="status">
    <KeyValues
      entries={[
        [
          'Events',
          <span key="events">
            <Count value={purged.events} /> deleted, kept {kept(policy.events_ms)}
          </span>,
        ],
        [
          'Message keys',
          <span key="keys">
            <Count value={purged.keys} /> deleted, kept {kept(policy.dedup_ms)}
          </span>,
        ],
        [
          'Rejections',
          <span key="rejections">
            <Count value={purged.rejections} /> deleted, kept {kept(policy.rejections_ms)}
          </span>,
        ],
      ]}
    />
  </div>
);
