import { FragmentError, type Validation } from '@fragment/core';
import { allowFault } from './allow-list.js';
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
  /** In lower case. */
  readonly rateLimitResetHeader: string | undefined;
}

const DEFAULTS = { timeoutMs: 10_000, maxResponseBytes: 1_000_000, connections: 64 } as const;

/** Fills in the defaults. Throws FRAGMENT_CONFIG_INVALID with all problems at once. */
export function readOptions(o: HttpClientOptions): Settings {
  const validations = faultsOf(o);
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
  const url = new URL(o.baseUrl);
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
    secrets: [...(o.secrets ?? []), ...secretsOf(headers)],
    timeoutMs: o.timeoutMs ?? DEFAULTS.timeoutMs,
    maxResponseBytes: o.maxResponseBytes ?? DEFAULTS.maxResponseBytes,
    connections: o.connections ?? DEFAULTS.connections,
    rateLimitResetHeader: o.rateLimitResetHeader?.toLowerCase(),
  };
}

function faultsOf(o: HttpClientOptions): Validation[] {
  const found: Validation[] = [];
  const fault = (path: readonly string[], problem: string | undefined) => {
    if (problem !== undefined) found.push({ message: `${path.join('.')} ${problem}`, path });
  };
  fault(['baseUrl'], urlFault(o.baseUrl, o.httpsOnly === true));
  for (const name of ['timeoutMs', 'maxResponseBytes', 'connections'] as const) {
    const value = o[name] ?? DEFAULTS[name];
    const within = Number.isSafeInteger(value) && value >= 1 && value <= 2 ** 31 - 1;
    fault([name], within ? undefined : 'must be a whole number from 1 to 2147483647');
  }
  for (const [at, entry] of (o.allow ?? []).entries()) fault(['allow', String(at)], allowFault(entry));
  return found;
}

function urlFault(text: string, httpsOnly: boolean): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL';
  const url = new URL(text);
  if (httpsOnly && url.protocol !== 'https:') return 'must begin with https://';
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

const SECRET_HEADER = /authorization|cookie|(?:access|api|auth|secret|write)[_-]?key|token|secret|password/;

/** The values of headers that hold a secret by their names, with and without a scheme: an echo may show either. */
export function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => SECRET_HEADER.test(name))
    .flatMap(([, value]) => [value, value.replace(/^\S+\s+/, '')]);
}
