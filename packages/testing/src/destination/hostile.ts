import { isFields } from '../vendors/shapes.js';
import type { Message } from './jobs.js';
import { allFields, type GeneratedType } from './messages.js';

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const nested = (depth: number): unknown => {
  let value: unknown = 'bottom';
  for (let n = 0; n < depth; n += 1) value = n % 2 === 0 ? { deeper: value } : [value];
  return value;
};

/** `JSON.parse` makes these keys own properties, as a request's body does. */
const poisoned = (): unknown =>
  JSON.parse(
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":null,"length":-1,"then":"no promise","toJSON":7}',
  ) as unknown;

/** What no field expects. */
const hostileValues: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => -1,
  () => 0.1,
  () => 1e308,
  () => Number.MAX_SAFE_INTEGER + 1,
  () => '',
  () => ' ',
  () => '\u0000',
  () => 'half \ud800 and \udfff half',
  () => '\u202e\ufeff\u0007\r\nx-injected: 1',
  () => 'x'.repeat(9_000),
  () => '€'.repeat(40_000),
  () => 'undefined',
  () => '{{messageId}}${messageId}<%= 1 %>',
  () => '2026-13-45T99:99:99Z',
  () => 'NaN',
  () => [],
  () => [[[]]],
  () => [null, 1, 'two', { three: 3 }],
  () => Array.from({ length: 2_000 }, (_, n) => n),
  () => ({}),
  () => ({ '': '', '.': 1, $set: { a: 1 }, $: null, 'a.b': { c: 1 } }),
  () => Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`key${n}`, n])),
  () => nested(60),
  poisoned,
];

/** Fields that name the person and the message: whoever changes them may change whose message it is. */
const kept = new Set(['type', 'messageId']);

/**
 * A message of the type in which some fields hold what no field expects, at any depth; the same for the same source of
 * chance. Ids and addresses that are left alone are those of person `n`.
 */
export function hostileMessage(type: GeneratedType, n: number, random: () => number): Message {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const message = structuredClone(allFields(type, n)) as Record<string, unknown>;
  const changes = 1 + Math.floor(random() * 6);
  for (let change = 0; change < changes; change += 1) {
    const places = placesOf(message).filter(({ path }) => !kept.has(path));
    const place = pick(places);
    if (!place) break;
    Object.defineProperty(place.holder, place.key, {
      value: pick(hostileValues)?.(),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  if (random() < 0.3) Object.assign(message, { extra: poisoned() });
  return message;
}

interface Place {
  readonly holder: object;
  readonly key: string;
  readonly path: string;
}

/** Deep enough for every field of the specification. */
const DEEPEST = 4;

function placesOf(value: unknown, path = '', depth = 0): readonly Place[] {
  if (depth > DEEPEST || (!isFields(value) && !Array.isArray(value))) return [];
  return Object.keys(value)
    .slice(0, 50)
    .flatMap((key) => {
      const inner = path === '' ? key : `${path}.${key}`;
      const child = Object.getOwnPropertyDescriptor(value, key)?.value as unknown;
      return [{ holder: value, key, path: inner }, ...placesOf(child, inner, depth + 1)];
    });
}
