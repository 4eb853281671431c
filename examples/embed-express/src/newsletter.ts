import type { DeliveryError, Destination, JobResult, LeasedJob } from '@fragment/runtime';

/** A destination of our own: tells the newsletter service about every user who is identified. */
export function newsletter({ url }: { readonly url: string }): Destination {
  const deliver = async (job: LeasedJob, signal: AbortSignal): Promise<JobResult> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': job.idempotencyKey },
      body: job.event.data,
      signal,
    });
    await response.body?.cancel();
    if (response.ok) return { job: job.id, outcome: 'succeeded' };
    const error: DeliveryError = {
      code: 'NEWSLETTER_REFUSED',
      message: `the newsletter service answered ${response.status}`,
      status: response.status,
    };
    // What is wrong with the event stays wrong; everything else is tried again.
    const hopeless = response.status >= 400 && response.status < 500 && response.status !== 429;
    return { job: job.id, outcome: hopeless ? 'discarded' : 'failed', error };
  };

  return {
    name: 'newsletter',
    accepts: 'segment',
    actions: [
      {
        name: 'identify',
        // A throw, such as fetch's when nobody answers, fails the job: it is tried again.
        load: (jobs, { signal }) => Promise.all(jobs.map((job) => deliver(job, signal))),
      },
    ],
    options: { url },
  };
}
