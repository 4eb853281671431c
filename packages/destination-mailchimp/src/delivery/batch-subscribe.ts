import type { HttpAnswer, HttpReply, JobVerdict } from '@fragment/http-client';
import { hashOf } from '../mapping/contact.js';
import type { MappedUpsert } from '../mapping/identify.js';
import { fieldsOf, isFields, picked, textOf, type Fields } from '../mapping/read.js';
import { paths, type BatchMember, type BatchSubscribe } from '../vendor.js';
import { readMissingAudience, readStatus, refused } from './answers.js';
import type { Api } from './api.js';
import type { Call } from './call.js';
import type { ContactWrite, Exchanged, Fate } from './contact-write.js';

/** Refusals of an address that the upsert would only repeat. */
const finalRefusal =
  /looks fake or invalid|valid email address|compliance state|permanently deleted|lots? of lists very recently/i;

/**
 * May this contact be added together with others? What a message asks of known members only the upsert can do, and a
 * job that failed once goes alone, so that a contact that spoils the request spoils it once.
 */
export function mayGoTogether({ parts, contact }: ContactWrite): boolean {
  return contact.status === undefined && !contact.syncing && parts.every(({ job }) => job.attempt === 1);
}

/**
 * Adds those of the contacts that are new, all of one audience, by one request. Nobody who has left is subscribed again:
 * `update_existing: false` leaves known members alone and says who they are, and the upsert then writes them.
 * @returns by the contact's hash; a contact that is missing is still to be written.
 */
export function subscribeNew(
  writes: readonly ContactWrite[],
  api: Api,
  call: Call,
): Promise<ReadonlyMap<string, Fate>> {
  return api.turns.run(async () => {
    const [first] = writes;
    if (!first || call.stopped) return new Map();
    const body: BatchSubscribe = { members: writes.map(memberOf), update_existing: false };
    const reply = await api.client.request({
      method: 'POST',
      path: paths.audience(first.contact.audienceId),
      // An address in two spellings is one contact here and never twice in the list; should Mailchimp see it otherwise,
      // the first counts.
      query: { skip_duplicate_check: 'true' },
      json: body,
      signal: call.t.signal,
    });
    const by = { reply, jobs: writes.flatMap(({ parts }) => parts).length, sent: memberOf };
    if (reply.kind === 'answer' && reply.status === 200) return readMembers(reply, writes, by);
    const verdict = readWhole(reply, first);
    if (verdict) call.note(verdict);
    return new Map(verdict ? writes.map(({ contact }) => [contact.hash, { verdict, by }]) : []);
  });
}

function memberOf({ body, tags }: MappedUpsert): BatchMember {
  const { status_if_new: status, ...profile } = body;
  const added = tags.filter((tag) => tag.status === 'active').map(({ name }) => name);
  return { ...profile, status, ...(added.length > 0 && { tags: added }) };
}

/** Who was added, and who was refused for good. */
function readMembers(
  reply: HttpAnswer,
  writes: readonly ContactWrite[],
  by: Exchanged,
): ReadonlyMap<string, Fate> {
  const { new_members: members, errors } = fieldsOf(reply.json);
  const [added, refusals] = [byHash(members), byHash(errors)];
  const fates = new Map<string, Fate>();
  for (const { contact } of writes) {
    const { hash, address } = contact;
    const member = added.get(hash);
    const refusal = refusals.get(hash);
    const words = textOf(refusal?.['error']) ?? '';
    const settle = (verdict: JobVerdict, said: Fields) =>
      fates.set(hash, { verdict, by: { ...by, answered: () => picked(said, SAID_OF_ONE) } });
    if (refusal && finalRefusal.test(words)) settle(refused(reply, words, address), refusal);
    else if (!refusal && member) settle({ outcome: 'succeeded' }, member);
  }
  return fates;
}

/** What an answer to many says of one contact, other than what its jobs have sent. */
const SAID_OF_ONE = ['id', 'email_address', 'status', 'error', 'error_code'];

function byHash(list: unknown): ReadonlyMap<string, Fields> {
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  return new Map(
    entries.filter(isFields).map((entry) => [hashOf(textOf(entry['email_address']) ?? ''), entry]),
  );
}

/** Anything but 200 is about the request; where its content may be at fault, the contacts go alone. */
function readWhole(reply: HttpReply, { contact }: ContactWrite): JobVerdict | undefined {
  if (reply.kind === 'answer' && reply.status === 404) return readMissingAudience(reply, contact);
  const verdict = readStatus(reply);
  return verdict.outcome === 'failed' ? verdict : undefined;
}
