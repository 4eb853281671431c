/**
 * Milliseconds to wait by a `Retry-After` header: whole or decimal seconds, or an HTTP date (RFC 9110 section 10.2.3),
 * which counts from `now`. undefined when there is none or it makes no sense.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,12}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  if (!/^[A-Za-z]{3,9},? .*\d\d:\d\d:\d\d/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
