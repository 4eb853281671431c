import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { FragmentError, isFragmentError } from '@fragment/core';
import {
  jsonOptions,
  resolveDefinition,
  type FragmentDefinition,
  type FragmentOptions,
  type ResolvedDefinition,
} from '@fragment/runtime';
import { loadEnvironment, type EnvironmentOrigins } from './env-files.js';
import type { ConfigFlags } from './flags.js';

const names = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `fragment.config.${extension}`);

export interface LoadedConfig {
  readonly file: string;
  /** Where the file is: relative paths start here. */
  readonly directory: string;
  readonly options: FragmentOptions;
  /** Names of the variables it asked for as secrets. */
  readonly secrets: readonly string[];
  readonly origins: EnvironmentOrigins;
}

/**
 * Finds the configuration, adds the `.env` files beside it to the environment, and loads it.
 * @throws {FragmentError} FRAGMENT_CONFIG_NOT_FOUND, FRAGMENT_CONFIG_NOT_LOADED, FRAGMENT_CONFIG_INVALID for secrets
 *   that are not set, FRAGMENT_CLI_USAGE
 */
export async function loadConfig(flags: ConfigFlags): Promise<LoadedConfig> {
  const file = findConfig(flags);
  const directory = path.dirname(file);
  const origins = loadEnvironment(
    directory,
    flags.envFile === undefined ? undefined : path.resolve(flags.envFile),
  );
  const definition = await importDefinition(file);
  if (typeof definition !== 'function' && !isObject(definition))
    throw notLoaded(file, 'Its default export is neither options nor a function that returns them.');
  const { options, secrets } = await resolved(definition, file);
  if (!isObject(options)) throw notLoaded(file, 'The function that it exports returns no options.');
  return { file, directory, options, secrets, origins };
}

/** @throws {FragmentError} FRAGMENT_CONFIG_NOT_FOUND */
export const findConfig = ({ config, cwd }: ConfigFlags): string =>
  config === undefined ? findUpwards(path.resolve(cwd)) : existing(path.resolve(config));

function findUpwards(start: string): string {
  for (let directory = start; ; directory = path.dirname(directory)) {
    const found = names.map((name) => path.join(directory, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (path.dirname(directory) === directory) {
      throw new FragmentError('FRAGMENT_CONFIG_NOT_FOUND', { detail: `There is none in ${start} or above.` });
    }
  }
}

function existing(file: string): string {
  if (existsSync(file)) return file;
  throw new FragmentError('FRAGMENT_CONFIG_NOT_FOUND', { detail: `There is no ${file}.` });
}

async function importDefinition(file: string): Promise<FragmentDefinition> {
  try {
    if (file.endsWith('.json')) return await readJson(file);
    return /\.m?ts$/.test(file) ? await importTypeScript(file) : await importJavaScript(file);
  } catch (cause) {
    if (isFragmentError(cause)) throw cause;
    throw notLoaded(file, undefined, cause);
  }
}

async function readJson(file: string): Promise<FragmentDefinition> {
  const document = JSON.parse(await readFile(file, 'utf8')) as unknown;
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw notLoaded(file, 'It holds no JSON object.');
  return jsonOptions(document);
}

async function importJavaScript(file: string): Promise<FragmentDefinition> {
  const module = (await import(pathToFileURL(file).href)) as { default: FragmentDefinition };
  return module.default;
}

async function importTypeScript(file: string): Promise<FragmentDefinition> {
  const { createJiti } = await import('jiti');
  // No cache on disk: jiti's is in the shared temporary directory, where others could write what we would run.
  const jiti = createJiti(file, { fsCache: false });
  return jiti.import<FragmentDefinition>(file, { default: true });
}

async function resolved(definition: FragmentDefinition, file: string): Promise<ResolvedDefinition> {
  try {
    return await resolveDefinition(definition, process.env);
  } catch (cause) {
    // A refused option says what is wrong with it better than anything around it could.
    if (cause instanceof Error && cause.name === 'FragmentError') throw cause;
    throw notLoaded(file, undefined, cause);
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const notLoaded = (file: string, problem?: string, cause?: unknown): FragmentError =>
  new FragmentError('FRAGMENT_CONFIG_NOT_LOADED', {
    detail: problem === undefined ? file : `${file}: ${problem}`,
    ...(cause !== undefined && { cause }),
  });
