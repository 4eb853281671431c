import { isIP } from 'node:net';
import type { MappingSettings } from '../options.js';
import type { MemberStatus, MemberUpsert, Tag } from '../vendor.js';
import { contactOf, type Contact } from './contact.js';
import { mergeFieldsOf } from './merge-fields.js';
import { fieldsOf, textOf, type Fields } from './read.js';
import { lastOfEach, tagsOf } from './tags.js';
import { languageOf } from './values.js';

/** What one message, or several in a row, say of one contact. */
export interface MappedUpsert {
  readonly contact: Contact;
  readonly body: MemberUpsert;
  /** Set after the upsert, which has no tags for known members. */
  readonly tags: readonly Tag[];
}

/** An upsert of the contact. */
export function mapIdentify(message: Fields, settings: MappingSettings): MappedUpsert | { invalid: string } {
  const context = fieldsOf(message['context']);
  const contact = contactOf(message, [message['traits'], context['traits']], settings);
  if ('invalid' in contact) return contact;
  const traits = fieldsOf(message['traits']);
  const mergeFields = mergeFieldsOf(traits, settings);
  const language = settings.sendLanguage ? languageOf(context['locale']) : undefined;
  const ip = settings.sendSignupIp ? textOf(context['ip']) : undefined;
  const body: MemberUpsert = {
    email_address: contact.address,
    status_if_new: statusIfNew(contact.status, settings.enableDoubleOptIn),
    ...(contact.status && { status: contact.status }),
    ...(Object.keys(mergeFields).length > 0 && { merge_fields: mergeFields }),
    ...(language !== undefined && { language }),
    // Mailchimp refuses the contact for an address that is none.
    ...(ip !== undefined && isIP(ip) > 0 && { ip_signup: ip }),
  };
  return { contact, body, tags: tagsOf(traits, settings) };
}

/**
 * `subscriptionStatus` of the message is for known members, so that it cannot go round a double opt-in. One that
 * subscribes nobody goes round nothing: who is said to have left is not subscribed for being new.
 */
function statusIfNew(asked: MemberStatus | undefined, enableDoubleOptIn: boolean): MemberStatus {
  if (asked !== undefined && asked !== 'subscribed') return asked;
  return enableDoubleOptIn ? 'pending' : 'subscribed';
}

/** Two messages of one contact as one: what the later one says counts, what it does not speak of stays. */
export function merged(earlier: MappedUpsert, later: MappedUpsert): MappedUpsert {
  const { status, status_if_new } = (later.body.status === undefined ? earlier : later).body;
  const mergeFields = { ...earlier.body.merge_fields, ...later.body.merge_fields };
  return {
    contact: {
      ...later.contact,
      status: later.contact.status ?? earlier.contact.status,
      syncing: earlier.contact.syncing && later.contact.syncing,
    },
    body: {
      ...earlier.body,
      ...later.body,
      status_if_new,
      ...(status && { status }),
      ...(Object.keys(mergeFields).length > 0 && { merge_fields: mergeFields }),
    },
    tags: lastOfEach([...earlier.tags, ...later.tags]),
  };
}
