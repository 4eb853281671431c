/** A field of what was sent, and the field of the event that holds the same value. */
export interface MappedField {
  readonly to: string;
  readonly value: string | number | boolean;
  /** null for a constant, and for what was made of several fields. */
  readonly from: string | null;
}

type Leaf = readonly [path: readonly string[], value: string | number | boolean];

/** Where each field of a JSON request comes from, as far as equal values tell. Nothing for other bodies. */
export function mappedFields(request: string, message: object): readonly MappedField[] {
  const body = jsonOf(request.slice(request.indexOf('\n') + 1));
  if (typeof body !== 'object' || body === null) return [];
  const known = [...leavesOf(message, [])];
  return [...leavesOf(body, [])].map(([path, value]) => ({
    to: path.join('.'),
    value,
    from: sameIn(known, path, value)?.join('.') ?? null,
  }));
}

/** The field of the same value, and of the same name where several have it. */
function sameIn(
  known: readonly Leaf[],
  path: readonly string[],
  value: Leaf[1],
): readonly string[] | undefined {
  const same = known.filter(([, other]) => other === value || sameTime(other, value)).map(([other]) => other);
  const plain = (name: string | undefined): string => (name ?? '').replace(/[^a-z\d]/gi, '').toLowerCase();
  return same.find((other) => plain(other.at(-1)) === plain(path.at(-1))) ?? same[0];
}

/** The same moment in another spelling: as text, in milliseconds or in seconds. */
function sameTime(from: Leaf[1], to: Leaf[1]): boolean {
  if (typeof from !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(from)) return false;
  const time = Date.parse(from);
  if (typeof to === 'number') return to === time || to === Math.floor(time / 1_000);
  return typeof to === 'string' && Date.parse(to) === time;
}

function* leavesOf(value: unknown, path: readonly string[]): Generator<Leaf> {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    yield [path, value];
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value) as [string, unknown][])
      yield* leavesOf(item, [...path, key]);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
