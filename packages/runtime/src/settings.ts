import { ROLES, type AdminToken } from '@fragment/admin';
import { FragmentError, type Validation } from '@fragment/core';
import { parseWriteKeys, type RestOptions } from '@fragment/source-rest';
import { LOG_LEVELS, type Environment, type LogLevel } from './environment.js';
import type { FragmentOptions } from './options.js';
import { unknownOptions } from './unknown-options.js';

export type SettingOrigin = 'option' | 'environment' | 'default';

/** A value and where it came from. */
export interface Setting<T> {
  readonly value: T;
  readonly from: SettingOrigin;
}

/** Every setting that has more than one place to come from, resolved. Values may be secrets: log the origins only. */
export interface FragmentSettings {
  /** POSTGRES_STORE_URL. Default undefined: the embedded PostgreSQL. */
  readonly postgres: Setting<FragmentOptions['postgres']>;
  /** REDIS_URL. Default undefined: the queues are on the PostgreSQL. */
  readonly redis: Setting<FragmentOptions['redis']>;
  /** FRAGMENT_DATA_DIR, of the embedded PostgreSQL. Default `.fragment`. */
  readonly dataDir: Setting<string>;
  /** FRAGMENT_HOST. Default 127.0.0.1. */
  readonly gatewayHost: Setting<string>;
  /** FRAGMENT_HOST. Default 127.0.0.1. */
  readonly schedulerHost: Setting<string>;
  /** FRAGMENT_GATEWAY_PORT. Default 9090. */
  readonly gatewayPort: Setting<number | false>;
  /** FRAGMENT_SCHEDULER_PORT. Default 9091. */
  readonly schedulerPort: Setting<number | false>;
  /** FRAGMENT_WRITE_KEYS, of the default source. */
  readonly writeKeys: Setting<RestOptions['writeKeys']>;
  /** FRAGMENT_ADMIN_TOKEN. */
  readonly adminToken: Setting<string | undefined>;
  /** FRAGMENT_ADMIN_TOKENS. Default none. */
  readonly adminTokens: Setting<readonly AdminToken[]>;
  /** FRAGMENT_LOG_LEVEL. Default info. */
  readonly logLevel: Setting<LogLevel>;
  /** NODE_ENV is `production`. */
  readonly production: Setting<boolean>;
}

/**
 * Resolves every setting: an option wins over the environment, which wins over the default. A variable that is empty
 * counts as not set.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem, options that do not exist among them; values are
 *   never repeated in it.
 */
export function settingsFrom(options: FragmentOptions = {}, env: Environment = {}): FragmentSettings {
  const read = new Reader(env, unknownOptions(options));
  const host = read.setting(['host'], options.host, 'FRAGMENT_HOST', text, '127.0.0.1');
  const hostOf = (service: 'gateway' | 'scheduler'): Setting<string> => {
    const own = options[service]?.host;
    return own === undefined ? host : { value: own, from: 'option' };
  };
  const portOf = (service: 'gateway' | 'scheduler', variable: string, fallback: number) =>
    read.setting<number | false>([service, 'port'], options[service]?.port, variable, port, fallback);
  const settings: FragmentSettings = {
    postgres: read.setting(['postgres'], options.postgres, 'POSTGRES_STORE_URL', postgresUrl, undefined),
    redis: read.setting(['redis'], options.redis, 'REDIS_URL', redisUrl, undefined),
    dataDir: read.setting(['dataDir'], options.dataDir, 'FRAGMENT_DATA_DIR', text, '.fragment'),
    gatewayHost: hostOf('gateway'),
    schedulerHost: hostOf('scheduler'),
    gatewayPort: portOf('gateway', 'FRAGMENT_GATEWAY_PORT', 9090),
    schedulerPort: portOf('scheduler', 'FRAGMENT_SCHEDULER_PORT', 9091),
    writeKeys: read.setting(
      ['writeKeys'],
      keysOf(options.writeKeys),
      'FRAGMENT_WRITE_KEYS',
      writeKeys,
      undefined,
    ),
    adminToken: read.setting(['adminToken'], options.adminToken, 'FRAGMENT_ADMIN_TOKEN', token, undefined),
    // Text is always parsed, so what comes back is a list.
    adminTokens: read.setting<readonly AdminToken[] | string>(
      ['adminTokens'],
      options.adminTokens,
      'FRAGMENT_ADMIN_TOKENS',
      adminTokens,
      [],
    ) as Setting<readonly AdminToken[]>,
    logLevel: read.setting(['logLevel'], options.logLevel, 'FRAGMENT_LOG_LEVEL', logLevel, 'info'),
    production: read.setting(['production'], options.production, 'NODE_ENV', isProduction, false),
  };
  read.refuseProblems();
  return settings;
}

/** Turns text into a value, or says in a sentence what it must be. */
type Parse<T> = (text: string) => { readonly value: T } | { readonly must: string };

class Reader {
  readonly #env: Environment;
  readonly #problems: Validation[];

  constructor(env: Environment, problems: readonly Validation[]) {
    this.#env = env;
    this.#problems = [...problems];
  }

  setting<T>(
    path: string[],
    given: T | undefined,
    variable: string,
    parse: Parse<T>,
    fallback: T,
  ): Setting<T> {
    // Text of an option is checked like a variable's: it often is one that the configuration file has passed on.
    if (typeof given === 'string') return this.#parsed(given, path, 'option', parse, fallback);
    if (given !== undefined) return { value: given, from: 'option' };
    const raw = this.#env[variable]?.trim();
    if (raw === undefined || raw === '') return { value: fallback, from: 'default' };
    return this.#parsed(raw, [variable], 'environment', parse, fallback);
  }

  refuseProblems(): void {
    if (this.#problems.length === 0) return;
    const detail = this.#problems.map(({ message }) => message).join('; ');
    throw new FragmentError('FRAGMENT_CONFIG_INVALID', { detail, validations: this.#problems });
  }

  #parsed<T>(raw: string, path: string[], from: SettingOrigin, parse: Parse<T>, fallback: T): Setting<T> {
    const parsed = parse(raw);
    if ('value' in parsed) return { value: parsed.value, from };
    this.#problems.push({ path, message: `${path.join('.')} must ${parsed.must}` });
    return { value: fallback, from: 'default' };
  }
}

const text: Parse<string> = (value) => (value === '' ? { must: 'not be empty' } : { value });

const url =
  (...protocols: readonly string[]): Parse<string> =>
  (value) =>
    protocols.some((protocol) => value.startsWith(protocol)) && URL.canParse(value)
      ? { value }
      : { must: `be a ${protocols.join(' or ')} URL` };

const postgresUrl = url('postgresql://', 'postgres://');
const redisUrl = url('redis://', 'rediss://', 'unix://');

const port: Parse<number> = (value) =>
  /^\d{1,5}$/.test(value) && Number(value) <= 65_535
    ? { value: Number(value) }
    : { must: 'be a port from 0 to 65535' };

const writeKeys: Parse<RestOptions['writeKeys']> = (value) => ({ value: parseWriteKeys(value) });

const keysOf = (given: FragmentOptions['writeKeys']): RestOptions['writeKeys'] =>
  typeof given === 'string' ? parseWriteKeys(given) : given;

const token: Parse<string> = (value) =>
  value.length >= 16 ? { value } : { must: 'have at least 16 characters' };

/** `name:role:token`, several with commas between; a token may hold colons. */
const adminTokens: Parse<readonly AdminToken[]> = (value) => {
  const entries = value.split(',').map((entry) => /^\s*([^:]+):([^:]+):(.+?)\s*$/.exec(entry));
  const tokens = entries.flatMap((parts) => {
    const role = ROLES.find((known) => known === parts?.[2]);
    return parts && role ? [{ name: parts[1] ?? '', role, token: parts[3] ?? '' }] : [];
  });
  return tokens.length === entries.length && tokens.every(({ token: secret }) => secret.length >= 16)
    ? { value: tokens }
    : { must: `be like ops:operate:<token of at least 16 characters>; the roles are ${ROLES.join(', ')}` };
};

const logLevel: Parse<LogLevel> = (value) => {
  const level = LOG_LEVELS.find((name) => name === value);
  return level ? { value: level } : { must: `be one of ${LOG_LEVELS.join(', ')}` };
};

const isProduction: Parse<boolean> = (value) => ({ value: value === 'production' });
