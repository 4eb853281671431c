import { classify, type HttpReply, type Verdict, type VerdictTable } from '@fragment/http-client';
import { isFields } from './fields.js';

/**
 * What Segment's answers mean where it is not what they mean anywhere ("HTTP Tracking API: Errors", and how
 * analytics-node reads them). 400 says size or JSON: one item spoils a batch, so halves are tried.
 */
const TABLE: VerdictTable = {
  400: { outcome: 'split', code: 'FRAGMENT_DELIVERY_REJECTED' },
  401: { outcome: 'failed', hold: 'credentials' },
  403: { outcome: 'failed', hold: 'credentials' },
  410: { outcome: 'failed' },
  423: { outcome: 'discarded' },
  425: { outcome: 'discarded' },
  429: { outcome: 'failed', scope: 'lane', retryAfterMs: 60_000, countsAsAttempt: false },
  460: { outcome: 'failed' },
  511: { outcome: 'failed', hold: 'credentials' },
};

export function judge(reply: HttpReply): Verdict {
  return classify(reply, TABLE);
}

/** Nothing else can get through now: further requests would only be refused as well. */
export function closesTheLane(reply: HttpReply, verdict: Verdict): boolean {
  return (
    reply.kind === 'failure' ||
    (verdict.outcome === 'failed' && (verdict.hold !== undefined || verdict.scope === 'lane'))
  );
}

/**
 * What an answer says of every item of its batch; undefined when that is nothing. Segment never speaks of one of them, and
 * a sentence, if there is any, might hold any of them.
 */
export function answerToAll(reply: HttpReply): object | undefined {
  const { success } = reply.kind === 'answer' && isFields(reply.json) ? reply.json : {};
  return typeof success === 'boolean' ? { success } : undefined;
}
