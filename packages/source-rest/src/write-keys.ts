import { hash, timingSafeEqual } from 'node:crypto';
import { FragmentError, type IncomingRequest, type Validation } from '@fragment/core';

/** A key that senders authenticate with. */
export interface WriteKey {
  /** Tells keys apart where they must not be shown. */
  readonly name: string;
  readonly key: string;
  /** false: as if it were not there. Default true. */
  readonly enabled?: boolean;
}

export type NamedKey = Required<WriteKey>;

/** Names for those that came without one. */
export function namedKeys(keys: readonly (WriteKey | string)[]): readonly NamedKey[] {
  return keys.map((entry, index) =>
    typeof entry === 'string'
      ? { name: `key-${index + 1}`, key: entry, enabled: true }
      : { enabled: true, ...entry },
  );
}

/** What is wrong with a list of keys, without telling any of them. */
export function keyProblems(keys: readonly (WriteKey | string)[]): Validation[] {
  const path = ['rest', 'writeKeys'];
  if (keys.length === 0) return [{ message: 'writeKeys must name a key, or be `any`', path }];
  const named = namedKeys(keys);
  return named.flatMap(({ name, key }, index) => {
    const problems: string[] = [];
    if (name === '') problems.push('needs a name');
    if (key === '') problems.push('needs a key');
    if (named.findIndex((other) => other.name === name) < index) problems.push('has the name of another key');
    if (named.findIndex((other) => other.key === key) < index) problems.push('is the same key as another');
    return problems.map((problem) => ({
      message: `writeKeys[${index}] ${problem}`,
      path: [...path, String(index)],
    }));
  });
}

/**
 * Reads keys from one text, as an environment variable holds them: `web:key1,server:key2`. An entry without a colon is
 * a key without a name. `any` stays `any`; an empty text is undefined.
 */
export function parseWriteKeys(text: string | undefined): readonly (WriteKey | string)[] | 'any' | undefined {
  const entries = (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return undefined;
  if (entries.length === 1 && entries[0] === 'any') return 'any';
  return entries.map((entry) => {
    const colon = entry.indexOf(':');
    return colon < 0 ? entry : { name: entry.slice(0, colon).trim(), key: entry.slice(colon + 1).trim() };
  });
}

/** Throws unless one of the keys that a request carries is known. */
export type Authenticate = (request: IncomingRequest, body: unknown) => void;

/**
 * Checks write keys. A key may stand in Basic authentication (as its user name, with or without the colon), in the
 * body, in the first item of a batch, or in the query. SDKs send several of these at once, and proxies add credentials
 * of their own, so one that is known suffices.
 *
 * @param keys undefined lets everybody pass.
 */
export function authenticator(keys: readonly NamedKey[] | undefined): Authenticate {
  if (keys === undefined) return () => undefined;
  const digests = keys.filter(({ enabled }) => enabled).map(({ key }) => digest(key));
  return (request, body) => {
    let carried = false;
    for (const key of carriedKeys(request, body)) {
      if (isKnown(digests, digest(key))) return;
      carried = true;
    }
    throw new FragmentError(carried ? 'FRAGMENT_INGEST_KEY_UNKNOWN' : 'FRAGMENT_INGEST_KEY_MISSING');
  };
}

/** Digests have one length and tell nothing of the key, so the time that comparing takes tells nothing either. */
function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

function isKnown(digests: readonly Buffer[], candidate: Buffer): boolean {
  let known = false;
  for (const each of digests) known = timingSafeEqual(each, candidate) || known;
  return known;
}

function* carriedKeys(request: IncomingRequest, body: unknown): Generator<string> {
  const user = basicUser(request.headers['authorization']);
  if (user) yield user;
  for (const key of [keyIn(body), firstItemsKey(body)]) if (typeof key === 'string' && key !== '') yield key;
  const queried = request.query.get('writeKey');
  if (queried) yield queried;
}

const basic = /^basic\s+([\w+/=-]+)\s*$/i;

function basicUser(header: string | readonly string[] | undefined): string | undefined {
  const credentials = typeof header === 'string' ? basic.exec(header)?.[1] : undefined;
  return credentials === undefined
    ? undefined
    : Buffer.from(credentials, 'base64').toString().split(':', 1)[0];
}

function keyIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'writeKey' in value ? value.writeKey : undefined;
}

function firstItemsKey(value: unknown): unknown {
  const isBatch =
    typeof value === 'object' && value !== null && 'batch' in value && Array.isArray(value.batch);
  return isBatch ? keyIn((value.batch as readonly unknown[])[0]) : undefined;
}
