import type { DeliveryError, LeasedJob } from '@fragment/core';
import { allows, materialise } from '@fragment/segment-spec';
import { integrationNames } from '../mapping/amplitude-options.js';
import { fieldsOf, type Fields } from '../mapping/read.js';

/** The message of a job. What a flow froze as the job's `data` is laid over it. */
export function messageOf(job: LeasedJob): Fields {
  return { ...materialise(job.event), ...fieldsOf(job.data) };
}

/** segmentflow looks at `Amplitude` only; a message may also be switched off as `Actions Amplitude`. */
export const isSwitchedOff = (message: Fields): boolean =>
  !allows(message['integrations'], integrationNames.own, [integrationNames.actions]);

/** The event can't be delivered, and no request was made. */
export const undeliverable = (message: string): DeliveryError => ({
  code: 'FRAGMENT_DELIVERY_INVALID',
  message,
});
