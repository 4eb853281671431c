import type { Action, DeliveryError, JobResult, LeasedJob } from '@fragment/core';
import { resultFor } from '@fragment/http-client';
import type { Mapped } from '../mapping/mapped.js';
import type { Fields } from '../mapping/read.js';
import { fit } from '../mapping/shape.js';
import type { MappingSettings } from '../options.js';
import type { Upload } from '../vendor.js';
import type { Api, JobVerdict } from './api.js';
import { entryOf, fitsRequest, type Entry } from './entry.js';
import { messageOf, undeliverable } from './message.js';
import { upload } from './upload.js';

/** A job and its events, or what became of it without a request. */
type Prepared = { readonly job: LeasedJob } & (
  { readonly entries: readonly Entry[] } | { readonly verdict: JobVerdict }
);

type MapMessage = (message: Fields, settings: MappingSettings) => Mapped;

/** An action whose messages become events. What one request can't hold is cut into several. */
export function eventsAction(name: string, map: MapMessage, api: Api): Action {
  return {
    name,
    batch: { maxJobs: api.upload.jobs, maxBytes: api.upload.bytes, maxWaitMs: api.settings.maxWaitMs },
    async load(jobs, t) {
      const prepared = jobs.map((job) => prepareSafely(job, map, api));
      const entries = prepared.flatMap((one) => ('entries' in one ? one.entries : []));
      const verdicts = await upload(api, entries, t.signal);
      return prepared.map((one) => resultOf(one, verdicts, api.upload));
    },
  };
}

/** A throw would fail the jobs beside it too. */
function prepareSafely(job: LeasedJob, map: MapMessage, api: Api): Prepared {
  try {
    return prepare(job, map, api);
  } catch (error) {
    const message = `The message could not be mapped (${error instanceof Error ? error.name : typeof error}).`;
    return { job, verdict: { outcome: 'failed', error: { code: 'FRAGMENT_DELIVERY_THREW', message } } };
  }
}

function prepare(job: LeasedJob, map: MapMessage, { settings, upload: to }: Api): Prepared {
  const discard = (error: DeliveryError): Prepared => ({ job, verdict: { outcome: 'discarded', error } });
  const read = messageOf(job);
  if ('undeliverable' in read) return discard(read.undeliverable);
  const mapped = map(read.message, settings.mapping);
  if ('invalid' in mapped) return discard(undeliverable(mapped.invalid));
  const entries: Entry[] = [];
  for (const event of mapped.events) {
    const fitted = fit(event);
    if ('invalid' in fitted) return discard(undeliverable(fitted.invalid));
    entries.push(...fitted.events.map(entryOf));
  }
  return entries.every((entry) => fitsRequest(entry, to)) ? { job, entries } : discard(tooLarge(to));
}

const tooLarge = ({ bytes }: Upload): DeliveryError => ({
  code: 'FRAGMENT_DELIVERY_TOO_LARGE',
  message: `Amplitude takes requests of ${bytes} bytes, and the event alone is larger.`,
});

/**
 * The worst of its events: one that failed brings all of them again under the same insert_ids, of which Amplitude
 * keeps what it has; one that was refused for good discards the job, and says which it was.
 */
function resultOf(one: Prepared, verdicts: ReadonlyMap<Entry, JobVerdict>, to: Upload): JobResult {
  if ('verdict' in one) return resultFor(one.job.id, one.verdict);
  const found = one.entries.map((entry) => ({ entry, verdict: verdicts.get(entry) }));
  for (const outcome of ['failed', 'discarded'] as const)
    for (const { entry, verdict } of found)
      if (verdict?.outcome === outcome)
        return resultFor(one.job.id, {
          ...verdict,
          error: errorOf(verdict.error, entry, one.entries.length, to),
        });
  return { job: one.job.id, outcome: 'succeeded' };
}

/** Shows the job's own event as the request, not those of the jobs beside it. */
function errorOf(
  error: DeliveryError,
  { event, text }: Entry,
  count: number,
  { path }: Upload,
): DeliveryError {
  return {
    ...error,
    message:
      count === 1
        ? error.message
        : `${error.message} (${event.event_type}, one of ${count} events of the message)`,
    ...(error.request !== undefined && { request: `POST ${path} ${text.slice(0, 4000)}` }),
  };
}
