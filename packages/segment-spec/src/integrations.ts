import { isObject, type JsonObject } from './json.js';
import type { MessageRow } from './materialise.js';
import { mergeEnvelope } from './merge.js';
import { clean, mayNeedCleaning } from './text.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * May a destination have this message? (Segment, "Common fields: integrations".)
 *
 * Its own entry decides; without one `All` (or `all`) does; without that, yes. An entry is found under the exact name
 * first, then without regard to case. `false` is off, `true` or an object is on, `null` counts as absent.
 * `Segment.io`, which analytics.js switches on in every message, is the gateway's name and no destination's.
 */
export function allows(
  integrations: unknown,
  name: string,
  alternativeNames: readonly string[] = [],
): boolean {
  if (!isObject(integrations)) return true;
  const own = entryOf(integrations, name, alternativeNames);
  if (own !== undefined && own !== null) return Boolean(own);
  const all = valueOf(integrations, 'All') ?? valueOf(integrations, 'all');
  return all === undefined || all === null || Boolean(all);
}

/** The options a message gives for one destination: its entry, when that is an object. */
export function integrationOptions(
  integrations: unknown,
  name: string,
  alternativeNames: readonly string[] = [],
): JsonObject | undefined {
  if (!isObject(integrations)) return undefined;
  const own = entryOf(integrations, name, alternativeNames);
  return isObject(own) ? (own as JsonObject) : undefined;
}

/**
 * The `integrations` of a stored message, its batch's merged in. Reads as little as it can: nothing is parsed when
 * neither text mentions any.
 */
export function integrationsOf(row: MessageRow): JsonObject | undefined {
  const own = read(row.data, row.parsed);
  const envelope = read(row.envelope, undefined);
  if (envelope !== undefined)
    return mergeEnvelope({ integrations: own }, { integrations: envelope }).integrations;
  return isObject(own) ? (own as JsonObject) : undefined;
}

function read(json: string | undefined, parsed: unknown): unknown {
  if (parsed !== undefined) return isObject(parsed) ? parsed['integrations'] : undefined;
  if (json === undefined || !(json.includes('"integrations"') || json.includes('\\u'))) return undefined;
  const value: unknown = JSON.parse(json);
  const message = mayNeedCleaning(json) ? clean(value) : value;
  return isObject(message) ? message['integrations'] : undefined;
}

function valueOf(integrations: Fields, key: string): unknown {
  return Object.hasOwn(integrations, key) ? integrations[key] : undefined;
}

/** Under the exact name, then under another, then under either whatever its case. */
function entryOf(integrations: Fields, name: string, alternatives: readonly string[]): unknown {
  let found = valueOf(integrations, name);
  for (const alternative of alternatives) found ??= valueOf(integrations, alternative);
  found ??= looseEntry(integrations, name);
  for (const alternative of alternatives) found ??= looseEntry(integrations, alternative);
  return found;
}

function looseEntry(integrations: Fields, name: string): unknown {
  for (const key of Object.keys(integrations)) {
    if (sameName(key, name) && integrations[key] !== null) return integrations[key];
  }
  return undefined;
}

function sameName(a: string, b: string): boolean {
  return a.length === b.length && a.toLowerCase() === b.toLowerCase();
}
