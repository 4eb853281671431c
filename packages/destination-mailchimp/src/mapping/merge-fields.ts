import { mergeTagLength, type Address, type MergeFields } from '../vendor.js';
import { fieldsOf, textOf, type Fields } from './read.js';

type Value = MergeFields[string];

/** Traits that fill the standard tags, or none; the others get a tag of their own. */
const spellings = {
  FNAME: ['firstName', 'first_name', 'firstname'],
  LNAME: ['lastName', 'last_name', 'lastname'],
  PHONE: ['phone'],
} as const;
const consumed: ReadonlySet<string> = new Set([
  ...Object.values(spellings).flat(),
  'name',
  'email',
  'address',
  'birthday',
]);

/**
 * Merge fields by Segment's rules. Only what the event has: a trait that is absent leaves its field alone, one that is
 * null clears it. Where two traits have one tag, a configured tag wins over a standard one, that over a derived one,
 * and of two derived ones the trait that comes first in the alphabet.
 */
export function mergeFieldsOf(traits: Fields, mergeTags: Readonly<Record<string, string>>): MergeFields {
  const fields = new Map<string, Value>();
  const put = (tag: string, value: Value | undefined): void => {
    if (value !== undefined && tag !== '' && !fields.has(tag)) fields.set(tag, value);
  };
  for (const [trait, tag] of Object.entries(mergeTags)) put(tag, valueOf(traits[trait]));
  for (const [tag, value] of standardFieldsOf(traits, mergeTags)) put(tag, value);
  for (const trait of Object.keys(traits).sort())
    if (!consumed.has(trait) && !Object.hasOwn(mergeTags, trait)) put(tagOf(trait), valueOf(traits[trait]));
  return Object.fromEntries(fields);
}

/** Segment drops everything but letters and digits before it cuts. */
const tagOf = (trait: string): string =>
  trait
    .replace(/[^a-z0-9]/gi, '')
    .slice(0, mergeTagLength)
    .toUpperCase();

function standardFieldsOf(traits: Fields, mergeTags: Fields): [string, Value | undefined][] {
  const free = (trait: string): unknown => (Object.hasOwn(mergeTags, trait) ? undefined : traits[trait]);
  const explicit = (tag: keyof typeof spellings): Value | undefined =>
    spellings[tag]
      .map(free)
      .map(plainOf)
      .find((value) => value !== undefined);
  const [, first, rest] = /^(\S+)(?:\s+(.+))?$/s.exec(textOf(free('name')) ?? '') ?? [];
  return [
    ['FNAME', explicit('FNAME') ?? first],
    ['LNAME', explicit('LNAME') ?? rest],
    ['PHONE', explicit('PHONE')],
    ['ADDRESS', postalOf(fieldsOf(free('address')))],
    ['BIRTHDAY', birthdayOf(free('birthday'))],
  ];
}

/** Text, or '' for null, which clears the field. */
const plainOf = (value: unknown): string | undefined => (value === null ? '' : textOf(value));

/** A trait of any kind. Lists and objects have no place in a merge field. */
function valueOf(value: unknown): Value | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}/.exec(value)?.[1] ?? value;
  return value === null ? '' : undefined;
}

/** Mailchimp takes an address whole or not at all: part of one would refuse the contact. */
function postalOf(address: Fields): Address | undefined {
  const [addr1, city, state, zip] = ['street', 'city', 'state', 'postalCode'].map((part) =>
    textOf(address[part]),
  );
  if (addr1 === undefined || city === undefined || state === undefined || zip === undefined) return undefined;
  const country = textOf(address['country']);
  return { addr1, city, state, zip, ...(country !== undefined && { country }) };
}

/** MM/DD of an ISO date, with or without a time. */
function birthdayOf(value: unknown): string | undefined {
  if (value === null) return '';
  const text = textOf(value) ?? '';
  const [, month, day] = /^(?:\d{4}-)?(0[1-9]|1[0-2])[-/](0[1-9]|[12]\d|3[01])(?:T.*)?$/.exec(text) ?? [];
  return month !== undefined && day !== undefined ? `${month}/${day}` : undefined;
}
