import { isObject, type JsonObject } from './json.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a batch says once for all its items. */
export interface EnvelopeFields {
  readonly context?: unknown;
  readonly integrations?: unknown;
}

/** `context` and `integrations` as an item and its envelope say them together. */
export interface MergedFields {
  readonly context?: JsonObject;
  readonly integrations?: JsonObject;
}

/**
 * Merges a batch's `context` and `integrations` into those of one of its items: objects member by member, down to any
 * depth; for everything else the item wins, arrays included. Neither argument is changed.
 *
 * Names in `integrations` are the same whatever their case, so an item's `amplitude` also wins over its envelope's
 * `Amplitude`. Of objects that are merged a `__proto__` key is dropped; what is taken over whole stays as it is.
 */
export function mergeEnvelope(item: EnvelopeFields, envelope: EnvelopeFields | undefined): MergedFields {
  const context = mergeField(item.context, envelope?.context);
  const integrations = mergeField(
    item.integrations,
    withoutSynonyms(envelope?.integrations, item.integrations),
  );
  return {
    ...(context === undefined ? {} : { context }),
    ...(integrations === undefined ? {} : { integrations }),
  };
}

/** What is no object cannot be merged and counts as absent. */
function mergeField(item: unknown, envelope: unknown): JsonObject | undefined {
  if (!isObject(envelope)) return isObject(item) ? (item as JsonObject) : undefined;
  return (isObject(item) ? mergeObjects(item, envelope) : envelope) as JsonObject;
}

function mergeObjects(over: Fields, under: Fields): Fields {
  const merged: Record<string, unknown> = {};
  for (const key of Object.keys(under)) {
    if (key !== '__proto__') merged[key] = under[key];
  }
  for (const key of Object.keys(over)) {
    if (key === '__proto__') continue;
    const value = over[key];
    const base = Object.hasOwn(under, key) ? under[key] : undefined;
    merged[key] = isObject(value) && isObject(base) ? mergeObjects(value, base) : value;
  }
  return merged;
}

function withoutSynonyms(envelope: unknown, item: unknown): unknown {
  if (!isObject(envelope) || !isObject(item)) return envelope;
  const spoken = new Set(Object.keys(item).map((key) => key.toLowerCase()));
  const kept = Object.entries(envelope).filter(
    ([key]) => Object.hasOwn(item, key) || !spoken.has(key.toLowerCase()),
  );
  return Object.fromEntries(kept);
}
