import { fieldsOf, isFields, type Fields } from './shapes.js';

/** Why one event is refused: which of the answer's index maps names it, and under which field. */
export interface Refusal {
  readonly list:
    'events_with_missing_fields' | 'events_with_invalid_fields' | 'events_with_invalid_id_lengths';
  readonly field: string;
}

type Rule = (event: Fields, minIdLength: number) => Refusal | undefined;

const missing = (field: string): Refusal => ({ list: 'events_with_missing_fields', field });
const invalid = (field: string): Refusal => ({ list: 'events_with_invalid_fields', field });
const ids = ['user_id', 'device_id'] as const;

/** destinations 1.2: ids that are refused whatever the minimum. */
const refusedIds = new Set([
  'anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '', '{}', 'lmy47d', '0', '-1',
  '00000000-0000-0000-0000-000000000000',
]); // prettier-ignore

/** destinations 1.2: reserved event types. */
const reservedTypes = new Set(
  [
    'Start Session',
    'End Session',
    'Revenue',
    'Revenue (Verified)',
    'Revenue (Unverified)',
    'Merged User',
  ].map((name) => `[Amplitude] ${name}`),
);

/** destinations 1.3: operations on user properties, and the shorter list for groups. */
const groupOperations = ['$set', '$setOnce', '$add', '$append', '$prepend', '$unset'];
const userOperations = [...groupOperations, '$preInsert', '$postInsert', '$remove', '$clearAll'];

/** destinations 1.3: with any operation present, plain keys must sit below `$set`. */
function mixesOperations(properties: unknown, operations: readonly string[]): boolean {
  const keys = Object.keys(fieldsOf(properties));
  const known = keys.filter((key) => operations.includes(key));
  const strange = keys.some((key) => key.startsWith('$') && !operations.includes(key));
  return strange || (known.length > 0 && known.length < keys.length);
}

/** destinations 1.3: no arrays of arrays. */
function hasNestedArray(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => Array.isArray(item) || hasNestedArray(item));
  return isFields(value) && Object.values(value).some(hasNestedArray);
}

/** Object depth, for destinations 1.2: at most 40. */
export function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const wrongType =
  (names: readonly string[], isRight: (value: unknown) => boolean): Rule =>
  (event) => {
    const wrong = names.find((name) => event[name] !== undefined && !isRight(event[name]));
    return wrong === undefined ? undefined : invalid(wrong);
  };

const rules: readonly Rule[] = [
  // destinations 1.3: event_type is required
  (event) => (typeof event['event_type'] === 'string' && event['event_type'] !== '' ? undefined : missing('event_type')),
  // destinations 1.3: one of user_id, device_id is required
  (event) => (ids.some((id) => event[id] !== undefined && event[id] !== null) ? undefined : missing('user_id')),
  // destinations 1.2: numbers are not ids
  wrongType(ids, (value) => typeof value === 'string'),
  // destinations 1.2: a short id refuses the request, even when the other id is fine
  (event, minIdLength) => {
    const short = ids.find((id) => typeof event[id] === 'string' && event[id].length < minIdLength);
    return short === undefined ? undefined : { list: 'events_with_invalid_id_lengths', field: short };
  },
  // destinations 1.2: refused id words and the all-zero UUID; all-zero advertising ids as device_id
  wrongType(ids, (value) => !refusedIds.has(String(value).trim().toLowerCase())),
  wrongType(['device_id'], (value) => !/^[0-]+$/.test(String(value))),
  // destinations 1.2: reserved event types
  (event) => (reservedTypes.has(String(event['event_type'])) ? invalid('event_type') : undefined),
  // destinations 1.3: time, session_id, event_id and quantity are integers
  wrongType(['time', 'session_id', 'event_id', 'quantity'], Number.isSafeInteger),
  // destinations 1.3: price, revenue and location are floats
  wrongType(['price', 'revenue', 'location_lat', 'location_lng'], Number.isFinite),
  // destinations 1.3: insert_id and ip are strings
  wrongType(['insert_id', 'ip'], (value) => typeof value === 'string'),
  // destinations 1.6: device, location and app fields are text; language is a string, not an object
  wrongType(
    [
      'platform', 'os_name', 'os_version', 'device_brand', 'device_manufacturer', 'device_model', 'carrier', 'country',
      'region', 'city', 'dma', 'language', 'app_version', 'library', 'user_agent', 'idfa', 'idfv', 'adid', 'currency',
    ],
    (value) => typeof value === 'string',
  ), // prettier-ignore
  // destinations 1.3: event_properties, user_properties, groups are objects
  wrongType(['event_properties', 'user_properties', 'group_properties', 'groups'], isFields),
  // destinations 1.3: operations and plain keys cannot be mixed
  (event) => (mixesOperations(event['user_properties'], userOperations) ? invalid('user_properties') : undefined),
  (event) => (mixesOperations(event['group_properties'], groupOperations) ? invalid('group_properties') : undefined),
  // destinations 1.3: no nested arrays
  (event) => {
    const nested = ['event_properties', 'user_properties', 'group_properties'].find((name) => hasNestedArray(event[name]));
    return nested === undefined ? undefined : invalid(nested);
  },
  // destinations 1.6 Group: a value is a string or number, several in a flat list
  (event) =>
    Object.values(fieldsOf(event['groups'])).flat().every((value) => ['string', 'number'].includes(typeof value))
      ? undefined
      : invalid('groups'),
  // destinations 1.6 Group: a group identify names its group
  (event) =>
    event['event_type'] === '$groupidentify' && Object.keys(fieldsOf(event['groups'])).length === 0
      ? missing('groups')
      : undefined,
]; // prettier-ignore

/** The first rule an event breaks. */
export function refusalOf(event: Fields, minIdLength: number): Refusal | undefined {
  for (const rule of rules) {
    const refusal = rule(event, minIdLength);
    if (refusal) return refusal;
  }
  return undefined;
}
