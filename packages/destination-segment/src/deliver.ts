import type { DeliveryError, JobResult } from '@fragment/core';
import { resultFor, type HttpReply, type Verdict } from '@fragment/http-client';
import { closesTheLane, judge } from './answers.js';
import { halvesOf, intoBatches, type Batch } from './batches.js';
import type { PreparedJob } from './message.js';

type FinalVerdict = Exclude<Verdict, { readonly outcome: 'split' }>;

/** Sends all items, one request after the other, and says what became of each. */
export async function deliver(
  items: readonly PreparedJob[],
  maxBytes: number,
  post: (batch: Batch) => Promise<HttpReply>,
): Promise<JobResult[]> {
  const waiting = intoBatches(items, maxBytes);
  const results: JobResult[] = [];
  let closed: FinalVerdict | undefined;
  for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
    let verdict: Verdict | undefined = closed;
    if (!verdict) {
      const reply = await post(batch);
      verdict = forEach(batch, judge(reply));
      if (verdict.outcome === 'split' && batch.length > 1) {
        waiting.unshift(...halvesOf(batch));
        continue;
      }
      if (closesTheLane(reply, verdict)) closed = final(verdict);
    }
    const settled = final(verdict);
    results.push(...batch.map(({ job }) => resultFor(job.id, settled)));
  }
  return results;
}

/** What cannot be split any more is refused for good. */
function final(verdict: Verdict): FinalVerdict {
  return verdict.outcome === 'split' ? { outcome: 'discarded', error: verdict.error } : verdict;
}

/** A job's record must not show the events it shared a request with. */
function forEach(batch: Batch, verdict: Verdict): Verdict {
  if (verdict.outcome === 'succeeded' || batch.length === 1) return verdict;
  const { code, message, status, response } = verdict.error;
  const error: DeliveryError = {
    code,
    message,
    ...(status !== undefined && { status }),
    ...(response !== undefined && { response }),
  };
  return { ...verdict, error };
}
