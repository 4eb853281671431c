import { useState } from 'react';
import { path, post } from '../../api/client.js';
import { useWrite } from '../../api/queries.js';
import type { Run } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { ConfirmDialog } from '../../components/dialog.js';
import { useToast } from '../../components/toasts.js';

interface RunNowProps {
  readonly source: string;
  readonly trigger: string;
  readonly running: boolean;
}

/** Runs a schedule once more than it says. */
export function RunNow({ source, trigger, running }: RunNowProps) {
  const [asking, setAsking] = useState(false);
  const toast = useToast();
  const run = useWrite(() => post<Run>(path`sources/${source}/triggers/${trigger}/run`));
  return (
    <>
      <Button
        size="small"
        needs="operate"
        disabled={running}
        title={running ? 'It runs at this moment' : undefined}
        onClick={() => setAsking(true)}
      >
        Run now …
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Run ${trigger} now?`}
          confirmLabel="Run"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await run.mutateAsync(undefined);
            toast(`${trigger} runs`);
          }}
        >
          <p>
            It runs once more than its schedule says, in the scheduler that serves this page. What it finds is
            stored and delivered as ever.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
