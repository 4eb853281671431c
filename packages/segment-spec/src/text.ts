import { isObject } from './json.js';

/* With the u flag a surrogate matches only where it has no partner. */
const unfit = /\p{Surrogate}|\0/gu;

/** NUL and lone surrogates become U+FFFD: databases and vendors refuse them. */
export function wellFormed(text: string): string {
  return text.replace(unfit, '\uFFFD');
}

/**
 * Could reading this JSON text yield what {@link clean} removes? NUL and lone surrogates can be written with an
 * escape only; so can a key that is spelled otherwise than here.
 */
export function mayNeedCleaning(json: string): boolean {
  return json.includes('\\u') || json.includes('__proto__') || json.includes('prototype');
}

/**
 * A copy of a JSON value that nothing downstream trips over: well-formed text, no `__proto__` key, and no
 * `constructor` key that leads to a `prototype`, whichever way it is copied or merged later.
 */
export function clean<T>(value: T): T;
export function clean(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map((item: unknown) => clean(item));
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (!isTrap(key, value[key])) copy[wellFormed(key)] = clean(value[key]);
  }
  return copy;
}

function isTrap(key: string, value: unknown): boolean {
  return (
    key === '__proto__' || (key === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype'))
  );
}
