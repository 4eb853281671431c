import type { Action, Destination, JobResult, LeasedJob } from '@fragment/core';
import { createHttpClient, type HttpClient } from '@fragment/http-client';
import { MESSAGE_TYPES, type MessageType } from '@fragment/segment-spec';
import { bodyOf, type Batch } from './batches.js';
import { deliver } from './deliver.js';
import { markOf } from './loop-guard.js';
import { preparer, type Prepare, type PreparedJob } from './message.js';
import { readOptions, type SegmentOptions, type SegmentSettings } from './options.js';

/**
 * Forwards events to a Segment source, whole and in batches (Segment, "HTTP Tracking API"). `messageId` is kept, by
 * which Segment drops repeats.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
export function segment<const Name extends string = 'segment'>(
  options: SegmentOptions & { readonly name?: Name },
): Destination<NoInfer<Name>, MessageType>;
export function segment(options: SegmentOptions): Destination {
  const settings = readOptions(options);
  const client = createHttpClient({
    baseUrl: settings.baseUrl,
    headers: {
      // The write key is the user name; the password is empty, its colon is not.
      authorization: `Basic ${Buffer.from(`${settings.writeKey}:`).toString('base64')}`,
      'content-type': 'application/json',
    },
    secrets: [settings.writeKey],
    allowPrivate: settings.ownEndpoint,
    rateLimitResetHeader: 'x-ratelimit-reset',
  });
  const prepare = preparer({
    switches: [SWITCH, settings.name],
    ...(settings.loopGuard && { mark: markOf(settings.writeKey) }),
  });
  return {
    name: settings.name,
    accepts: 'segment',
    integrations: [SWITCH],
    actions: MESSAGE_TYPES.map((type) => forward(type, client, settings, prepare)),
    ...(settings.schedule && { schedule: settings.schedule }),
    options: {
      endpoint: settings.baseUrl,
      batch: { maxJobs: settings.maxJobs, maxBytes: settings.maxBytes, maxWaitMs: settings.maxWaitMs },
      loopGuard: settings.loopGuard,
    },
    // Segment has no call that tells whether a write key is right: it answers 200 to a wrong one as well.
    check: () => Promise.resolve('unknown'),
    shutdown: () => client.close(),
  };
}

/** The name of this destination in a message's `integrations`. */
const SWITCH = 'Segment';

function forward(
  type: string,
  client: HttpClient,
  { maxJobs, maxBytes, maxWaitMs }: SegmentSettings,
  prepare: Prepare,
): Action {
  return {
    name: type,
    batch: { maxJobs, maxBytes, maxWaitMs },
    async load(jobs: readonly LeasedJob[], { signal }) {
      const refused: JobResult[] = [];
      const prepared: PreparedJob[] = [];
      for (const job of jobs) {
        const item = prepare(job, type);
        if ('job' in item) prepared.push(item);
        else refused.push({ job: job.id, outcome: 'discarded', error: item });
      }
      const post = (batch: Batch) =>
        client.request({
          method: 'POST',
          path: '/v1/batch',
          headers: retryHeaders(batch),
          body: bodyOf(batch),
          signal,
        });
      return [...refused, ...(await deliver(prepared, maxBytes, post))];
    },
  };
}

/** How often the most tried event of the request was tried before: Segment's own libraries say so on repeats. */
function retryHeaders(batch: Batch): Record<string, string> {
  const retries = Math.max(...batch.map(({ job }) => job.attempt - 1));
  return retries > 0 ? { 'x-retry-count': String(retries) } : {};
}
