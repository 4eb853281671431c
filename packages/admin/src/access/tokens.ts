import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminToken, Identity } from './roles.js';

/** Equal lengths, so that the comparison takes as long whatever was guessed. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Finds whose token one is. Looks at all of them, so that the time tells nothing. */
export function tokenIdentity(tokens: readonly AdminToken[]): (given: string) => Identity | undefined {
  const known = tokens.map(({ name, role, token }) => ({
    identity: { actor: name, role },
    digest: digest(token),
  }));
  return (given) => {
    const candidate = digest(given);
    let found: Identity | undefined;
    for (const each of known) if (timingSafeEqual(each.digest, candidate)) found = each.identity;
    return found;
  };
}
