import type { Verdict } from '@fragment/http-client';
import { readAnswer } from './answers.js';
import type { Api } from './api.js';
import { bodyOf, requestsOf, type Entry } from './entry.js';
import { unsent, type Fate } from './fate.js';

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
): Promise<ReadonlyMap<Entry, Fate>> {
  const { apiKey, mapping } = api.settings;
  const fates = new Map<Entry, Fate>();
  let waiting: readonly (readonly Entry[])[] = requestsOf(entries, api.upload);
  for (let made = 0; waiting[0] !== undefined; made += 1) {
    const [batch, ...later] = waiting;
    if (made === maxRequests) return settleRest(fates, entries, tooManyRequests);
    const reply = await api.events.request({
      method: 'POST',
      path: api.upload.path,
      headers: { 'content-type': 'application/json' },
      body: bodyOf(batch, apiKey, mapping.minIdLength),
      signal,
    });
    const { settled, again, stop } = readAnswer(reply, batch);
    for (const [entry, fate] of settled) fates.set(entry, fate);
    if (stop) return settleRest(fates, entries, stop);
    waiting = [...again, ...later];
  }
  return fates;
}

function settleRest(fates: Map<Entry, Fate>, entries: readonly Entry[], verdict: Verdict): typeof fates {
  const fate = unsent(verdict);
  for (const entry of entries) if (!fates.has(entry)) fates.set(entry, fate);
  return fates;
}

const tooManyRequests: Verdict = {
  outcome: 'failed',
  error: {
    code: 'FRAGMENT_DELIVERY_UNAVAILABLE',
    message:
      'Amplitude refused too many events of the same batch to get to this one; it is sent in the next.',
  },
  retryAfterMs: 1000,
};
