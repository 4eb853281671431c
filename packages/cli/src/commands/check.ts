import { pathsOf, type Application, type Trigger } from '@fragment/core';
import { EXIT } from '../exit-codes.js';
import type { JsonFlags } from '../flags.js';
import { printJson, table } from '../output.js';
import { quietFragment } from '../quiet.js';

/** Loads and checks the configuration and tells what the application would consist of. Connects to nothing. */
export async function check(flags: JsonFlags): Promise<number> {
  const { config, fragment } = await quietFragment(flags);
  try {
    const parts = partsOf(fragment.app);
    if (flags.json) printJson({ config: config.file, ...parts });
    else {
      process.stdout.write(`${config.file} is valid.\n${table(rowsOf(parts))}`);
    }
  } finally {
    await fragment.stop();
  }
  return EXIT.ok;
}

interface Parts {
  readonly sources: readonly {
    readonly name: string;
    readonly triggers: readonly {
      readonly name: string;
      readonly how: string;
      readonly flows: readonly string[];
    }[];
  }[];
  readonly destinations: readonly { readonly name: string; readonly actions: readonly string[] }[];
}

const partsOf = ({ sources, destinations }: Application): Parts => ({
  sources: sources.map((source) => ({
    name: source.name,
    triggers: source.triggers.map((trigger) => ({
      name: trigger.name,
      how: howOf(trigger),
      flows: (trigger.flows ?? []).map(({ name }) => name),
    })),
  })),
  destinations: destinations.map(({ name, actions }) => ({
    name,
    actions: actions.map((action) => action.name),
  })),
});

function howOf(trigger: Trigger): string {
  if (trigger.mode === 'http') return `${trigger.route.methods.join(',')} ${pathsOf(trigger.route)[0] ?? ''}`;
  return trigger.mode === 'cron' ? `cron ${trigger.schedule}` : trigger.mode;
}

const flowsOf = (flows: readonly string[]): string =>
  flows.length > 2 ? `${flows.length} flows` : flows.join(', ') || 'no flow';

const rowsOf = ({ sources, destinations }: Parts): string[][] => [
  ...sources.flatMap(({ name, triggers }) =>
    triggers.map((trigger) => ['source', `${name}/${trigger.name}`, trigger.how, flowsOf(trigger.flows)]),
  ),
  ...destinations.map(({ name, actions }) => ['destination', name, '', actions.join(', ')]),
];
