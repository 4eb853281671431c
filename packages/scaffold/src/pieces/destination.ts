import type { Generation } from '../generation.js';
import { namesOf } from '../names.js';
import { directoryOf, join, projectOf, specifier } from '../project.js';
import { imported } from '../registration.js';
import type { GenerateRequest } from '../request.js';
import { rendered, type FileList } from '../templates.js';
import { PACKAGES } from './action.js';
import { messageOf } from './message.js';
import { fitted } from './piece.js';
import { MIGRATIONS_WAIT, ownMigrations } from './sql.js';
import { registeredWhenSet } from './when-set.js';

/** What every application sends first. */
const FIRST_ACTION = 'track';

/** A destination with its first action, a stand-in of its vendor, and tests of both. */
export function destination(request: GenerateRequest): Generation {
  const project = projectOf(request);
  const names = namesOf(request.name, 'destination');
  const directory = directoryOf(request, project, `destinations/${names.name}`);
  const index = join(directory, 'index.ts');
  const config = project.config ?? 'fragment.config.ts';
  const hooks = request.hooks ?? false;
  const files: FileList = [
    ['destination/index.ts', index],
    ['destination/options.ts', join(directory, 'options.ts')],
    ['destination/answers.ts', join(directory, 'answers.ts')],
    ['action/action.ts', join(directory, `${FIRST_ACTION}.ts`)],
    ['action/action.test.ts', join(directory, `${FIRST_ACTION}.test.ts`)],
    ...(hooks ? [['hooks/parent.ts', join(directory, 'hooks.ts')] as const] : []),
    ['destination/vendor.fixture.ts', join(directory, 'vendor.fixture.ts')],
    ['destination/index.test.ts', join(directory, 'index.test.ts')],
    ['destination/README.md', join(directory, 'README.md')],
  ];
  const values = {
    ...namesOf(FIRST_ACTION, 'action'),
    destination: names,
    message: messageOf(FIRST_ACTION),
    hooks,
    migrations: request.migrations ?? false,
    directory,
    parent: 'destination',
  };
  const variables = [`${names.constant}_ENDPOINT`, `${names.constant}_API_KEY`] as const;
  const [endpoint, apiKey] = variables;
  return fitted(request, project, {
    create: [...rendered(files, values, request.comments), ...ownMigrations(request, directory)],
    registrations: [
      {
        path: config,
        uses: ['whenSet', '@fragment/runtime'],
        lines: (text) => {
          const { local, line } = imported(text, {
            id: names.id,
            kind: 'destination',
            from: specifier(config, index),
          });
          const made = `${local}({ endpoint: set.${endpoint}, apiKey: set.${apiKey} })`;
          return [line, { slot: 'destinations', line: registeredWhenSet(text, names.name, variables, made) }];
        },
      },
      {
        path: '.env.example',
        optional: true,
        lines: () => variables.map((name) => ({ slot: 'environment', line: `#${name}=` })),
      },
    ],
    packages: PACKAGES,
    next: [
      `Set ${variables.join(' and ')}: it is registered once both are there.`,
      `Say in ${directory}/${FIRST_ACTION}.ts what is sent, and in ${directory}/answers.ts what the answers mean.`,
      `fragment generate action --name identify --path ${directory}`,
      ...(request.migrations ? [MIGRATIONS_WAIT] : []),
    ],
  });
}
