import { rows } from '../row.js';

/** Why a cron trigger did not run, or failed, where the reason is ours and not the source's. */
export const triggerErrors = rows({
  FRAGMENT_TRIGGER_THREW: {
    status: 500,
    message: 'The trigger threw an error.',
    advice:
      'Its own sentence follows: a fault of the source, or of what it asks. The next tick runs as usual.',
  },
  FRAGMENT_TRIGGER_TIMEOUT: {
    status: 504,
    message: 'The trigger gave no result in time.',
    advice: 'A tick may take five minutes; read less at once. The next tick runs as usual.',
  },
  FRAGMENT_TRIGGER_STOPPED: {
    status: 503,
    message: 'The scheduler stopped while the trigger ran.',
    advice: 'A tick is not run twice: run the trigger by hand if its next tick is too far away.',
  },
  FRAGMENT_TRIGGER_NOT_SCHEDULED: {
    status: 409,
    message: 'Only a cron trigger can be run by hand.',
    advice: 'Triggers of other modes run when something arrives; send a test event instead.',
  },
  FRAGMENT_TRIGGER_RUNNING: {
    status: 409,
    message: 'The trigger runs at this moment.',
    advice: 'Wait until the run has ended; its runs tell.',
  },
  FRAGMENT_SCHEDULER_NOT_HERE: {
    status: 503,
    message: 'No scheduler runs in this process.',
    advice: 'Ask a process that runs one; the list of services says where they are.',
  },
});
