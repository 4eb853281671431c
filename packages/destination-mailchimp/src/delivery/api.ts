import type { DeliveryError, JobResult, LeasedJob } from '@fragment/core';
import type { HttpClient } from '@fragment/http-client';
import { allows, materialise } from '@fragment/segment-spec';
import { integrationName } from '../mapping/contact.js';
import { fieldsOf, type Fields } from '../mapping/read.js';
import type { Settings } from '../options.js';
import type { Turns } from './turns.js';

/** What actions deliver with. */
export interface Api {
  readonly settings: Settings;
  readonly client: HttpClient;
  /** Every write goes through it. */
  readonly turns: Turns;
}

/**
 * The message of a job, what a flow froze as the job's `data` laid over it; or why it is not to be delivered: that data
 * may switch Mailchimp off as well.
 */
export function messageOf(job: LeasedJob): { readonly message: Fields } | { readonly invalid: string } {
  const stored = storedMessageOf(job);
  if (!stored) return { invalid: 'The stored message is not JSON.' };
  const message: Fields = { ...stored, ...fieldsOf(job.data) };
  return allows(message['integrations'], integrationName)
    ? { message }
    : { invalid: 'The message switches Mailchimp off in `integrations`.' };
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
export function undeliverable(job: LeasedJob, message: string): JobResult {
  const error: DeliveryError = { code: 'FRAGMENT_DELIVERY_INVALID', message };
  return { job: job.id, outcome: 'discarded', error };
}
