import { FragmentError, isFragmentError } from '@fragment/core';
import type { Environment } from './environment.js';
import type { FragmentDefinition, FragmentOptions } from './options.js';

/**
 * Reads a variable that must be set. All that are missing are told together, with the name of each; a variable that is
 * empty counts as missing.
 *
 * @example
 * export default defineApplication((env, secret) => ({
 *   destinations: [amplitude({ apiKey: secret('AMPLITUDE_API_KEY') })],
 * }));
 */
export type SecretReader = (name: string) => string;

/** What a configuration says, and the names of the secrets it asked for. */
export interface ResolvedDefinition {
  readonly options: FragmentOptions;
  readonly secrets: readonly string[];
}

/**
 * The options that a configuration file's default export means in this environment.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every secret that is not set; else whatever the function throws.
 */
export async function resolveDefinition(
  definition: FragmentDefinition,
  env: Environment,
): Promise<ResolvedDefinition> {
  if (typeof definition !== 'function') return { options: definition, secrets: [] };
  const asked = new Set<string>();
  const secret: SecretReader = (name) => {
    asked.add(name);
    const value = env[name]?.trim() ?? '';
    // Something stands in for a missing one, so that the function goes on to ask for the others.
    return value === '' ? `${name} is not set` : value;
  };
  const missing = (): readonly string[] => [...asked].filter((name) => (env[name]?.trim() ?? '') === '');
  try {
    const options = await definition(env, secret);
    if (missing().length > 0) throw notSet(missing());
    return { options, secrets: [...asked] };
  } catch (error) {
    // A factory that refuses what stands in for a missing secret says nothing that anybody could mend.
    if (missing().length > 0 && isFragmentError(error, 'FRAGMENT_CONFIG_INVALID')) throw notSet(missing());
    throw error;
  }
}

function notSet(names: readonly string[]): FragmentError {
  const validations = names.map((name) => ({ message: `${name} must be set`, path: [name] }));
  const detail = validations.map(({ message }) => message).join('; ');
  return new FragmentError('FRAGMENT_CONFIG_INVALID', { detail, validations });
}
