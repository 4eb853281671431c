import { FragmentError } from '@fragment/core';
import type { Generation } from '../generation.js';
import { namesOf } from '../names.js';
import { join, projectOf, textOf } from '../project.js';
import { imported } from '../registration.js';
import type { GenerateRequest } from '../request.js';
import { rendered } from '../templates.js';
import { messageOf } from './message.js';
import { childHooks } from './hooks.js';
import { parentOf } from './parent.js';
import { fitted } from './piece.js';
import { MIGRATIONS_WAIT, ownMigrations } from './sql.js';

/** What the new action shares with the others of its destination. */
const SHARED = ['index.ts', 'answers.ts', 'vendor.fixture.ts'];

/**
 * One more kind of delivery of a destination.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE when the directory holds no generated destination.
 */
export function action(request: GenerateRequest): Generation {
  const project = projectOf(request);
  const names = namesOf(request.name, 'action');
  const { directory, parent } = parentOf(request, project, 'destinations');
  const absent = SHARED.filter((file) => textOf(project, join(directory, file)) === undefined);
  if (absent.length > 0) {
    const detail = `${directory} is no generated destination: there is no ${absent.join(' and no ')}. Make one with \`fragment generate destination --name <name>\`.`;
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail });
  }
  const destination = namesOf(parent, 'destination');
  const hooks = childHooks(request, directory);
  const values = { ...names, destination, message: messageOf(names.name), child: 'action' };
  return fitted(request, project, {
    create: [
      ...rendered(
        [
          ['action/action.ts', join(directory, `${names.name}.ts`)],
          ['action/action.test.ts', join(directory, `${names.name}.test.ts`)],
          ...hooks.files,
        ],
        values,
        request.comments,
      ),
      ...ownMigrations(request, directory),
    ],
    registrations: [
      {
        path: join(directory, 'index.ts'),
        lines: (text) => {
          const { local, line } = imported(text, {
            id: names.id,
            kind: 'action',
            from: `./${names.name}.js`,
          });
          return [line, { slot: 'actions', line: `${local}(client),` }];
        },
      },
      ...hooks.registrations,
    ],
    packages: PACKAGES,
    next: [
      `Say in ${directory}/${names.name}.ts what is sent.`,
      ...(values.message.type === undefined
        ? [`A flow plans it: \`fragment generate flow --name ${names.name}\`.`]
        : []),
      ...(request.migrations ? [MIGRATIONS_WAIT] : []),
    ],
  });
}

/** What the code and the tests of a destination import. */
export const PACKAGES: readonly string[] = [
  '@fragment/core',
  '@fragment/http-client',
  '@fragment/segment-spec',
  '@fragment/runtime',
  '@fragment/testing',
];
