import { hash, timingSafeEqual } from 'node:crypto';
import { FragmentError, type IncomingRequest, type Validation } from '@fragment/core';

/** A key that senders authenticate with. */
export interface WriteKey {
  /** Tells keys apart where they must not be shown. */
  readonly name: string;
  readonly key: string;
  /** false: nobody gets in with it. Default true. */
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
  if (!Array.isArray(keys) || keys.length === 0)
    return [{ message: 'writeKeys must be a list that names a key, or be `any`', path }];
  const named = namedKeys(keys);
  return named.flatMap(({ name, key, enabled }, index) => {
    const problems: string[] = [];
    if (!isText(name)) problems.push('needs a name');
    if (!isText(key)) problems.push('needs a key');
    if (typeof enabled !== 'boolean') problems.push('has `enabled` neither true nor false');
    if (named.findIndex((other) => other.name === name) < index) problems.push('has the name of another key');
    if (named.findIndex((other) => other.key === key) < index) problems.push('is the same key as another');
    return problems.map((problem) => ({
      message: `writeKeys[${index}] ${problem}`,
      path: [...path, String(index)],
    }));
  });
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
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

/** The keys of a source. */
export interface KeyRing {
  /** May somebody with this key send? */
  admits(key: string): boolean;
  /**
   * Throws unless one of the keys that a request carries is admitted.
   * @param type what the route carries, for the record of rejections; nothing of the body is kept of a stranger.
   * @throws {FragmentError} FRAGMENT_INGEST_KEY_MISSING, FRAGMENT_INGEST_KEY_UNKNOWN.
   */
  authenticate(request: IncomingRequest, body: unknown, type: string): void;
}

/**
 * Checks write keys. A key may stand in Basic authentication (as its user name, with or without the colon), in the
 * body, in the first item of a batch, or in the query. SDKs send several of these at once, and proxies add credentials
 * of their own, so one that is known suffices, and it speaks for the whole request: keys of later items are not asked.
 *
 * @param keys undefined lets everybody pass.
 */
export function keyRing(keys: readonly NamedKey[] | undefined): KeyRing {
  if (keys === undefined) return { admits: () => true, authenticate: () => undefined };
  const locks = keys.map(({ name, key, enabled }) => ({ name, enabled, digest: digest(key) }));

  /* Digests have one length and tell nothing of the key, so the time that comparing takes tells nothing either. */
  const find = (key: string) => {
    const candidate = digest(key);
    let found: (typeof locks)[number] | undefined;
    for (const lock of locks) if (timingSafeEqual(lock.digest, candidate)) found = lock;
    return found;
  };

  return {
    admits: (key) => find(key)?.enabled === true,
    authenticate(request, body, type) {
      const refused: string[] = [];
      for (const { place, key } of carriedKeys(request, body)) {
        const lock = find(key);
        if (lock?.enabled) return;
        refused.push(
          lock ? `The key in ${place}, ${lock.name}, is disabled.` : `The key in ${place} is unknown.`,
        );
      }
      const rejection = { type };
      if (refused.length === 0) throw new FragmentError('FRAGMENT_INGEST_KEY_MISSING', { rejection });
      throw new FragmentError('FRAGMENT_INGEST_KEY_UNKNOWN', { detail: refused.join(' '), rejection });
    },
  };
}

function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

interface CarriedKey {
  readonly place: string;
  readonly key: string;
}

function* carriedKeys(request: IncomingRequest, body: unknown): Generator<CarriedKey> {
  const user = basicUser(request.headers['authorization']);
  if (user) yield { place: 'Basic authentication', key: user };
  const own = keyIn(body);
  if (own) yield { place: 'the body', key: own };
  const first = keyIn(firstItem(body));
  if (first) yield { place: 'the first message', key: first };
  const queried = request.query.get('writeKey');
  if (queried) yield { place: 'the query', key: queried };
}

const basic = /^basic\s+([\w+/=-]+)\s*$/i;

function basicUser(header: string | readonly string[] | undefined): string | undefined {
  const credentials = typeof header === 'string' ? basic.exec(header)?.[1] : undefined;
  return credentials === undefined
    ? undefined
    : Buffer.from(credentials, 'base64').toString().split(':', 1)[0];
}

function keyIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'writeKey')) return undefined;
  const { writeKey } = value as { readonly writeKey: unknown };
  return typeof writeKey === 'string' && writeKey !== '' ? writeKey : undefined;
}

function firstItem(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('batch' in value)) return undefined;
  return Array.isArray(value.batch) ? (value.batch as readonly unknown[])[0] : undefined;
}
