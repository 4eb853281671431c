import { FragmentError, type JsonValue } from '@fragment/core';
import { HIDDEN, type Redact } from './redact.js';

/** One name of a path, and what follows it. */
interface Place {
  readonly name: string;
  /** undefined: what has this name is hidden. */
  readonly next: Place | undefined;
}

/**
 * Makes a hook that hides what is found under paths, in messages, in each message of a batch, and in frozen data of jobs:
 * `context.ip`, `traits.email`. `*` stands for any one name, `**` for any number of them: `properties.card.*`, `**.email`.
 * Of a list every item is looked into, so that `products.price` hides all prices. A text has no paths: requests, responses,
 * messages of errors, and what is no JSON are hidden whole.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID for a path that has an empty name.
 */
export function redactPaths(paths: readonly string[]): Redact {
  const wrong = paths.filter((path) => path.split('.').includes(''));
  if (wrong.length > 0) {
    const validations = wrong.map((path) => ({
      message: `a path has names with one dot between, unlike ${JSON.stringify(path)}`,
      path: ['admin', 'redact'],
    }));
    throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
  }
  const places = new Set(
    paths.flatMap((path) => [placeOf(path.split('.')), placeOf(`batch.${path}`.split('.'))]),
  );
  return (value) => (typeof value === 'string' ? HIDDEN : without(value, places));
}

function placeOf([name = '', ...rest]: readonly string[]): Place {
  return { name, next: rest.length === 0 ? undefined : placeOf(rest) };
}

function without(value: JsonValue, places: ReadonlySet<Place>): JsonValue {
  if (typeof value !== 'object' || value === null || places.size === 0) return value;
  if (isArray(value)) return value.map((item, at) => child(item, String(at), places, places));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, child(member, name, places, [])]),
  );
}

/** `also`: what is looked for in it whatever its name. */
function child(value: JsonValue, name: string, places: ReadonlySet<Place>, also: Iterable<Place>): JsonValue {
  const below = new Set(also);
  for (const place of places) if (enter(place, name, below)) return HIDDEN;
  return without(value, below);
}

/** Adds to `below` what is looked for below a name; true where the name ends a path. */
function enter(place: Place, name: string, below: Set<Place>): boolean {
  if (place.name === '**') {
    below.add(place);
    return place.next === undefined || enter(place.next, name, below);
  }
  if (place.name !== '*' && place.name !== name) return false;
  if (place.next === undefined) return true;
  below.add(place.next);
  return false;
}

const isArray = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);
