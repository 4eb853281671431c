/**
 * JSON text that any vendor can read: NUL and lone surrogates, which JavaScript strings may hold and many parsers and
 * databases refuse, become U+FFFD.
 */
export function encodeJson(value: unknown): string {
  const text = JSON.stringify(value);
  // JSON.stringify writes an escaped surrogate only where it stands alone.
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return text;
  return text.replace(/\\(?:u(0000|d[89a-f][0-9a-f]{2})|.)/g, (escape, broken?: string) =>
    broken ? '\ufffd' : escape,
  );
}

/** undefined when the text is not JSON: an HTML page of a proxy, an empty body, half an answer. */
export function decodeJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
