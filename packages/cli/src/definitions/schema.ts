import type { Command } from 'commander';
import { configured, examples, group, JSON_FLAG, type Done } from '../command.js';
import type { JsonFlags } from '../flags.js';
import { laterCommand } from './later.js';
import { HEADINGS } from '../headings.js';

export function migrationsCommand(done: Done): Command {
  const leaf = (name: 'run' | 'status', description: string): Command =>
    configured(name, description)
      .option(...JSON_FLAG)
      .addHelpText('after', examples(`fragment migrations ${name}`, `fragment migrations ${name} --json`))
      .action(async (flags: JsonFlags) => {
        const { migrations } = await import('../commands/migrations.js');
        done(await migrations(name, flags));
      });
  const waits = 'migrations of sources and destinations, which come with the warehouse destination';
  return group('migrations', HEADINGS.migrations.description)
    .addCommand(leaf('run', 'Bring the schema up to date.'))
    .addCommand(leaf('status', 'Tell what is applied and what is pending.'))
    .addCommand(laterCommand('ack', 'Acknowledge migrations before they run.', waits))
    .addCommand(laterCommand('rollback', 'Undo migrations, the newest first.', waits));
}
