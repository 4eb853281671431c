import type { DeliveryError, JobResult, LeasedJob } from '@fragment/core';
import type { HttpClient } from '@fragment/http-client';
import { materialise } from '@fragment/segment-spec';
import { fieldsOf, type Fields } from '../mapping/read.js';
import type { Settings } from '../options.js';

/** What actions deliver with. */
export interface Api {
  readonly settings: Settings;
  readonly client: HttpClient;
}

/** The message of a job. What a flow froze as the job's `data` is laid over it. */
export function messageOf(job: LeasedJob): Fields {
  return { ...materialise(job.event), ...fieldsOf(job.data) };
}

/** The event can't be delivered, and no request was made. */
export function undeliverable(job: LeasedJob, message: string): JobResult {
  const error: DeliveryError = { code: 'FRAGMENT_DELIVERY_INVALID', message };
  return { job: job.id, outcome: 'discarded', error };
}
