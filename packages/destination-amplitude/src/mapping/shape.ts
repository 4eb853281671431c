import { limits, type AmplitudeEvent } from '../vendor.js';
import { invalid, type Mapped } from './mapped.js';
import { isFields } from './read.js';

/**
 * The event in a shape that Amplitude takes. Text is cut where Amplitude would cut it. What it refuses, for the request
 * and without saying which event it was, is named here instead: arrays of arrays, objects too deep or with too many keys.
 */
export function fit(event: AmplitudeEvent): Mapped {
  const found: Found = { long: false };
  for (const [field, value] of Object.entries(event)) {
    const fault = faultOf(value, 2, found);
    if (fault)
      return invalid(`Amplitude does not take it: ${placeOf([field, ...fault.path])} ${fault.what}.`);
  }
  return { events: [found.long ? (cut(event) as AmplitudeEvent) : event] };
}

/** Keys may be as long as the sender likes, and forty of them stand in a row. */
function placeOf(path: readonly (string | number)[]): string {
  const place = path.join('.');
  return place.length > placeLength ? `${place.slice(0, placeLength)}...` : place;
}
const placeLength = 100;

interface Found {
  /** There is text to be cut. */
  long: boolean;
}

interface Fault {
  readonly what: string;
  readonly path: readonly (string | number)[];
}

function faultOf(value: unknown, depth: number, found: Found): Fault | undefined {
  if (typeof value === 'string' && value.length > limits.characters) found.long = true;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > limits.depth) return { what: `is nested deeper than ${limits.depth} levels`, path: [] };
  return Array.isArray(value) ? faultInArray(value, depth, found) : faultInObject(value, depth, found);
}

function faultInArray(items: readonly unknown[], depth: number, found: Found): Fault | undefined {
  for (const [index, item] of items.entries()) {
    if (Array.isArray(item)) return { what: 'is an array of arrays', path: [] };
    const fault = faultOf(item, depth + 1, found);
    if (fault) return { what: fault.what, path: [index, ...fault.path] };
  }
  return undefined;
}

function faultInObject(fields: object, depth: number, found: Found): Fault | undefined {
  const entries = Object.entries(fields);
  if (entries.length > limits.keys) return { what: `has more than ${limits.keys} keys`, path: [] };
  for (const [key, value] of entries) {
    const fault = faultOf(value, depth + 1, found);
    if (fault) return { what: fault.what, path: [key, ...fault.path] };
  }
  return undefined;
}

function cut(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value);
  if (Array.isArray(value)) return value.map(cut);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cut(one)]));
}

/** Never through the middle of a character that is written as two. */
function cutText(text: string): string {
  if (text.length <= limits.characters) return text;
  return text.slice(0, limits.characters).replace(/[\ud800-\udbff]$/, '');
}
