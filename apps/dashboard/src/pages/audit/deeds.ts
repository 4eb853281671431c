/** What an action of the audit is called, whether it was done or not: the outcome tells. */
const DEEDS = new Map(
  Object.entries({
    'bulk.order': 'Order',
    'bulk.cancel': 'Cancel the order',
    'job.retry': 'Retry the job',
    'job.discard': 'Discard the job',
    'event.replay': 'Replay the event',
    'event.test': 'Send a test event',
    'lane.pause': 'Pause',
    'lane.resume': 'Resume',
    'destination.check': 'Check the credentials of',
    'trigger.run': 'Run',
    'store.purge': 'Purge the store',
    'user.erase': 'Erase a user',
    'session.open': 'Log in',
    'session.close': 'Log out',
  }),
);

/** The action in words; one that this page does not know yet by its own name. */
export const deedOf = (action: string): string => DEEDS.get(action) ?? action;
