import { useState } from 'react';
import { path, post } from '../../api/client.js';
import { useWrite } from '../../api/queries.js';
import type { Lane } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { ConfirmDialog } from '../../components/dialog.js';
import { ErrorNote, Note } from '../../components/notes.js';
import { KeyValues, Panel } from '../../components/page.js';
import { StatusBadge } from '../../components/status-badge.js';
import { useToast } from '../../components/toasts.js';
import { Instant } from '../../components/values.js';
import { meaningOf } from './lane-state.js';

type CheckResult = 'ok' | 'refused' | 'unknown';

const RESULTS: Readonly<Record<CheckResult, string>> = {
  ok: 'The destination accepts the credentials.',
  refused: 'The destination refuses the credentials.',
  unknown: 'The destination has no way to tell whether its credentials work. A test event shows more.',
};

/** Whether the lane delivers, with what an operator can do about it. */
export function LanePanel({ lane }: { readonly lane: Lane }) {
  const { destination, state, reason, until, failures, updated_at: changedAt } = lane;
  const [pausing, setPausing] = useState(false);
  const toast = useToast();
  const resume = useWrite(() => post<Lane>(path`destinations/${destination}/resume`));
  const check = useWrite(() =>
    post<{ readonly result: CheckResult }>(path`destinations/${destination}/check`),
  );
  return (
    <Panel
      title="Lane"
      actions={
        <>
          <Button size="small" needs="operate" busy={check.isPending} onClick={() => check.mutate(undefined)}>
            Check credentials
          </Button>
          {state !== 'open' && (
            <Button
              size="small"
              look="primary"
              needs="operate"
              busy={resume.isPending}
              onClick={() =>
                resume.mutate(undefined, { onSuccess: () => toast(`${destination} delivers again`) })
              }
            >
              Resume
            </Button>
          )}
          {state !== 'paused' && (
            <Button size="small" needs="operate" onClick={() => setPausing(true)}>
              Pause …
            </Button>
          )}
        </>
      }
    >
      <div className="stack">
        <p>
          <StatusBadge status={state} /> {meaningOf(state)}
        </p>
        <KeyValues
          entries={[
            ['Reason', state === 'open' ? null : reason],
            ['Until', state === 'open' || until === null ? null : <Instant key="until" at={until} />],
            ['Failures in a row', failures === 0 ? null : failures],
            ['Last change', changedAt === null ? null : <Instant key="changed" at={changedAt} />],
          ]}
        />
        {check.data && <CheckNote result={check.data.result} />}
        {check.error && <ErrorNote error={check.error} />}
        {resume.error && <ErrorNote error={resume.error} />}
      </div>
      {pausing && <PauseDialog destination={destination} onClose={() => setPausing(false)} />}
    </Panel>
  );
}

const CheckNote = ({ result }: { readonly result: CheckResult }) => (
  <div role="status">
    <Note tone={result === 'refused' ? 'bad' : 'info'}>
      <p>
        <StatusBadge status={result} /> {RESULTS[result]}
      </p>
    </Note>
  </div>
);

function PauseDialog({
  destination,
  onClose,
}: {
  readonly destination: string;
  readonly onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const toast = useToast();
  const given = reason.trim();
  const pause = useWrite(() =>
    post<Lane>(path`destinations/${destination}/pause`, given === '' ? {} : { reason: given }),
  );
  return (
    <ConfirmDialog
      title={`Pause ${destination}?`}
      confirmLabel="Pause"
      onClose={onClose}
      onConfirm={async () => {
        await pause.mutateAsync(undefined);
        toast(`${destination} is paused`);
      }}
    >
      <p>
        Nothing more is delivered to {destination} until somebody resumes it. Its jobs wait and do not grow
        too old; events are taken in as before.
      </p>
      <label className="field">
        <span>Reason, for whoever wonders later</span>
        <input value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />
      </label>
    </ConfirmDialog>
  );
}
