import { path, post } from '../../api/client.js';
import { useWrite } from '../../api/queries.js';
import type { Job } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { ConfirmDialog } from '../../components/dialog.js';
import { useKeys } from '../../components/keys.js';
import { useToast } from '../../components/toasts.js';
import { formatNumberOf } from '../../format/number.js';

/** What can be done to a job by hand. */
export type JobDeed = 'retry' | 'discard' | 'replay';

const RETRIED = ['failed', 'unknown', 'discarded'];
const DISCARDED = ['awaiting', 'failed', 'unknown'];

interface JobActionsProps {
  readonly job: Job;
  readonly onDeed: (deed: JobDeed) => void;
}

export function JobActions({ job: { status }, onDeed }: JobActionsProps) {
  const mayRetry = RETRIED.includes(status);
  const mayDiscard = DISCARDED.includes(status);
  useKeys(mayRetry ? { r: { label: 'Retry the job', run: () => onDeed('retry') } } : {});
  return (
    <>
      <Button
        needs="operate"
        look="primary"
        disabled={!mayRetry}
        title={mayRetry ? 'r' : `A job that is ${status} cannot be retried.`}
        onClick={() => onDeed('retry')}
      >
        Retry
      </Button>
      <Button
        needs="operate"
        disabled={!mayDiscard}
        title={mayDiscard ? undefined : `A job that is ${status} cannot be discarded.`}
        onClick={() => onDeed('discard')}
      >
        Discard
      </Button>
      <Button needs="operate" onClick={() => onDeed('replay')}>
        Replay event
      </Button>
    </>
  );
}

const TEXTS = {
  retry: {
    title: 'Retry this job?',
    confirm: 'Retry',
    text: 'It is due at once and its attempts count from the beginning. Its history stays.',
  },
  discard: {
    title: 'Discard this job?',
    confirm: 'Discard',
    text: 'It is not delivered. It can be retried later, as long as its event is kept.',
  },
  replay: {
    title: 'Replay the event of this job?',
    confirm: 'Replay',
    text: 'The flows of today plan the event again, for all of its destinations. Its new jobs are delivered beside the old ones.',
  },
} as const;

interface JobDialogProps {
  readonly job: Job;
  readonly deed: JobDeed;
  readonly onClose: () => void;
}

export function JobDialog({ job, deed, onClose }: JobDialogProps) {
  const toast = useToast();
  const write = useWrite(() => perform(deed, job));
  const { title, confirm, text } = TEXTS[deed];
  const done = async (): Promise<void> => {
    toast(await write.mutateAsync(undefined));
  };
  return (
    <ConfirmDialog
      title={title}
      confirmLabel={confirm}
      danger={deed === 'discard'}
      onConfirm={done}
      onClose={onClose}
    >
      <p>{text}</p>
    </ConfirmDialog>
  );
}

/** What was done, in words. A job that has moved on meanwhile is left as it is. */
async function perform(deed: JobDeed, { id, event_id }: Job): Promise<string> {
  if (deed === 'replay') {
    const { jobs } = await post<{ readonly jobs: number }>(path`store/events/${event_id}/replay`);
    return `${formatNumberOf(jobs, 'job')} added`;
  }
  const { count } = await post<{ readonly count: number }>(path`store/jobs/${id}/${deed}`);
  if (count === 0) return 'It has changed meanwhile: nothing was done';
  return deed === 'retry' ? 'The job runs again' : 'The job is discarded';
}
