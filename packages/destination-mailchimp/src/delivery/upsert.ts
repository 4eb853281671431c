import type { LeasedJob } from '@fragment/core';
import type { HttpReply } from '@fragment/http-client';
import type { MappedUpsert } from '../mapping/identify.js';
import { paths, type MemberTags, type MemberUpsert } from '../vendor.js';
import { readTags, readUpsert, type JobVerdict, type Repair } from './answers.js';
import type { Api } from './api.js';
import type { Call } from './call.js';

/** All that a call says of one contact, and the jobs it says it for. */
export interface ContactWrite extends MappedUpsert {
  readonly jobs: readonly LeasedJob[];
}

/** Writes one contact and its tags, when its turn has come. */
export function upsert(write: ContactWrite, api: Api, call: Call): Promise<JobVerdict> {
  const { audienceId, hash } = write.contact;
  return api.turns.run(async () => {
    if (call.stopped) return call.stopped;
    const written = await putWithRepair(write, api, call);
    const verdict =
      written.outcome === 'succeeded' && write.tags.length > 0 ? await tag(write, api, call) : written;
    call.note(verdict);
    return verdict;
  }, `${audienceId}/${hash}`);
}

/** One request, and a second one when Mailchimp says what to leave out. */
async function putWithRepair(write: ContactWrite, api: Api, call: Call): Promise<JobVerdict> {
  const verdict = readUpsert(await put(write, write.body, api, call), write.contact);
  if (verdict.outcome !== 'repair') return verdict;
  const { withoutTags } = verdict;
  const again = readUpsert(
    await put(write, without(withoutTags, write.body), api, call, verdict),
    write.contact,
  );
  if (again.outcome === 'repair') return again.otherwise;
  if (again.outcome === 'succeeded' && withoutTags.size > 0)
    call.t.logger.warn(
      { jobs: write.jobs.map(({ id }) => id), mergeTags: [...withoutTags] },
      'Mailchimp refused merge fields; the contact was written without them',
    );
  return again;
}

function put(
  { contact }: ContactWrite,
  body: MemberUpsert,
  { client }: Api,
  { t }: Call,
  repair?: Repair,
): Promise<HttpReply> {
  return client.request({
    method: 'PUT',
    path: paths.member(contact.audienceId, contact.hash),
    ...(repair?.skipMergeValidation && { query: { skip_merge_validation: 'true' } }),
    json: body,
    signal: t.signal,
  });
}

async function tag({ contact, tags }: ContactWrite, { client }: Api, { t }: Call): Promise<JobVerdict> {
  const body: MemberTags = { tags, ...(contact.syncing && { is_syncing: true }) };
  const path = paths.memberTags(contact.audienceId, contact.hash);
  const reply = await client.request({ method: 'POST', path, json: body, signal: t.signal });
  return readTags(reply, contact);
}

function without(
  tags: ReadonlySet<string>,
  { merge_fields: fields = {}, ...body }: MemberUpsert,
): MemberUpsert {
  const kept = Object.entries(fields).filter(([tag]) => !tags.has(tag));
  return kept.length > 0 ? { ...body, merge_fields: Object.fromEntries(kept) } : body;
}
