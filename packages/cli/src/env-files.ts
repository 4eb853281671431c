import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { FragmentError } from '@fragment/core';

/** Which file a variable of the environment was read from. Those that were set before are not in it. */
export type EnvironmentOrigins = ReadonlyMap<string, string>;

/**
 * Adds the variables of the `.env` files of a directory to the environment of the process, because a configuration may
 * read that. What is set already stays as it is, so the first of them wins: `.env.<mode>.local`, `.env.local`,
 * `.env.<mode>`, `.env`. The mode is NODE_ENV, of the environment or of one of the two files without a mode, else
 * `development`.
 * @param envFile is read instead of them all.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE when `envFile` is not there.
 */
export function loadEnvironment(directory: string, envFile: string | undefined): EnvironmentOrigins {
  if (envFile !== undefined && !existsSync(envFile))
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: `--env-file: there is no ${envFile}.` });
  const origins = new Map<string, string>();
  const names = envFile === undefined ? filesOf(directory) : [envFile];
  for (const name of names) {
    for (const [variable, value] of Object.entries(read(path.resolve(directory, name)))) {
      if (process.env[variable] !== undefined) continue;
      process.env[variable] = value;
      origins.set(variable, name);
    }
  }
  return origins;
}

function filesOf(directory: string): readonly string[] {
  const said = (name: string): string | undefined => read(path.join(directory, name))['NODE_ENV'];
  const mode = process.env['NODE_ENV'] ?? said('.env.local') ?? said('.env') ?? 'development';
  return [`.env.${mode}.local`, '.env.local', `.env.${mode}`, '.env'];
}

const read = (file: string): Record<string, string> =>
  existsSync(file) ? (parseEnv(readFileSync(file, 'utf8')) as Record<string, string>) : {};
