import { createHash } from 'node:crypto';
import { isFields, type Fields } from './fields.js';

/** Where the marks of the destinations stand that a message has passed. */
const KEY = 'fragment';
const LIST = 'forwardedTo';

/** A name for the Segment source behind a write key that does not tell the key. */
export function markOf(writeKey: string): string {
  return createHash('sha256').update(`fragment:${writeKey}`).digest('hex').slice(0, 16);
}

/** Has the message been to this source already? */
export function isMarked(context: unknown, mark: string): boolean {
  return marksOf(context).includes(mark);
}

/** The context with the mark beside all it holds. */
export function marked(context: unknown, mark: string): Fields {
  const own = isFields(context) ? context : {};
  const before = isFields(own[KEY]) ? own[KEY] : {};
  return { ...own, [KEY]: { ...before, [LIST]: [...marksOf(context), mark] } };
}

function marksOf(context: unknown): readonly unknown[] {
  const own = isFields(context) ? context[KEY] : undefined;
  const list = isFields(own) ? own[LIST] : undefined;
  return Array.isArray(list) ? list : [];
}
