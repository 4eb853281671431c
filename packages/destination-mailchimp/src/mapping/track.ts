import type { MappingSettings } from '../options.js';
import { eventNameLength, type MemberEvent } from '../vendor.js';
import { contactOf, type Contact } from './contact.js';
import { fieldsOf, textOf, type Fields } from './read.js';

export interface MappedEvent {
  readonly contact: Contact;
  readonly body: MemberEvent;
}

/** An event of the member. Its name has underscores for spaces, and what is no text in its properties is JSON. */
export function mapTrack(message: Fields, settings: MappingSettings): MappedEvent | { invalid: string } {
  const contact = contactOf(
    message,
    [fieldsOf(message['context'])['traits'], message['properties']],
    settings,
  );
  if ('invalid' in contact) return contact;
  const name = (textOf(message['event']) ?? '').replace(/\s+/g, '_');
  const { min, max } = eventNameLength;
  if (name.length < min || name.length > max)
    return {
      invalid: `Mailchimp takes event names of ${min} to ${max} characters; this one has ${name.length}.`,
    };
  const properties = propertiesOf(fieldsOf(message['properties']));
  const body: MemberEvent = {
    name,
    ...(Object.keys(properties).length > 0 && { properties }),
    occurred_at: String(message['timestamp']),
    ...(contact.syncing && { is_syncing: true }),
  };
  return { contact, body };
}

/** The address names the member, it is no property of what happened. */
function propertiesOf(properties: Fields): Record<string, string> {
  const present = Object.entries(properties).filter(
    ([key, value]) => key !== 'email' && value !== null && value !== undefined,
  );
  return Object.fromEntries(
    present.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
