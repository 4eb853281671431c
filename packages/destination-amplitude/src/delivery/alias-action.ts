import type { Action, DeliveryError, JobResult, LeasedJob } from '@fragment/core';
import { classify, encodeJson, resultFor, type HttpReply, type Verdict } from '@fragment/http-client';
import { mapAlias } from '../mapping/alias.js';
import { paths } from '../vendor.js';
import { refusedKey, sentenceOf, statusTable } from './answers.js';
import type { Api } from './api.js';
import { messageOf, undeliverable } from './message.js';

/** Sends one mapping per request: the answer is a word for the whole request, so a batch could not say who was refused. */
export function aliasAction(api: Api): Action {
  return {
    name: 'alias',
    load: (jobs, t) => Promise.all(jobs.map((job) => deliver(job, api, t.signal))),
  };
}

async function deliver(job: LeasedJob, { settings, userMap }: Api, signal: AbortSignal): Promise<JobResult> {
  const discard = (error: DeliveryError): JobResult => ({ job: job.id, outcome: 'discarded', error });
  const read = messageOf(job);
  if ('undeliverable' in read) return discard(read.undeliverable);
  const mapping = mapAlias(read.message, settings.mapping);
  if ('invalid' in mapping) return discard(undeliverable(mapping.invalid));
  const reply = await userMap.request({
    method: 'POST',
    path: paths.userMap,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ api_key: settings.apiKey, mapping: encodeJson([mapping]) }).toString(),
    signal,
  });
  return resultFor(job.id, readAnswer(reply));
}

/** User mapping answers a word (`success`, `invalid_api_key`, `missing_event`) or `{ error }`. */
function readAnswer(reply: HttpReply): Verdict {
  const refused = reply.kind === 'answer' ? refusedKey(reply) : undefined;
  const sentence = reply.kind === 'answer' ? (sentenceOf(reply) ?? reply.text.slice(0, 200)) : '';
  return (
    refused ??
    classify(reply, {
      ...statusTable,
      400: { outcome: 'discarded', message: `Amplitude refused the mapping: ${sentence}.` },
    })
  );
}
