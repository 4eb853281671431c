import type { JobResult } from '@fragment/core';
import {
  resultFor,
  verdictFor,
  withoutExchange,
  type HttpReply,
  type JobVerdict,
} from '@fragment/http-client';
import { answerToAll, closesTheLane, judge } from './answers.js';
import { halvesOf, intoBatches, type Batch } from './batches.js';
import type { PreparedJob } from './message.js';

/** Sends all items, one request after the other, and says what became of each. */
export async function deliver(
  items: readonly PreparedJob[],
  maxBytes: number,
  post: (batch: Batch) => Promise<HttpReply>,
): Promise<JobResult[]> {
  const waiting = intoBatches(items, maxBytes);
  const results: JobResult[] = [];
  let closed: JobVerdict | undefined;
  for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
    if (closed) {
      for (const { job } of batch) results.push(resultFor(job.id, closed));
      continue;
    }
    const reply = await post(batch);
    const verdict = judge(reply);
    if (verdict.outcome === 'split' && batch.length > 1) {
      waiting.unshift(...halvesOf(batch));
      continue;
    }
    if (closesTheLane(reply, verdict)) closed = withoutExchange(verdict);
    const said = answerToAll(reply);
    const share = { of: batch.length, ...(said && { answered: () => said }) };
    for (const { job, text } of batch)
      results.push(resultFor(job.id, verdictFor(verdict, reply, { ...share, sent: () => text })));
  }
  return results;
}
