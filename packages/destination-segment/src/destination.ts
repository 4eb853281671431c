import type { Action, Destination, JobResult, LeasedJob } from '@fragment/core';
import { createHttpClient, type HttpClient } from '@fragment/http-client';
import { MESSAGE_TYPES } from '@fragment/segment-spec';
import { deliver } from './deliver.js';
import { prepare, type PreparedJob } from './message.js';
import { readOptions, type SegmentOptions, type SegmentSettings } from './options.js';

/**
 * Forwards events to a Segment source, whole and in batches (Segment, "HTTP Tracking API"). `messageId` is kept, by
 * which Segment drops repeats.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
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
  });
  return {
    name: settings.name,
    accepts: 'segment',
    integrations: ['Segment'],
    actions: MESSAGE_TYPES.map((type) => forward(type, client, settings)),
    ...(settings.schedule && { schedule: settings.schedule }),
    options: {
      endpoint: settings.baseUrl,
      batch: { maxJobs: settings.maxJobs, maxBytes: settings.maxBytes },
    },
    // Segment has no call that tells whether a write key is right: it answers 200 to a wrong one as well.
    check: () => Promise.resolve('unknown'),
    shutdown: () => client.close(),
  };
}

function forward(type: string, client: HttpClient, { maxJobs, maxBytes }: SegmentSettings): Action {
  return {
    name: type,
    batch: { maxJobs, maxBytes },
    async load(jobs: readonly LeasedJob[], { signal }) {
      const refused: JobResult[] = [];
      const prepared: PreparedJob[] = [];
      for (const job of jobs) {
        const item = prepare(job, type);
        if ('job' in item) prepared.push(item);
        else refused.push({ job: job.id, outcome: 'discarded', error: item });
      }
      const post = (body: string) => client.request({ method: 'POST', path: '/v1/batch', body, signal });
      return [...refused, ...(await deliver(prepared, maxBytes, post))];
    },
  };
}
