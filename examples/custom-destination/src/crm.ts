import { classify, createHttpClient, resultFor, type VerdictTable } from '@fragment/http-client';
import type { Action, Destination, LeasedJob } from '@fragment/runtime';

/** What the flow freezes with a job, and what the CRM takes. */
export type Lead = {
  readonly email: string;
  readonly form: string;
  readonly submittedAt: string;
};

export interface CrmOptions {
  /** Where the CRM is: `https://crm.example.com`. */
  readonly endpoint: string;
  readonly apiKey: string;
}

/** What the CRM's answers mean where it is not what they mean anywhere. */
const ANSWERS: VerdictTable = {
  401: { outcome: 'failed', hold: 'credentials' },
  409: { outcome: 'succeeded' }, // it has this lead already
};

/** Our CRM. It takes leads, one a request. */
export function crm({ endpoint, apiKey }: CrmOptions): Destination {
  const http = createHttpClient({
    baseUrl: endpoint,
    headers: { authorization: `Bearer ${apiKey}` },
    secrets: [apiKey],
    allowPrivate: true, // the operator wrote the endpoint, so it may be on this machine
  });

  const createLead: Action = {
    name: 'create-lead',
    load: (jobs, { signal }) =>
      Promise.all(
        jobs.map(async (job: LeasedJob) => {
          const reply = await http.request({
            method: 'POST',
            path: '/leads',
            headers: { 'idempotency-key': job.idempotencyKey },
            json: job.data,
            signal,
          });
          // With what was sent and what came back, for whoever looks at the job.
          return resultFor(job.id, classify(reply, ANSWERS));
        }),
      ),
  };

  return {
    name: 'crm',
    actions: [createLead],
    schedule: { maxRetries: 20 },
    options: { endpoint },
    shutdown: () => http.close(),
  };
}
