import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FragmentError } from '@fragment/core';
import type { GenerateRequest } from './request.js';

const CONFIGS = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `fragment.config.${extension}`);

/** What a piece is generated into. */
export interface Project {
  /** Where the configuration is, or the working directory where there is none. */
  readonly root: string;
  /** Its configuration's file name. */
  readonly config?: string;
}

/** @throws {FragmentError} FRAGMENT_CONFIG_NOT_FOUND when `config` names no file. */
export function projectOf({ cwd, config }: Pick<GenerateRequest, 'cwd' | 'config'>): Project {
  if (config !== undefined) {
    const file = path.resolve(cwd, config);
    if (!existsSync(file)) {
      throw new FragmentError('FRAGMENT_CONFIG_NOT_FOUND', { detail: `There is no ${file}.` });
    }
    return { root: path.dirname(file), config: path.basename(file) };
  }
  const start = path.resolve(cwd);
  for (let directory = start; ; directory = path.dirname(directory)) {
    const found = CONFIGS.find((name) => existsSync(path.join(directory, name)));
    if (found !== undefined) return { root: directory, config: found };
    if (path.dirname(directory) === directory) return { root: start };
  }
}

/** The directories of the sources or destinations of a project, relative to its root: `sources/crm`. */
export function parentsOf(
  kind: 'sources' | 'destinations',
  where: Pick<GenerateRequest, 'cwd' | 'config'>,
): readonly string[] {
  const { root } = projectOf(where);
  const directory = path.join(root, kind);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(directory, entry.name, 'index.ts')))
    .map((entry) => `${kind}/${entry.name}`)
    .sort();
}

/** The text of a file of the project; undefined when it is not there. */
export function textOf({ root }: Project, file: string): string | undefined {
  const absolute = path.join(root, file);
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : undefined;
}

/** The path that was asked for, relative to the project's root, with `/`. */
export function directoryOf(request: GenerateRequest, { root }: Project, byDefault: string): string {
  if (request.path === undefined) return byDefault;
  return path.relative(root, path.resolve(request.cwd, request.path)).split(path.sep).join('/') || '.';
}

/** `a/b` and `c.ts` make `a/b/c.ts`, with `/` on every system. */
export const join = (...parts: readonly string[]): string => path.posix.join(...parts);

/** How a module of the project is imported from a file of it. */
export function specifier(from: string, to: string): string {
  const relative = path.posix.relative(path.posix.dirname(from), to).replace(/\.ts$/, '.js');
  return relative.startsWith('.') ? relative : `./${relative}`;
}

/** Packages that the generated code needs and the project's package.json does not name. */
export function missingPackages(project: Project, needed: readonly string[]): readonly string[] {
  const text = textOf(project, 'package.json');
  if (text === undefined) return needed;
  try {
    const manifest = JSON.parse(text) as Record<string, object | undefined>;
    const named = { ...manifest['dependencies'], ...manifest['devDependencies'] };
    return needed.filter((name) => !Object.hasOwn(named, name));
  } catch {
    return needed;
  }
}
