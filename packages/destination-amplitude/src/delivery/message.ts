import type { DeliveryError, LeasedJob } from '@fragment/core';
import { allows, materialise } from '@fragment/segment-spec';
import { integrationNames } from '../mapping/amplitude-options.js';
import { fieldsOf, type Fields } from '../mapping/read.js';

/**
 * The message of a job, what a flow froze as the job's `data` laid over it; or why it is not to be delivered: that data
 * may switch Amplitude off as well.
 */
export function messageOf(
  job: LeasedJob,
): { readonly message: Fields } | { readonly undeliverable: DeliveryError } {
  const stored = storedMessageOf(job);
  if (!stored) return { undeliverable: undeliverable('The stored message is not JSON.') };
  const message = { ...stored, ...fieldsOf(job.data) };
  return allows(message['integrations'], integrationNames.own, [integrationNames.actions])
    ? { message }
    : { undeliverable: undeliverable('The message switches Amplitude off in `integrations`.') };
}

function storedMessageOf(job: LeasedJob): object | undefined {
  try {
    return materialise(job.event);
  } catch (error) {
    // Every try would read the same text.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The event can't be delivered, and no request was made. */
export const undeliverable = (message: string): DeliveryError => ({
  code: 'FRAGMENT_DELIVERY_INVALID',
  message,
});
