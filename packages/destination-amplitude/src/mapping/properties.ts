import type { MappingSettings } from '../options.js';
import { groupOperations, userOperations, type Properties } from '../vendor.js';
import { amplitudeOptionsOf } from './amplitude-options.js';
import { fieldsOf, numberOf, textOf, type Fields } from './read.js';

/**
 * Operations on properties. Amplitude refuses operations beside plain keys, so there are only operations, always. A
 * property has one, the first that is added: which of two Amplitude does last is not said.
 */
class Operations {
  readonly #operations: Record<string, Record<string, unknown>> = {};
  readonly #names = new Set<string>();
  #clearAll: unknown;

  add(operation: string, name: string, value: unknown): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    (this.#operations[operation] ??= {})[name] = value;
  }

  /** An operation as the sender wrote it; one of a wrong shape is left out. */
  addWhole(operation: string, value: unknown): void {
    if (operation === '$clearAll') this.#clearAll = value;
    else if (operation === '$unset') this.unset(Array.isArray(value) ? value : Object.keys(fieldsOf(value)));
    else for (const [name, one] of Object.entries(fieldsOf(value))) this.add(operation, name, one);
  }

  unset(names: readonly unknown[]): void {
    for (const name of names) if (typeof name === 'string') this.add('$unset', name, '-');
  }

  /** undefined when there are none. */
  get all(): Properties | undefined {
    if (this.#clearAll !== undefined) return { ...this.#operations, $clearAll: this.#clearAll };
    return Object.keys(this.#operations).length > 0 ? this.#operations : undefined;
  }
}

/** Traits, campaign, referrer and `fieldsToUnset` of an identify as operations on the user. */
export function identifyPropertiesOf(message: Fields, settings: MappingSettings): Properties | undefined {
  return userPropertiesOf(message, fieldsOf(message['traits']), (operations, name, value) => {
    const operation = settings.traitOperations.get(name) ?? '$set';
    const usable = operation === '$add' ? numberOf(value) : value;
    if (usable !== undefined) operations.add(operation, name, usable);
  });
}

/**
 * The same of any other message, whose traits stand in `context.traits`. Mobile libraries repeat them there in every
 * event: what is counted or appended would be so each time, so it is left out.
 */
export function eventUserPropertiesOf(message: Fields, settings: MappingSettings): Properties | undefined {
  const traits = fieldsOf(fieldsOf(message['context'])['traits']);
  return userPropertiesOf(message, traits, (operations, name, value) => {
    const operation = settings.traitOperations.get(name) ?? '$set';
    if (operation === '$set' || operation === '$setOnce') operations.add(operation, name, value);
  });
}

/** Traits of a group as operations on it. */
export function groupPropertiesOf(value: unknown): Properties | undefined {
  const operations = new Operations();
  addTraits(operations, fieldsOf(value), groupOperations, (name, one) => operations.add('$set', name, one));
  return operations.all;
}

function userPropertiesOf(
  message: Fields,
  traits: Fields,
  addTrait: (operations: Operations, name: string, value: unknown) => void,
): Properties | undefined {
  const operations = new Operations();
  const { fieldsToUnset } = amplitudeOptionsOf(message);
  if (Array.isArray(fieldsToUnset)) operations.unset(fieldsToUnset);
  addTraits(operations, traits, userOperations, (name, value) => addTrait(operations, name, value));
  addOrigin(operations, fieldsOf(message['context']));
  return operations.all;
}

/** The sender's operations first, so that they win over plain traits. */
function addTraits(
  operations: Operations,
  traits: Fields,
  known: readonly string[],
  addPlain: (name: string, value: unknown) => void,
): void {
  const names = Object.keys(traits);
  for (const name of names) if (known.includes(name)) operations.addWhole(name, traits[name]);
  for (const name of names) if (!known.includes(name)) addPlain(name, traits[name]);
}

/** The campaign's `name` is `utm_campaign`; the others keep their names. */
const utm = [
  ['source', 'utm_source'],
  ['medium', 'utm_medium'],
  ['name', 'utm_campaign'],
  ['term', 'utm_term'],
  ['content', 'utm_content'],
] as const;

/** Where the user came from this time, and the first time. */
function addOrigin(operations: Operations, context: Fields): void {
  const add = (property: string, value: unknown): void => {
    const text = textOf(value);
    if (text === undefined) return;
    operations.add('$set', property, text);
    operations.add('$setOnce', `initial_${property}`, text);
  };
  const campaign = fieldsOf(context['campaign']);
  for (const [field, property] of utm) add(property, campaign[field]);
  add('referrer', fieldsOf(context['page'])['referrer']);
}
