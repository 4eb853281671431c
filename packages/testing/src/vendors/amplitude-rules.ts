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
const objects = ['event_properties', 'user_properties', 'group_properties', 'groups'] as const;
const integers = ['time', 'session_id', 'event_id', 'quantity'] as const;
const floats = ['price', 'revenue', 'location_lat', 'location_lng'] as const;
const texts = [
  'event_type', 'insert_id', 'ip', 'platform', 'os_name', 'os_version', 'device_brand', 'device_manufacturer',
  'device_model', 'carrier', 'country', 'region', 'city', 'dma', 'language', 'app_version', 'library', 'user_agent',
  'idfa', 'idfv', 'adid', 'android_id', 'currency', 'productId', 'revenueType', 'partner_id',
] as const; // prettier-ignore
const others = ['plan', 'ingestion_metadata', '$skip_user_properties_sync'] as const;
/** destinations 1.3: the fields of an event. */
const fields: ReadonlySet<string> = new Set([
  ...ids,
  ...objects,
  ...integers,
  ...floats,
  ...texts,
  ...others,
]);

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

/** destinations 1.2: the SDK refuses objects with more than 1,000 keys. */
function hasTooManyKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const values = Object.values(value);
  return (!Array.isArray(value) && values.length > 1000) || values.some(hasTooManyKeys);
}

/** destinations 1.3: an unset value is "-". */
const unsetsOtherwise = (properties: unknown): boolean =>
  Object.values(fieldsOf(fieldsOf(properties)['$unset'])).some((value) => value !== '-');

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
  // destinations 1.6: what is not a field. The vendor ignores it, and a mistake would never be seen
  (event) => {
    const unknown = Object.keys(event).find((name) => !fields.has(name));
    return unknown === undefined ? undefined : invalid(unknown);
  },
  // destinations 1.3: time, session_id, event_id and quantity are integers; price, revenue and location are floats
  wrongType(integers, Number.isSafeInteger),
  wrongType(floats, Number.isFinite),
  // destinations 1.3, 1.6: language is a string, not an object; an empty string would blank a property
  wrongType(texts, (value) => typeof value === 'string' && value !== ''),
  wrongType(['$skip_user_properties_sync'], (value) => typeof value === 'boolean'),
  // destinations 1.6: `$remote` is the address of whoever sends the request
  wrongType(['ip'], (value) => value !== '$remote'),
  // destinations 1.3: event_properties, user_properties, groups are objects
  wrongType(objects, isFields),
  wrongType(objects, (value) => !hasTooManyKeys(value)),
  // destinations 1.3: operations and plain keys cannot be mixed
  (event) => (mixesOperations(event['user_properties'], userOperations) ? invalid('user_properties') : undefined),
  (event) => (mixesOperations(event['group_properties'], groupOperations) ? invalid('group_properties') : undefined),
  wrongType(['user_properties', 'group_properties'], (value) => !unsetsOtherwise(value)),
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
