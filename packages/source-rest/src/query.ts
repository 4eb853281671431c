import { tooDeep } from './body.js';
import type { RestLimits } from './options.js';

type Members = Record<string, unknown>;

/**
 * The JSON text of a message in a query: `data`, in base64 or base64url, or else one parameter per field
 * (`event=Opened&properties.campaign=spring`), whose values are text. The write key is left to whoever checks it.
 *
 * @throws {FragmentError} FRAGMENT_INGEST_BODY_TOO_DEEP for a name of too many parts.
 */
export function messageInQuery(query: URLSearchParams, limits: RestLimits, type: string): string {
  const data = query.get('data');
  // A plus sign that was not escaped has become a space.
  if (data !== null) return Buffer.from(data.replaceAll(' ', '+'), 'base64').toString();
  const message = noMembers();
  for (const [name, value] of query) {
    const path = name.split('.');
    if (path.length > limits.depth) throw tooDeep(limits, type);
    if (name !== 'writeKey') place(message, path, value);
  }
  return JSON.stringify(message);
}

/** Where text stands in the way of a member, the member wins. */
function place(message: Members, path: readonly string[], value: string): void {
  let at = message;
  for (const name of path.slice(0, -1)) {
    const inner = at[name];
    at = (typeof inner === 'object' ? inner : (at[name] = noMembers())) as Members;
  }
  at[path.at(-1) ?? ''] = value;
}

/** Without a prototype, so that no name means anything else than a member. */
function noMembers(): Members {
  return Object.create(null) as Members;
}
