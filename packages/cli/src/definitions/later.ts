import type { Command } from 'commander';
import { command, group } from '../command.js';
import { HEADINGS } from '../headings.js';

/** A command of the ancestor that this version does not have yet. It says so, whatever its flags are. */
export function laterCommand(name: string, description: string, waits: string): Command {
  return command(name, `${description} Not in this version: it waits for ${waits}.`)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const { FragmentError } = await import('@fragment/core');
      throw new FragmentError('FRAGMENT_CLI_LATER', { detail: `\`${name}\` waits for ${waits}.` });
    });
}

export function runCommand(): Command {
  const waits = 'SQL templates, which come with the warehouse destination';
  return group('run', HEADINGS.run.description)
    .addCommand(laterCommand('operation', 'Run a template that changes data.', waits))
    .addCommand(laterCommand('query', 'Run a template that reads data.', waits));
}
