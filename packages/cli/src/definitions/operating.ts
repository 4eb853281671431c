import type { Command } from 'commander';
import { collect, configured, JSON_FLAG } from '../command.js';
import { count, moment, positive, status, STATUSES, url, word } from '../values.js';

// The flags that the commands of operators have in common.

/** A command on the store of the configuration, or on the admin API of a running scheduler. */
export const operated = (name: string, description: string): Command =>
  configured(name, description).option(
    '--url <url>',
    'ask the admin API there instead of the store of the configuration; FRAGMENT_ADMIN_TOKEN is its token',
    url,
  );

export const filtered = (command: Command): Command =>
  command
    .option('--destination <name>', 'jobs of this destination; repeatable', collect)
    .option('--action <name>', 'jobs of this action; repeatable', collect)
    .option('--status <status>', `jobs that are ${STATUSES.join(', ')}; repeatable`, status)
    .option('--error-code <code>', 'jobs whose last error has this code')
    .option('--min-attempts <n>', 'jobs with so many attempts or more', count)
    .option('--max-attempts <n>', 'jobs with so many attempts or fewer', count)
    .option('--source <name>', 'events of this source; repeatable', collect)
    .option('--trigger <name>', 'events of this trigger; repeatable', collect)
    .option('--type <type>', 'events of this type: track, identify, ...; repeatable', collect)
    .option('--name <name>', 'events of this name')
    .option('--user <id>', 'events of this userId')
    .option('--anonymous <id>', 'events of this anonymousId')
    .option('--message-id <id>', 'the event with this messageId');

/** @param what happened then: `created`, `received`. */
export const timed = (command: Command, what: string): Command =>
  command
    .option('--since <time>', `${what} after: 30m, 24h, 7d, or a time`, moment)
    .option('--until <time>', `${what} before: the same`, moment);

/** A list that is short enough to be told whole. */
export const listed = (command: Command): Command =>
  command.option('--fail-if-empty', 'exit code 5 when there are none').option(...JSON_FLAG);

export const limited = (command: Command): Command =>
  listed(command.option('--limit <n>', 'at most so many, up to 500', positive, 50));

export const paged = (command: Command): Command =>
  limited(command).option('--cursor <cursor>', 'the page after, as the page before has said');

/** A command about one thing, which is named by its id. */
export const named = (command: Command, what: string): Command =>
  command.argument('<id>', what, word).option(...JSON_FLAG);
