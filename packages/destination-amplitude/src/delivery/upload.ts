import { readAnswer } from './answers.js';
import type { Api, JobVerdict } from './api.js';
import { bodyOf, requestsOf, type Entry } from './entry.js';

/**
 * Requests for one batch. Each answer settles at least one event or halves the request, so this is never a circle;
 * the bound keeps a batch full of broken events within the time of one load.
 */
const maxRequests = 40;

/**
 * Delivers events, in order. Those an answer names are settled, and the rest, which Amplitude did not ingest then, is
 * sent again at once under the same insert_ids. Answers for every entry.
 */
export async function upload(
  api: Api,
  entries: readonly Entry[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Entry, JobVerdict>> {
  const { apiKey, mapping } = api.settings;
  const verdicts = new Map<Entry, JobVerdict>();
  let waiting: readonly (readonly Entry[])[] = requestsOf(entries, api.upload);
  for (let made = 0; waiting[0] !== undefined; made += 1) {
    const [batch, ...later] = waiting;
    if (made === maxRequests) return settleRest(verdicts, entries, tooManyRequests);
    const reply = await api.events.request({
      method: 'POST',
      path: api.upload.path,
      headers: { 'content-type': 'application/json' },
      body: bodyOf(batch, apiKey, mapping.minIdLength),
      signal,
    });
    const { settled, again, stop } = readAnswer(reply, batch);
    if (stop) return settleRest(verdicts, entries, stop);
    for (const [entry, verdict] of settled) verdicts.set(entry, verdict);
    waiting = [...again, ...later];
  }
  return verdicts;
}

function settleRest(
  verdicts: Map<Entry, JobVerdict>,
  entries: readonly Entry[],
  verdict: JobVerdict,
): typeof verdicts {
  for (const entry of entries) if (!verdicts.has(entry)) verdicts.set(entry, verdict);
  return verdicts;
}

const tooManyRequests: JobVerdict = {
  outcome: 'failed',
  error: {
    code: 'FRAGMENT_DELIVERY_UNAVAILABLE',
    message:
      'Amplitude refused too many events of the same batch to get to this one; it is sent in the next.',
  },
  retryAfterMs: 1000,
};
