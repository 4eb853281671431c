import type { HttpReply } from '@fragment/http-client';
import { fieldsOf, picked } from '../mapping/read.js';
import { paths, type MemberTags, type MemberUpsert } from '../vendor.js';
import { readTags, readUpsert, type Repair } from './answers.js';
import type { Api } from './api.js';
import type { Call } from './call.js';
import type { ContactWrite, Exchanged, Fate } from './contact-write.js';

/**
 * Writes one contact and its tags, when its turn has come. The write of the contact is what its jobs keep, unless it is
 * the tags that failed.
 */
export function upsert(write: ContactWrite, api: Api, call: Call): Promise<Fate> {
  const { audienceId, hash } = write.contact;
  return api.turns.run(async () => {
    if (call.stopped) return { verdict: call.stopped };
    const written = await putWithRepair(write, api, call);
    const fate = (await failedTags(written, write, api, call)) ?? written;
    call.note(fate.verdict);
    return fate;
  }, `${audienceId}/${hash}`);
}

/** One request, and a second one when Mailchimp says what to leave out. */
async function putWithRepair(write: ContactWrite, api: Api, call: Call): Promise<Fate> {
  const reply = await put(write, write.body, api, call);
  const verdict = readUpsert(reply, write.contact);
  if (verdict.outcome !== 'repair') return { verdict, by: putOf(write, reply) };
  const { withoutTags } = verdict;
  const second = await put(write, without(withoutTags, write.body), api, call, verdict);
  const again = readUpsert(second, write.contact);
  const by = putOf(write, second, withoutTags);
  if (again.outcome === 'repair') return { verdict: again.otherwise, by };
  if (again.outcome === 'succeeded' && withoutTags.size > 0)
    call.t.logger.warn(
      { jobs: write.parts.map(({ job }) => job.id), mergeTags: [...withoutTags] },
      'Mailchimp refused merge fields; the contact was written without them',
    );
  return { verdict: again, by };
}

function putOf(
  { parts }: ContactWrite,
  reply: HttpReply,
  withoutTags: ReadonlySet<string> = new Set(),
): Exchanged {
  return {
    reply,
    jobs: parts.length,
    sent: ({ body }) => without(withoutTags, body),
    answered: () =>
      picked(fieldsOf(reply.kind === 'answer' ? reply.json : undefined), [
        'id',
        'email_address',
        'status',
        'title',
      ]),
  };
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

/** undefined when there is nothing to tag, or it went well. */
async function failedTags(
  written: Fate,
  { contact, tags, parts }: ContactWrite,
  { client }: Api,
  { t }: Call,
): Promise<Fate | undefined> {
  if (written.verdict.outcome !== 'succeeded' || tags.length === 0) return undefined;
  const bodyOf = (some: MemberTags['tags']): MemberTags => ({
    tags: some,
    ...(contact.syncing && { is_syncing: true }),
  });
  const path = paths.memberTags(contact.audienceId, contact.hash);
  const reply = await client.request({ method: 'POST', path, json: bodyOf(tags), signal: t.signal });
  const verdict = readTags(reply, contact);
  if (verdict.outcome === 'succeeded') return undefined;
  return { verdict, by: { reply, jobs: parts.length, sent: (says) => bodyOf(says.tags) } };
}

function without(
  tags: ReadonlySet<string>,
  { merge_fields: fields = {}, ...body }: MemberUpsert,
): MemberUpsert {
  const kept = Object.entries(fields).filter(([tag]) => !tags.has(tag));
  return kept.length > 0 ? { ...body, merge_fields: Object.fromEntries(kept) } : body;
}
