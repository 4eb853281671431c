import type { Generation } from '../generation.js';
import { namesOf } from '../names.js';
import { directoryOf, join, projectOf, specifier } from '../project.js';
import { imported } from '../registration.js';
import type { GenerateRequest } from '../request.js';
import { rendered } from '../templates.js';
import { fitted } from './piece.js';

/** A flow that plans an action for every event of a name. */
export function flow(request: GenerateRequest): Generation {
  const project = projectOf(request);
  const names = namesOf(request.name, 'flow');
  const directory = directoryOf(request, project, 'flows');
  const file = join(directory, `${names.name}.ts`);
  const config = project.config ?? 'fragment.config.ts';
  return fitted(request, project, {
    create: rendered(
      [
        ['flow/flow.ts', file],
        ['flow/flow.test.ts', join(directory, `${names.name}.test.ts`)],
      ],
      names,
      request.comments,
    ),
    registrations: [
      {
        path: config,
        lines: (text) => {
          const { local, line } = imported(text, {
            id: names.id,
            kind: 'flow',
            from: specifier(config, file),
          });
          return [line, { slot: 'flows', line: `${local},` }];
        },
      },
    ],
    packages: ['@fragment/core', '@fragment/testing'],
    next: [
      `Say in ${file} which events it is for and what they become.`,
      'A trigger of another source plans with it once it is in its `flows`.',
    ],
  });
}
