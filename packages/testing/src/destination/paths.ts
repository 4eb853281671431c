import { isFields } from '../vendors/shapes.js';

/** `products[0].sku`, `products[].sku` and `products.0.sku` are the same to a reader. */
const segmentsOf = (path: string): readonly string[] =>
  path
    .replace(/\[(\d*)\]/g, '.$1')
    .split('.')
    .filter((segment) => segment !== '');

/** Is there something at this path? Arrays are looked through, keys may hold dots, JSON within a text is read. */
export function leadsInto(value: unknown, path: string): boolean {
  return reaches(value, segmentsOf(path));
}

/** The same, beginning at the value or at anything inside it. */
export function leadsIntoPartOf(value: unknown, path: string): boolean {
  return partReaches(value, segmentsOf(path));
}

/** A copy that has nothing at this path any more. */
export function without<T>(value: T, path: string): T {
  const copy = structuredClone(value);
  remove(copy, segmentsOf(path));
  return copy;
}

function remove(value: unknown, segments: readonly string[]): void {
  const [first = '', ...rest] = segments;
  if (Array.isArray(value) && !/^\d+$/.test(first)) {
    value.forEach((one) => {
      remove(one, segments);
    });
    return;
  }
  if (Array.isArray(value) && rest.length === 0) return void value.splice(Number(first), 1);
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  for (let taken = 1; taken <= segments.length; taken += 1) {
    const key = segments.slice(0, taken).join('.');
    if (!Object.hasOwn(holder, key)) continue;
    if (taken === segments.length) Reflect.deleteProperty(holder, key);
    else remove(holder[key], segments.slice(taken));
  }
}

function reaches(value: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return value !== undefined;
  const inner = opened(value);
  if (Array.isArray(inner))
    return /^\d+$/.test(first)
      ? reaches(inner[Number(first)], rest)
      : inner.some((one) => reaches(one, [first, ...rest]));
  if (!isFields(inner)) return false;
  let key = first;
  for (let taken = 0; ; key += `.${rest[taken] ?? ''}`, taken += 1) {
    if (Object.hasOwn(inner, key) && reaches(inner[key], rest.slice(taken))) return true;
    if (taken >= rest.length) return false;
  }
}

function partReaches(value: unknown, segments: readonly string[]): boolean {
  if (reaches(value, segments)) return true;
  const inner = opened(value);
  return (
    typeof inner === 'object' &&
    inner !== null &&
    Object.values(inner).some((one) => partReaches(one, segments))
  );
}

/** Form fields carry JSON as text. */
function opened(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
