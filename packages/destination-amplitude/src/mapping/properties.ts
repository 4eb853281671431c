import { groupOperations, userOperations, type Properties } from '../vendor.js';
import { amplitudeOptionsOf } from './amplitude-options.js';
import { fieldsOf, isFields, textOf, type Fields } from './read.js';

type Operations = Record<string, unknown>;

/**
 * Traits as operations: those the sender wrote (`$add`, ...) stay, plain ones go below `$set`. Amplitude refuses
 * operations beside plain keys, so there are only operations, always.
 */
function operationsOf(traits: Fields, known: readonly string[]): Operations {
  const operations: Operations = {};
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(traits)) {
    if (!known.includes(key)) plain[key] = value;
    else if (isFields(value) || key === '$clearAll') operations[key] = value;
    else if (key === '$unset' && Array.isArray(value)) operations[key] = unset(value);
  }
  return lay(operations, '$set', plain);
}

/** Adds below an operation; what is there wins. */
function lay(operations: Operations, operation: string, values: Fields): Operations {
  if (Object.keys(values).length === 0) return operations;
  return { ...operations, [operation]: { ...values, ...fieldsOf(operations[operation]) } };
}

const unset = (names: readonly unknown[]): Fields =>
  Object.fromEntries(names.filter((name) => typeof name === 'string').map((name) => [name, '-']));

const nonEmpty = (operations: Operations): Properties | undefined =>
  Object.keys(operations).length > 0 ? operations : undefined;

/** Traits, campaign, referrer and `fieldsToUnset` as operations on the user. */
export function userPropertiesOf(message: Fields, traits: unknown): Properties | undefined {
  const origin = originOf(fieldsOf(message['context']));
  const first = Object.fromEntries(Object.entries(origin).map(([key, value]) => [`initial_${key}`, value]));
  const fieldsToUnset = amplitudeOptionsOf(message)['fieldsToUnset'];
  let operations = operationsOf(fieldsOf(traits), userOperations);
  operations = lay(operations, '$set', origin);
  operations = lay(operations, '$setOnce', first);
  if (Array.isArray(fieldsToUnset)) operations = lay(operations, '$unset', unset(fieldsToUnset));
  return nonEmpty(operations);
}

/** Traits of a group as operations on it. */
export function groupPropertiesOf(traits: unknown): Properties | undefined {
  return nonEmpty(operationsOf(fieldsOf(traits), groupOperations));
}

/** The campaign's `name` is `utm_campaign`; the others keep their names. */
const utm = {
  source: 'utm_source',
  medium: 'utm_medium',
  name: 'utm_campaign',
  term: 'utm_term',
  content: 'utm_content',
};

/** Where the user came from this time. */
function originOf(context: Fields): Record<string, string> {
  const campaign = fieldsOf(context['campaign']);
  const origin: Record<string, string> = {};
  for (const [key, property] of Object.entries(utm)) {
    const value = textOf(campaign[key]);
    if (value !== undefined) origin[property] = value;
  }
  const referrer = textOf(fieldsOf(context['page'])['referrer']);
  if (referrer !== undefined) origin['referrer'] = referrer;
  return origin;
}
