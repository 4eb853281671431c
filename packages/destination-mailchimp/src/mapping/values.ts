import type { Address, MergeFields } from '../vendor.js';
import { isFields, textOf, type Fields } from './read.js';

/** What a merge field can hold. */
export type Value = MergeFields[string];

/** Text, or '' for null, which clears the field. */
export const plainOf = (value: unknown): string | undefined => (value === null ? '' : textOf(value));

/** A trait of any kind. Objects have no place in a merge field, lists only as joined text. */
export function valueOf(value: unknown, joinArrays: boolean): Value | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return textOf(value) === undefined ? undefined : dateOf(value);
  if (Array.isArray(value)) return joinArrays ? joined(value) : undefined;
  return value === null ? '' : undefined;
}

/** A time becomes its date, which is what a date field takes; any other text stays. */
const dateOf = (text: string): string => /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}/.exec(text)?.[1] ?? text;

function joined(list: readonly unknown[]): string | undefined {
  const texts = list
    .map((entry) => (typeof entry === 'boolean' ? String(entry) : textOf(entry)))
    .filter((text) => text !== undefined);
  return texts.length > 0 ? texts.join(', ') : undefined;
}

/** Spellings of Segment's spec, of Mailchimp, and of what senders have in use. */
const addressParts = {
  addr1: ['street', 'addr1', 'addressLine1'],
  addr2: ['addr2', 'addressLine2'],
  city: ['city'],
  state: ['state'],
  zip: ['postalCode', 'zip'],
  country: ['country'],
} as const;

/**
 * A postal address as an object or as Mailchimp's text with its parts two spaces apart; '' for null, which clears it.
 * Mailchimp takes an address whole or not at all: part of one would refuse the contact.
 */
export function postalOf(value: unknown): Value | undefined {
  if (value === null) return '';
  if (typeof value === 'string') return /\S {2,}\S/.test(value) ? value.trim() : undefined;
  return isFields(value) ? addressOf(value) : undefined;
}

export function addressOf(from: Fields): Address | undefined {
  const part = (name: keyof typeof addressParts): string | undefined =>
    addressParts[name].map((spelling) => textOf(from[spelling])).find((text) => text !== undefined);
  const [addr1, city, state, zip] = [part('addr1'), part('city'), part('state'), part('zip')];
  if (addr1 === undefined || city === undefined || state === undefined || zip === undefined) return undefined;
  const [addr2, country] = [part('addr2'), part('country')];
  return {
    addr1,
    ...(addr2 !== undefined && { addr2 }),
    city,
    state,
    zip,
    ...(country !== undefined && { country }),
  };
}

/** MM/DD of an ISO date, with or without a time; '' for null. */
export function birthdayOf(value: unknown): string | undefined {
  if (value === null) return '';
  const text = textOf(value) ?? '';
  const [, month, day] = /^(?:\d{4}-)?(0[1-9]|1[0-2])[-/](0[1-9]|[12]\d|3[01])(?:[T ].*)?$/.exec(text) ?? [];
  return month !== undefined && day !== undefined ? `${month}/${day}` : undefined;
}

/** Two letters of a locale: `en` of `en-GB`. */
export function languageOf(locale: unknown): string | undefined {
  const [, letters] = /^([a-z]{2})(?:[-_].*)?$/i.exec(textOf(locale) ?? '') ?? [];
  return letters?.toLowerCase();
}

/** First word and rest. */
export function splitName(name: unknown): { first: string | undefined; rest: string | undefined } {
  const [, first, rest] = /^(\S+)(?:\s+(.+))?$/s.exec(textOf(name) ?? '') ?? [];
  return { first, rest };
}
