import type { Fields } from './body.js';

/** A message without its write key, which is never stored: text and the same, read. */
export interface Keyless {
  readonly data: string;
  readonly parsed: Fields;
}

/** The text as it came, but for the write key. */
export function keyless(fields: Fields, text: string): Keyless {
  if (!Object.hasOwn(fields, 'writeKey')) return { data: text, parsed: fields };
  const parsed = without(fields, 'writeKey');
  return { data: cutKey(text, fields['writeKey']) ?? JSON.stringify(parsed), parsed };
}

/** A copy without some members, and without one called `__proto__`, which no message means to have. */
export function without(fields: Fields, ...left: readonly string[]): Fields {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) {
    if (key !== '__proto__' && !left.includes(key)) copy[key] = fields[key];
  }
  return copy;
}

const MEMBER = '"writeKey"';

/**
 * Cuts the member `writeKey` out of a message that has one; browsers send it with every message, and writing these
 * anew costs more than reading them. Undefined where the place is in doubt: when the name stands there more than once,
 * or names could be written with escapes.
 */
function cutKey(text: string, key: unknown): string | undefined {
  const start = text.indexOf(MEMBER);
  if (start < 0 || text.includes(MEMBER, start + 1) || text.includes('\\u') || typeof key !== 'string')
    return undefined;
  const colon = skipSpace(text, start + MEMBER.length);
  const value = skipSpace(text, colon + 1);
  const literal = `"${key}"`;
  if (text[colon] !== ':' || !text.startsWith(literal, value)) return undefined;
  const after = skipSpace(text, value + literal.length);
  if (text[after] === ',') return text.slice(0, start) + text.slice(after + 1);
  const before = text.lastIndexOf(',', start);
  // The last member goes with the comma before it, the only one with none.
  return before < 0 || !isBlank(text, before + 1, start)
    ? undefined
    : text.slice(0, before) + text.slice(after);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \n\r\t'.includes(text.charAt(at))) at += 1;
  return at;
}

function isBlank(text: string, from: number, to: number): boolean {
  return skipSpace(text, from) >= to;
}
