import type { Generation } from '../generation.js';
import { namesOf } from '../names.js';
import { directoryOf, join, projectOf, specifier } from '../project.js';
import { imported } from '../registration.js';
import type { GenerateRequest } from '../request.js';
import { rendered, type FileList } from '../templates.js';
import { fitted } from './piece.js';
import { MIGRATIONS_WAIT, ownMigrations } from './sql.js';

/** A source without triggers, to which triggers are added. */
export function source(request: GenerateRequest): Generation {
  const project = projectOf(request);
  const names = namesOf(request.name, 'source');
  const directory = directoryOf(request, project, `sources/${names.name}`);
  const index = join(directory, 'index.ts');
  const config = project.config ?? 'fragment.config.ts';
  const hooks = request.hooks ?? false;
  const files: FileList = [
    ['source/index.ts', index],
    ...(hooks ? [['hooks/parent.ts', join(directory, 'hooks.ts')] as const] : []),
    ['source/index.test.ts', join(directory, 'index.test.ts')],
    ['source/README.md', join(directory, 'README.md')],
  ];
  const values = { ...names, hooks, migrations: request.migrations ?? false, directory, parent: 'source' };
  return fitted(request, project, {
    create: [...rendered(files, values, request.comments), ...ownMigrations(request, directory)],
    registrations: [
      {
        path: config,
        lines: (text) => {
          const { local, line } = imported(text, {
            id: names.id,
            kind: 'source',
            from: specifier(config, index),
          });
          return [line, { slot: 'sources', line: `${local}(),` }];
        },
      },
    ],
    packages: ['@fragment/core', '@fragment/testing'],
    next: [
      `fragment generate trigger --name <name> --mode http --path ${directory}`,
      ...(request.migrations ? [MIGRATIONS_WAIT] : []),
    ],
  });
}
