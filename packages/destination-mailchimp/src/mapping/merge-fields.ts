import type { MappingSettings } from '../options.js';
import { mergeTagLength, type MergeFields } from '../vendor.js';
import type { Fields } from './read.js';
import { addressOf, birthdayOf, plainOf, postalOf, splitName, valueOf, type Value } from './values.js';

type Settings = Pick<MappingSettings, 'mergeTags' | 'tagsTrait' | 'joinArrays'>;

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
 * Merge fields by Segment's rules. Only what the event has: a trait that is absent or empty leaves its field alone, one
 * that is null clears it. Where two traits have one tag, a configured tag wins over a standard one, that over a derived
 * one; of two configured ones the one that stands first, of two derived ones the trait that comes first in the alphabet.
 */
export function mergeFieldsOf(traits: Fields, settings: Settings): MergeFields {
  const { mergeTags, tagsTrait, joinArrays } = settings;
  const fields = new Map<string, Value>();
  const put = (tag: string, value: Value | undefined): void => {
    if (value !== undefined && tag !== '' && !fields.has(tag)) fields.set(tag, value);
  };
  for (const [trait, tag] of Object.entries(mergeTags)) put(tag, mappedOf(trait, tag, traits, joinArrays));
  for (const [tag, value] of standardFieldsOf(traits, mergeTags)) put(tag, value);
  const taken = (trait: string): boolean =>
    consumed.has(trait) || trait === tagsTrait || Object.hasOwn(mergeTags, trait);
  for (const trait of Object.keys(traits).sort())
    if (!taken(trait)) put(tagOf(trait), valueOf(traits[trait], joinArrays));
  return Object.fromEntries(fields);
}

/** Segment drops everything but letters and digits before it cuts. */
const tagOf = (trait: string): string =>
  trait
    .replace(/[^a-z0-9]/gi, '')
    .slice(0, mergeTagLength)
    .toUpperCase();

/** A trait that has a configured tag is still read as what it is: an address may go to SHIPTO, a birthday to BDAY. */
function mappedOf(trait: string, tag: string, traits: Fields, joinArrays: boolean): Value | undefined {
  const value = traits[trait];
  if (trait === 'birthday' || tag === 'BIRTHDAY') return birthdayOf(value);
  if (trait === 'address' || tag === 'ADDRESS') return postalOf(value);
  return valueOf(value, joinArrays) ?? postalOf(value);
}

function standardFieldsOf(traits: Fields, mergeTags: Fields): [string, Value | undefined][] {
  const free = (trait: string): unknown => (Object.hasOwn(mergeTags, trait) ? undefined : traits[trait]);
  const explicit = (tag: keyof typeof spellings): Value | undefined =>
    spellings[tag]
      .map(free)
      .map(plainOf)
      .find((value) => value !== undefined);
  const { first, rest } = splitName(free('name'));
  return [
    ['FNAME', explicit('FNAME') ?? first],
    ['LNAME', explicit('LNAME') ?? rest],
    ['PHONE', explicit('PHONE')],
    // Without an address of its own, its parts may stand flat among the traits.
    ['ADDRESS', postalOf(free('address')) ?? addressOf(traits)],
    ['BIRTHDAY', birthdayOf(free('birthday'))],
  ];
}
