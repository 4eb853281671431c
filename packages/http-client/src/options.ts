import { FragmentError, type Validation } from '@fragment/core';
import type { HttpClientOptions } from './types.js';

export interface Settings {
  readonly origin: string;
  readonly hostname: string;
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly connections: number;
}

/** Fills in the defaults. Throws FRAGMENT_CONFIG_INVALID with all problems at once. */
export function readOptions(o: HttpClientOptions): Settings {
  const numbers = {
    timeoutMs: o.timeoutMs ?? 10_000,
    maxResponseBytes: o.maxResponseBytes ?? 1_000_000,
    connections: o.connections ?? 64,
  };
  const validations: Validation[] = [];
  const url = URL.canParse(o.baseUrl) ? new URL(o.baseUrl) : undefined;
  const fault = url ? urlFault(url) : 'must be an absolute URL';
  if (fault !== undefined) validations.push({ message: `baseUrl ${fault}`, path: ['baseUrl'] });
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value < 1 || value > 2 ** 31 - 1) {
      validations.push({ message: `${name} must be a whole number from 1 to 2147483647`, path: [name] });
    }
  }
  if (!url || validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });

  const headers = {
    'user-agent': o.userAgent ?? 'fragment',
    'accept-encoding': 'gzip',
    ...lowerCased(o.headers),
  };
  return {
    origin: url.origin,
    hostname: url.hostname,
    prefix: url.pathname.replace(/\/+$/, ''),
    headers,
    secrets: [...(o.secrets ?? []), ...authorizationSecrets(headers)],
    ...numbers,
  };
}

function urlFault(url: URL): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '') return 'must not hold credentials';
  if (url.search !== '' || url.hash !== '') return 'must not hold a query or a fragment';
  return undefined;
}

export function lowerCased(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** The value with and without its scheme: an echo may show either. */
function authorizationSecrets(headers: Readonly<Record<string, string>>): string[] {
  const value = headers['authorization'];
  return value === undefined ? [] : [value, value.replace(/^\S+\s+/, '')];
}
