import type { Action, DeliveryError, JobResult, LeasedJob } from '@fragment/core';
import { resultFor } from '@fragment/http-client';
import type { Mapped } from '../mapping/mapped.js';
import type { Fields } from '../mapping/read.js';
import { shapeProblemOf } from '../mapping/shape.js';
import type { MappingSettings } from '../options.js';
import { limits, paths } from '../vendor.js';
import type { Api, JobVerdict } from './api.js';
import { entryOf, fitsRequest, type Entry } from './entry.js';
import { isSwitchedOff, messageOf, undeliverable } from './message.js';
import { upload } from './upload.js';

/** A job and its events, or what became of it without a request. */
type Prepared = { readonly job: LeasedJob } & (
  { readonly entries: readonly Entry[] } | { readonly verdict: JobVerdict }
);

type MapMessage = (message: Fields, settings: MappingSettings) => Mapped;

/**
 * An action whose messages become events of HTTP V2.
 *
 * 200 jobs a call: most of the saving of a batch is had by then, while an answer that names bad events repeats little,
 * and 200 ordinary events stay far below 1 MB and 2,000 events (larger ones are cut into several requests).
 */
export function eventsAction(name: string, map: MapMessage, api: Api): Action {
  return {
    name,
    batch: { maxJobs: 200, maxBytes: limits.bytes },
    async load(jobs, t) {
      const prepared = jobs.map((job) => prepareSafely(job, map, api.settings.mapping));
      const entries = prepared.flatMap((one) => ('entries' in one ? one.entries : []));
      const verdicts = await upload(api, entries, t.signal);
      return prepared.map((one) => resultOf(one, verdicts));
    },
  };
}

/** A throw would fail the jobs beside it too. */
function prepareSafely(job: LeasedJob, map: MapMessage, settings: MappingSettings): Prepared {
  try {
    return prepare(job, map, settings);
  } catch (error) {
    const message = `The message could not be mapped (${error instanceof Error ? error.name : typeof error}).`;
    return { job, verdict: { outcome: 'failed', error: { code: 'FRAGMENT_DELIVERY_THREW', message } } };
  }
}

function prepare(job: LeasedJob, map: MapMessage, settings: MappingSettings): Prepared {
  const discard = (error: DeliveryError): Prepared => ({ job, verdict: { outcome: 'discarded', error } });
  const message = messageOf(job);
  if (isSwitchedOff(message))
    return discard(undeliverable('The message switches Amplitude off in `integrations`.'));
  const mapped = map(message, settings);
  if ('invalid' in mapped) return discard(undeliverable(mapped.invalid));
  for (const event of mapped.events) {
    const problem = shapeProblemOf(event);
    if (problem !== undefined) return discard(undeliverable(`Amplitude does not take it: ${problem}`));
  }
  const entries = mapped.events.map(entryOf);
  return entries.every(fitsRequest) ? { job, entries } : discard(tooLarge);
}

const tooLarge: DeliveryError = {
  code: 'FRAGMENT_DELIVERY_TOO_LARGE',
  message: `Amplitude takes requests of ${limits.bytes} bytes, and the event alone is larger.`,
};

/**
 * The worst of its events: one that failed brings all of them again under the same insert_ids, of which Amplitude
 * keeps what it has; one that was refused for good discards the job, and says which it was.
 */
function resultOf(one: Prepared, verdicts: ReadonlyMap<Entry, JobVerdict>): JobResult {
  if ('verdict' in one) return resultFor(one.job.id, one.verdict);
  const found = one.entries.map((entry) => ({ entry, verdict: verdicts.get(entry) }));
  for (const outcome of ['failed', 'discarded'] as const)
    for (const { entry, verdict } of found)
      if (verdict?.outcome === outcome)
        return resultFor(one.job.id, {
          ...verdict,
          error: errorOf(verdict.error, entry, one.entries.length),
        });
  return { job: one.job.id, outcome: 'succeeded' };
}

/** Shows the job's own event as the request, not those of the jobs beside it. */
function errorOf(error: DeliveryError, { event, text }: Entry, count: number): DeliveryError {
  return {
    ...error,
    message:
      count === 1
        ? error.message
        : `${error.message} (${event.event_type}, one of ${count} events of the message)`,
    ...(error.request !== undefined && { request: `POST ${paths.events} ${text.slice(0, 4000)}` }),
  };
}
