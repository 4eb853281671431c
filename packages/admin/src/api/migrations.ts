import { FragmentError, type MigrationRecord } from '@fragment/core';
import { migrationResource, migrationTransition } from '../resources/oversight.js';
import { sliceAnswer, whole } from './answers.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { offsetParameters, type Parameter } from './parameters.js';
import type { AdminQuery } from './query.js';

/** The ancestor's names. Versions are compared as they are written. */
const migrationParameters: Readonly<Record<string, Parameter>> = {
  'migrations.scopes_in': { kind: 'list' },
  'migrations.scopes_notin': { kind: 'list' },
  'migrations.versioned_before': { kind: 'text' },
  'migrations.versioned_after': { kind: 'text' },
  'migrations.status_in': { kind: 'list' },
  'migrations.status_notin': { kind: 'list' },
  ...offsetParameters,
};

/** The schema of the store, in the ancestor's words. */
export const migrationEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/wanderer/migrations',
    role: 'read',
    summary: 'The steps of the schema of the store',
    parameters: migrationParameters,
    handle: async ({ operations, query }) => {
      const all = (await operations.migrations()).map(migrationResource);
      const where = Object.entries(query.values).filter(([name]) => name.startsWith('migrations.'));
      const chosen = all.filter(matching(query.values));
      return sliceAnswer(chosen, query, (migration) => migration, Object.fromEntries(where));
    },
  },
  {
    method: 'GET',
    path: '/api/wanderer/migrations/:migration_id',
    role: 'read',
    summary: 'One step of the schema',
    handle: async (c) => ({ data: migrationResource(await migrationOf(c)) }),
  },
  {
    method: 'GET',
    path: '/api/wanderer/migrations/:migration_id/transitions',
    role: 'read',
    summary: 'What became of one step of the schema',
    handle: async (c) => whole([migrationTransition(await migrationOf(c))]),
  },
];

function matching(
  values: AdminQuery['values'],
): (migration: ReturnType<typeof migrationResource>) => boolean {
  const value = (name: string) => values[`migrations.${name}`];
  const isOneOf = (name: string, text: string): boolean => {
    const [all, none] = [value(`${name}_in`), value(`${name}_notin`)];
    return (all === undefined || all.includes(text)) && none?.includes(text) !== true;
  };
  const [before, after] = [value('versioned_before'), value('versioned_after')];
  return ({ scope, version, transitions }) =>
    isOneOf('scopes', scope) &&
    isOneOf('status', transitions[0]?.state_after ?? '') &&
    (before === undefined || version < String(before)) &&
    (after === undefined || version > String(after));
}

async function migrationOf({ operations, param }: EndpointContext): Promise<MigrationRecord> {
  const migration = (await operations.migrations()).find(({ version }) => version === param('migration_id'));
  if (!migration) throw new FragmentError('FRAGMENT_HTTP_NOT_FOUND');
  return migration;
}
