import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Capture } from './captures.js';

/** A request that may be sound, half sound, or nonsense; the same for the same seed. */
export interface Mutant {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.below(from.length)];
    if (chosen === undefined) throw new Error('There is nothing to pick from.');
    return chosen;
  }
}

/** Texts of JSON values that have hurt others. */
const nastyValues: readonly string[] = [
  'null',
  'true',
  '0',
  '-0',
  '1e400',
  '-1e400',
  '9007199254740993',
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud83d"',
  '"\\udc00\\ud800"',
  '"\\u2028\\u2029\\ufeff"',
  '"0000-00-00T00:00:00Z"',
  '"275760-09-13T00:00:00.001Z"',
  '"2026-11-23T10:00:00.123456789+14:00"',
  '"2015-2-02T00:30:08.276Z"',
  '"NaN"',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":1,"valueOf":null,"hasOwnProperty":[]}',
  '{"a":1,"a":2}',
  `"${'x'.repeat(300)}"`,
  `"${'y'.repeat(40_000)}"`,
  `${'['.repeat(70)}${']'.repeat(70)}`,
  `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
];

const nastyKeys: readonly string[] = [
  '__proto__',
  'constructor',
  'type',
  'messageId',
  'userId',
  'anonymousId',
  'groupId',
  'previousId',
  'event',
  'context',
  'integrations',
  'timestamp',
  'originalTimestamp',
  'sentAt',
  'receivedAt',
  'writeKey',
  'batch',
  'traits',
  'properties',
  '',
  '\\u0000',
  'toJSON',
];

/** A place in a parsed JSON value that can be written to. */
interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Stands for a text of JSON that no JavaScript value is written as; no recording holds it. */
const mark = 'mutated-here';

/** The fields of a message decide what becomes of it: every other time it is one of them, else a place anywhere. */
function placeIn(body: unknown, dice: Dice): Place {
  if (dice.below(2) === 0) return dice.pick(placesOf(body));
  const { batch } = body as { readonly batch?: readonly unknown[] };
  const holder = (batch?.length ? dice.pick(batch) : body) as Record<string, unknown>;
  return { holder, key: dice.pick(Object.keys(holder)) };
}

function placesOf(value: unknown, found: Place[] = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return found;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    placesOf(holder[key], found);
  }
  return found;
}

/** Puts, adds or takes away one value, and gives the text of the whole. */
function mutateJson(body: unknown, dice: Dice): string {
  const copy: unknown = structuredClone(body);
  const { holder, key } = placeIn(copy, dice);
  const kind = dice.below(4);
  if (kind === 0 && !Array.isArray(holder)) {
    Reflect.deleteProperty(holder, key);
    return JSON.stringify(copy);
  }
  if (kind === 1 && !Array.isArray(holder)) {
    holder[mark] = mark;
    return JSON.stringify(copy)
      .replace(`"${mark}":`, () => `"${dice.pick(nastyKeys)}":`)
      .replace(`"${mark}"`, () => dice.pick(nastyValues));
  }
  if (kind === 2) {
    holder[key] = structuredClone(body);
    return JSON.stringify(copy);
  }
  holder[key] = mark;
  return JSON.stringify(copy).replace(`"${mark}"`, () => dice.pick(nastyValues));
}

/** Changes, takes away, doubles or puts in some bytes. */
function mutateBytes(bytes: Buffer, dice: Dice): Buffer {
  const at = dice.below(bytes.length);
  const count = 1 + dice.below(dice.pick([1, 4, 200]));
  const [before, hit, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + count),
    bytes.subarray(at + count),
  ];
  const noise = Buffer.from(Array.from({ length: count }, () => dice.below(256)));
  switch (dice.below(5)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, hit, hit, after]);
    case 3:
      return Buffer.concat([before, noise, hit, after]);
    default:
      return Buffer.concat([before, noise, after]);
  }
}

const contentTypes = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/xml; q=x',
  '',
];

/** How a body is packed, and what its header says of it. Mostly the same thing. */
const packings: readonly (readonly [string, (body: Buffer) => Buffer])[] = [
  ['gzip', (body) => gzipSync(body, { level: 1 })],
  ['deflate', (body) => deflateSync(body, { level: 1 })],
  ['br', (body) => brotliCompressSync(body, { params: { 1: 1 } })],
  ['gzip', (body) => body],
  ['gzip', (body) => gzipSync(body, { level: 1 }).subarray(0, -9)],
  ['gzip, gzip', (body) => gzipSync(gzipSync(body, { level: 1 }))],
  ['identity', (body) => body],
  ['zstd', (body) => body],
];

/** One of the recorded requests, with one to three things wrong with it, or none. */
export function mutant(from: readonly Capture[], dice: Dice): Mutant {
  const capture = dice.pick(from);
  const text = dice.below(3) === 0 ? JSON.stringify(capture.body) : mutateJson(capture.body, dice);
  // Most are new, some have been there before.
  const id = dice.below(5) === 0 ? '' : `${dice.below(1_000_000_000)}-`;
  let body: Buffer = Buffer.from(text.replaceAll('"messageId":"', `"messageId":"${id}`));
  for (let n = dice.below(3); n > 0 && body.length > 0; n -= 1) body = mutateBytes(body, dice);
  const headers: Record<string, string> = { 'content-type': dice.pick(contentTypes) };
  if (dice.below(4) === 0) headers['origin'] = 'https://engines.test';
  if (dice.below(4) > 0) return { body, headers };
  const [encoding, pack] = dice.pick(packings);
  return { body: pack(body), headers: { ...headers, 'content-encoding': encoding } };
}
