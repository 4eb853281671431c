/**
 * An id as text. SDKs let numbers through, so finite ones count; everything else that is no text, and empty text,
 * counts as absent, as null does.
 */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** Text that says something: absent, null, empty and non-text are all undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
