import type { Generation, NewFile } from '../generation.js';
import { missingPackages, type Project } from '../project.js';
import { register, type Registration } from '../registration.js';
import type { GenerateRequest } from '../request.js';

/** One part of an application, before it is fitted into the project. */
export interface Piece {
  readonly create: readonly NewFile[];
  readonly registrations: readonly Registration[];
  /** Packages that its code needs. */
  readonly packages: readonly string[];
  readonly next: readonly string[];
}

const TESTING = '@fragment/testing';

/** The piece in its project: with the files it changes, and what is left for its author. */
export function fitted(request: GenerateRequest, project: Project, piece: Piece): Generation {
  const { update, unregistered } = register(project, piece.registrations);
  const missing = missingPackages(project, piece.packages);
  const development = missing.filter((name) => name === TESTING);
  const others = missing.filter((name) => name !== TESTING);
  return {
    kind: request.kind,
    name: request.name,
    root: project.root,
    create: piece.create,
    update,
    unregistered,
    next: [
      ...(others.length > 0 ? [`npm install ${others.join(' ')}`] : []),
      ...(development.length > 0 ? [`npm install --save-dev ${development.join(' ')}`] : []),
      ...piece.next,
    ],
  };
}
