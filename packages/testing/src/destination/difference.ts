import { isFields } from '../vendors/shapes.js';

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
};

/** Where two JSON values differ, a line per place: `requests[0].body.user_id: expected "a", was "b"`. */
export function differences(expected: unknown, actual: unknown, path: string): string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length = Math.max(expected.length, actual.length);
    return Array.from({ length }).flatMap((_, index) =>
      differences(expected[index], actual[index], `${path}[${index}]`),
    );
  }
  if (isFields(expected) && isFields(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => differences(own(expected, key), own(actual, key), `${path}.${key}`));
  }
  return expected === actual ? [] : [`${path}: expected ${shown(expected)}, was ${shown(actual)}`];
}

const own = (value: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined;
