import type { NewFile } from '../generation.js';
import { join } from '../project.js';
import type { GenerateRequest } from '../request.js';
import { rendered } from '../templates.js';

/** A pair of migrations, dated by the second in UTC, as the names of their files sort. */
export function migrationFiles(
  { now = new Date(), comments }: Pick<GenerateRequest, 'now' | 'comments'>,
  directory: string,
  name: string,
): NewFile[] {
  const version = now.toISOString().replace(/\D/g, '').slice(0, 14);
  return rendered(
    [
      ['migration/up.sql', join(directory, `${version}.${name}.up.sql`)],
      ['migration/down.sql', join(directory, `${version}.${name}.down.sql`)],
    ],
    { name, version },
    comments,
  );
}

/** Said wherever migrations are made. */
export const MIGRATIONS_WAIT =
  'Fragment does not apply these migrations yet: run them with psql, in the order of their names.';

/** The first migration of a piece that was asked to have one. */
export function ownMigrations(request: GenerateRequest, directory: string): NewFile[] {
  if (!request.migrations) return [];
  return migrationFiles(request, join(directory, 'migrations'), `init_${request.name.replaceAll('-', '_')}`);
}
