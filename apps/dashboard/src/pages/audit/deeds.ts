/** What an action of the audit is called. */
const DEEDS = new Map(
  Object.entries({
    'bulk.order': 'Ordered',
    'bulk.cancel': 'Cancelled the order',
    'job.retry': 'Retried the job',
    'job.discard': 'Discarded the job',
    'event.replay': 'Replayed the event',
    'event.test': 'Sent a test event',
    'lane.pause': 'Paused',
    'lane.resume': 'Resumed',
    'destination.check': 'Checked the credentials of',
    'trigger.run': 'Ran',
    'store.purge': 'Purged the store',
    'user.erase': 'Erased a user',
    'session.open': 'Logged in',
    'session.close': 'Logged out',
  }),
);

/** The action in words; one that this page does not know yet by its own name. */
export const deedOf = (action: string): string => DEEDS.get(action) ?? action;
