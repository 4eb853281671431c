import { FragmentError } from '@fragment/core';
import type { Generation } from '../generation.js';
import { namesOf } from '../names.js';
import { join, projectOf } from '../project.js';
import { imported, type Registration } from '../registration.js';
import { MODES, type GenerateRequest, type Mode } from '../request.js';
import { rendered, type FileList } from '../templates.js';
import { childHooks } from './hooks.js';
import { parentOf } from './parent.js';
import { fitted } from './piece.js';
import { MIGRATIONS_WAIT, ownMigrations } from './sql.js';

/** What has to be there before a trigger of the mode can run. */
const WAITS: Readonly<Partial<Record<Mode, string>>> = {
  sub: 'the application cannot start with it before a pubsub adapter runs subscription triggers',
  cdc: 'the application cannot start with it before a runner for cdc triggers is there',
};

/**
 * One way in which data arrives at a source.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE without a mode or a source.
 */
export function trigger(request: GenerateRequest): Generation {
  const { mode } = request;
  if (mode === undefined) {
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: `--mode is needed: ${MODES.join(', ')}.` });
  }
  const project = projectOf(request);
  const names = namesOf(request.name, 'trigger');
  const { directory, parent } = parentOf(request, project, 'sources');
  const waits = WAITS[mode];
  const hooks = childHooks(request, directory, waits);
  const files: FileList = [
    [`trigger/${mode}.ts`, join(directory, `${names.name}.ts`)],
    [`trigger/${mode}.test.ts`, join(directory, `${names.name}.test.ts`)],
    ...(waits === undefined ? [] : [[`trigger/${mode}.md`, join(directory, `${names.name}.md`)] as const]),
    ...hooks.files,
  ];
  const registration: Registration = {
    path: join(directory, 'index.ts'),
    lines: (text) => {
      const { local, line } = imported(text, {
        id: names.id,
        kind: 'trigger',
        from: `./${names.name}.js`,
      });
      return [line, { slot: 'triggers', line: mode === 'cdc' ? `${local}({ changes }),` : `${local},` }];
    },
    ...(waits !== undefined && { waits }),
  };
  const values = { ...names, source: parent, child: 'trigger' };
  return fitted(request, project, {
    create: [...rendered(files, values, request.comments), ...ownMigrations(request, directory)],
    registrations: [registration, ...hooks.registrations],
    packages: ['@fragment/core', '@fragment/runtime', '@fragment/testing'],
    next: [
      `Say in ${directory}/${names.name}.ts what arrives and what event it is.`,
      ...(request.migrations ? [MIGRATIONS_WAIT] : []),
    ],
  });
}
