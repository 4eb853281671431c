import type { Generation } from '../generation.js';
import { directoryOf, projectOf } from '../project.js';
import type { GenerateRequest } from '../request.js';
import { fitted } from './piece.js';
import { MIGRATIONS_WAIT, migrationFiles } from './sql.js';

/** A change of a schema, and the way back. */
export function migration(request: GenerateRequest): Generation {
  const project = projectOf(request);
  const directory = directoryOf(request, project, 'migrations');
  return fitted(request, project, {
    create: migrationFiles(request, directory, request.name),
    registrations: [],
    packages: [],
    next: ['Write both statements.', MIGRATIONS_WAIT],
  });
}
