import type { MappingSettings } from '../options.js';
import type { MemberUpsert } from '../vendor.js';
import { contactOf, type Contact } from './contact.js';
import { mergeFieldsOf } from './merge-fields.js';
import { fieldsOf, type Fields } from './read.js';

export interface MappedUpsert {
  readonly contact: Contact;
  readonly body: MemberUpsert;
}

/**
 * An upsert of the contact. `status_if_new` decides for new members and leaves the status of all others alone;
 * `subscriptionStatus` of the message is for those others, so it cannot go round a double opt-in.
 */
export function mapIdentify(message: Fields, settings: MappingSettings): MappedUpsert | { invalid: string } {
  const contact = contactOf(message, [message['traits'], fieldsOf(message['context'])['traits']], settings);
  if ('invalid' in contact) return contact;
  const mergeFields = mergeFieldsOf(fieldsOf(message['traits']), settings.mergeTags);
  const body: MemberUpsert = {
    email_address: contact.address,
    status_if_new: settings.enableDoubleOptIn ? 'pending' : 'subscribed',
    ...(contact.status && { status: contact.status }),
    ...(Object.keys(mergeFields).length > 0 && { merge_fields: mergeFields }),
  };
  return { contact, body };
}
