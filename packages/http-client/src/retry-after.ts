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

/** A number from here on is a Unix time (September 2001), from its thousandfold on one in milliseconds. */
const UNIX_TIME = 1_000_000_000;

/**
 * Milliseconds to wait by a vendor's `X-RateLimit-Reset`, which no standard defines: seconds from now (Segment, Discord),
 * a Unix time in seconds or milliseconds (GitHub), or an HTTP date. undefined when there is none or it makes no sense.
 */
export function parseRateLimitReset(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  const number = /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (number < UNIX_TIME) return parseRetryAfter(text, now);
  const at = number < UNIX_TIME * 1000 ? number * 1000 : number;
  return Math.max(0, Math.ceil(at - now));
}
