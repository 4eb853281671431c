import type { Action, DeliveryError, JobResult, LeasedJob } from '@fragment/core';
import { resultFor, type JobVerdict } from '@fragment/http-client';
import type { Mapped } from '../mapping/mapped.js';
import type { Fields } from '../mapping/read.js';
import { fit } from '../mapping/shape.js';
import type { MappingSettings } from '../options.js';
import type { Upload } from '../vendor.js';
import type { Api } from './api.js';
import { entryOf, fitsRequest, type Entry } from './entry.js';
import type { Fate } from './fate.js';
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
      const fates = await upload(api, entries, t.signal);
      return prepared.map((one) => resultOf(one, fates));
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
function resultOf(one: Prepared, fates: ReadonlyMap<Entry, Fate>): JobResult {
  if ('verdict' in one) return resultFor(one.job.id, one.verdict);
  const { job, entries } = one;
  const of = (outcome: Fate['outcome']) => entries.find((entry) => fates.get(entry)?.outcome === outcome);
  const decisive = of('failed') ?? of('discarded') ?? entries[0];
  const fate = decisive && fates.get(decisive);
  if (!fate) return { job: job.id, outcome: 'succeeded' };
  // The one that decides comes first: what is shown of a request is cut.
  const verdict = fate.verdict([decisive, ...entries.filter((entry) => entry !== decisive)]);
  return resultFor(job.id, entries.length > 1 ? named(verdict, decisive, entries.length) : verdict);
}

function named(verdict: JobVerdict, { event }: Entry, count: number): JobVerdict {
  if (verdict.outcome === 'succeeded') return verdict;
  const message = `${verdict.error.message} (${event.event_type}, one of ${count} events of the message)`;
  return { ...verdict, error: { ...verdict.error, message } };
}
