import { errorRegistry, type JobResult, type LeasedJob } from '@fragment/core';
import {
  classify,
  resultFor,
  verdictFor,
  type HttpReply,
  type Verdict,
  type VerdictTable,
} from '@fragment/http-client';

/** What a receiver's answers mean where it is not what they mean anywhere. */
const TABLE: VerdictTable = {
  // One message of a list may be the reason: halves are tried, and what is refused alone is discarded.
  400: { outcome: 'split', code: 'FRAGMENT_DELIVERY_REJECTED' },
  401: { outcome: 'failed', hold: 'credentials' },
  403: { outcome: 'failed', hold: 'credentials' },
  404: { outcome: 'failed', message: 'There is nothing at this URL (404): correct it, or the receiver.' },
  405: { outcome: 'failed', message: 'The URL takes no such method (405): correct one of the two.' },
  // Standard Webhooks, "Delivery success and failure": disable the endpoint and stop sending. Nothing is lost by it.
  410: {
    outcome: 'failed',
    hold: 'credentials',
    code: 'FRAGMENT_DELIVERY_UNAVAILABLE',
    message: 'The receiver wants no more webhooks (410): correct the URL, or remove this destination.',
  },
  422: { outcome: 'split', code: 'FRAGMENT_DELIVERY_REJECTED' },
  429: { outcome: 'failed', scope: 'lane', retryAfterMs: 30_000 },
};

export function judge(reply: HttpReply): Verdict {
  return classify(reply, TABLE);
}

/** A job and what is sent for it, as JSON. */
export interface Item {
  readonly job: LeasedJob;
  readonly text: string;
}

/** The verdict for each job of a request. What a receiver says to a list may be about any of its messages. */
export function resultsOf(items: readonly Item[], reply: HttpReply, verdict: Verdict): readonly JobResult[] {
  return items.map(({ job, text }) =>
    resultFor(job.id, verdictFor(verdict, reply, { of: items.length, sent: () => text })),
  );
}

export function discardedAsInvalid(job: LeasedJob): JobResult {
  const code = 'FRAGMENT_DELIVERY_INVALID';
  const message = `${errorRegistry[code].message} Its data is not JSON.`;
  return { job: job.id, outcome: 'discarded', error: { code, message } };
}
