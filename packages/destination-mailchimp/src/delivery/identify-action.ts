import type { Action, JobResult, LeasedJob, LoadToolkit } from '@fragment/core';
import { resultFor, type HttpReply } from '@fragment/http-client';
import { mapIdentify, type MappedUpsert } from '../mapping/identify.js';
import { paths, type MemberUpsert } from '../vendor.js';
import { readUpsert, type Repair } from './answers.js';
import { messageOf, undeliverable, type Api } from './api.js';

/** Adds or updates a contact: one request, and a second one when Mailchimp says what to leave out. */
export function identifyAction(api: Api): Action {
  return {
    name: 'identify',
    load: (jobs, t) => Promise.all(jobs.map((job) => deliver(job, api, t))),
  };
}

async function deliver(job: LeasedJob, api: Api, t: LoadToolkit): Promise<JobResult> {
  const mapped = mapIdentify(messageOf(job), api.settings.mapping);
  if ('invalid' in mapped) return undeliverable(job, mapped.invalid);
  const verdict = readUpsert(await put(mapped, api, t.signal), mapped.contact);
  if (verdict.outcome !== 'repair') return resultFor(job.id, verdict);
  const repaired = { ...mapped, body: withoutTags(mapped.body, verdict.withoutTags) };
  const again = readUpsert(await put(repaired, api, t.signal, verdict), mapped.contact);
  if (again.outcome === 'repair') return resultFor(job.id, again.otherwise);
  if (again.outcome === 'succeeded' && verdict.withoutTags.size > 0)
    t.logger.warn(
      { job: job.id, mergeTags: [...verdict.withoutTags] },
      'Mailchimp refused merge fields; the contact was written without them',
    );
  return resultFor(job.id, again);
}

function put(
  { contact, body }: MappedUpsert,
  { client }: Api,
  signal: AbortSignal,
  repair?: Repair,
): Promise<HttpReply> {
  return client.request({
    method: 'PUT',
    path: paths.member(contact.audienceId, contact.hash),
    ...(repair?.skipMergeValidation && { query: { skip_merge_validation: 'true' } }),
    json: body,
    signal,
  });
}

function withoutTags(
  { merge_fields: fields = {}, ...body }: MemberUpsert,
  tags: ReadonlySet<string>,
): MemberUpsert {
  const kept = Object.entries(fields).filter(([tag]) => !tags.has(tag));
  return kept.length > 0 ? { ...body, merge_fields: Object.fromEntries(kept) } : body;
}
