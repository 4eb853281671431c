import type { Command } from 'commander';
import { examples, JSON_FLAG, type Done } from '../command.js';
import type { PurgeFlags } from '../flags.js';
import { moment, rate } from '../values.js';
import { filtered, operated } from './operating.js';

export function purgeCommand(done: Done): Command {
  return filtered(operated('purge', 'Delete events with their jobs. What has not ended stays.'))
    .option('--older-than <time>', 'received before: 12h, 30d, or a time', moment)
    .option('--all', 'no filter: all of them')
    .option('--dry-run', 'only tell how many')
    .option('--rate <n/s>', 'so many a second', rate)
    .option('-y, --yes', 'do not ask')
    .option('--fail-if-empty', 'exit code 5 when there are none')
    .option(...JSON_FLAG)
    .addHelpText(
      'after',
      `${examples(
        'fragment events purge --type page --older-than 30d --dry-run',
        'fragment events purge --status succeeded --older-than 90d --rate 500/s --yes',
      )}

A scheduler carries it out. With --status all jobs of an event must have ended so. With --url the token's role is admin.`,
    )
    .action(async (flags: PurgeFlags) => {
      const { purgeEvents } = await import('../commands/purge.js');
      done(await purgeEvents(flags));
    });
}
