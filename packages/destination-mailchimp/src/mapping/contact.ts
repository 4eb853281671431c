import { createHash } from 'node:crypto';
import { integrationOptions } from '@fragment/segment-spec';
import type { MappingSettings } from '../options.js';
import { memberStatuses, type MemberStatus } from '../vendor.js';
import { fieldsOf, textOf, type Fields } from './read.js';

/** The switch and the options of Mailchimp in `integrations`, as Segment spells it; read without regard to case. */
export const integrationName = 'MailChimp';

/** Whom a message is about, and in which audience. */
export interface Contact {
  readonly address: string;
  /** Names the member in paths: md5 of the lower-case address. */
  readonly hash: string;
  readonly audienceId: string;
  /** The message chose the audience, so a wrong one is no fault of the whole destination. */
  readonly audienceOfMessage: boolean;
  /** What the message asks for, should the address be a member already. */
  readonly status: MemberStatus | undefined;
  /** The message is part of a copy of old data: no automation is to start. */
  readonly syncing: boolean;
}

/** The first of `places` that holds an address. A userId is never one, even when it looks like it. */
export function contactOf(
  message: Fields,
  places: readonly unknown[],
  settings: MappingSettings,
): Contact | { invalid: string } {
  const address = places
    .map((place) => fieldsOf(place)['email'])
    .map(addressOf)
    .find((found) => found !== undefined);
  if (address === undefined)
    return {
      invalid: 'The message has no e-mail address in its traits, so there is no contact to write to.',
    };
  if (!/^[^\s@]+@[^\s@]+$/.test(address)) return { invalid: 'The e-mail address in the traits is not one.' };
  const options = fieldsOf(integrationOptions(message['integrations'], integrationName));
  const listId = textOf(options['listId']) ?? formerListId(message);
  return {
    address,
    hash: hashOf(address),
    audienceId: listId ?? settings.audienceId,
    audienceOfMessage: listId !== undefined && listId !== settings.audienceId,
    status: memberStatuses.find((status) => status === options['subscriptionStatus']),
    syncing: options['isSyncing'] === true,
  };
}

export const hashOf = (address: string): string =>
  createHash('md5').update(address.trim().toLowerCase()).digest('hex');

/** Where Segment's libraries put it before there was `integrations`. */
const formerListId = (message: Fields): string | undefined =>
  textOf(fieldsOf(fieldsOf(message['context'])[integrationName])['listId']);

const addressOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? textOf(value) : undefined;
