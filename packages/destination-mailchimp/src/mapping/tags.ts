import type { MappingSettings } from '../options.js';
import type { Tag } from '../vendor.js';
import { isFields, textOf, type Fields } from './read.js';

/**
 * The tags that every contact gets, then those of the trait: a text or a list adds tags, an object
 * (`{ vip: true, trial: false }`) adds and takes away. Mailchimp does not tell `VIP` from `vip`, so neither do we, and
 * the last word counts.
 */
export function tagsOf(
  traits: Fields,
  { tags, tagsTrait }: Pick<MappingSettings, 'tags' | 'tagsTrait'>,
): readonly Tag[] {
  const own = tagsTrait === undefined ? undefined : traits[tagsTrait];
  return lastOfEach([...tags.map((name) => [name, true] as const), ...wishesOf(own)].flatMap(tagOf));
}

/** One tag a name, whatever its case: the last. */
export function lastOfEach(tags: readonly Tag[]): readonly Tag[] {
  return [...new Map(tags.map((tag) => [tag.name.toLowerCase(), tag])).values()];
}

function wishesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (isFields(value)) return Object.entries(value);
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  return names.map((name) => [name, true]);
}

function tagOf([name, wanted]: readonly [unknown, unknown]): Tag[] {
  const text = textOf(name);
  if (text === undefined || typeof wanted !== 'boolean') return [];
  return [{ name: text, status: wanted ? 'active' : 'inactive' }];
}
