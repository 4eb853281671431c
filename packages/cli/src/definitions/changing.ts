import { Option, type Command } from 'commander';
import { examples, JSON_FLAG, type Done } from '../command.js';
import type { ChangeFlags } from '../flags.js';
import { rate } from '../values.js';

/** Makes a command with filters into one that retries, discards or replays all that match. */
export function changing(
  command: Command,
  kind: 'retry' | 'discard' | 'replay',
  {
    done,
    lines,
    more = '',
  }: { readonly done: Done; readonly lines: readonly string[]; readonly more?: string },
): Command {
  return command
    .option('--all', 'no filter: all of them')
    .option('--dry-run', 'only tell how many')
    .addOption(new Option('--dryrun', 'the same').hideHelp().implies({ dryRun: true }))
    .option('--rate <n/s>', 'so many a second; a scheduler carries it out', rate)
    .option('-y, --yes', 'do not ask')
    .option('--fail-if-empty', 'exit code 5 when there are none')
    .option(...JSON_FLAG)
    .addHelpText('after', `${examples(...lines)}${more}`)
    .action(async (flags: ChangeFlags) => {
      const { change } = await import('../commands/change.js');
      done(await change(kind, flags));
    });
}
