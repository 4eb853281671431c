import path from 'node:path';
import { FragmentError } from '@fragment/core';
import { directoryOf, parentsOf, type Project } from '../project.js';
import type { GenerateRequest } from '../request.js';

/**
 * The directory of the source or destination that a trigger or an action belongs to: the one asked for, else the only one.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE when there is none, or several to choose from.
 */
export function parentOf(
  request: GenerateRequest,
  project: Project,
  kind: 'sources' | 'destinations',
): { readonly directory: string; readonly parent: string } {
  const there = request.path === undefined ? parentsOf(kind, request) : [];
  const [only, ...others] = there;
  if (request.path === undefined && (only === undefined || others.length > 0)) {
    const one = kind.slice(0, -1);
    const detail =
      only === undefined
        ? `There is no ${one} yet: make one with \`fragment generate ${one} --name <name>\`, or name a directory with --path.`
        : `--path is needed to choose a ${one}: ${there.join(', ')}.`;
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail });
  }
  const directory = directoryOf(request, project, only ?? '.');
  const base = path.basename(path.resolve(project.root, directory));
  return { directory, parent: base.toLowerCase().replace(/[^a-z0-9]+/g, '-') };
}
