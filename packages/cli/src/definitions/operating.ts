import { Option, type Command } from 'commander';
import { collect, configured, examples, group, JSON_FLAG, type Done } from '../command.js';
import type { JobsChangeFlags, JobsListFlags, TailFlags } from '../flags.js';
import { count, moment, positive, rate, status, STATUSES, url } from '../values.js';
import { HEADINGS } from '../headings.js';

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

const timed = (command: Command): Command =>
  command
    .option('--since <time>', 'created after: 30m, 24h, 7d, or a time', moment)
    .option('--until <time>', 'created before: the same', moment);

export function eventsCommand(done: Done): Command {
  const tail = filtered(operated('tail', 'Follow events and what becomes of their jobs, until Ctrl-C.'))
    .option('--limit <n>', 'end after so many lines', positive)
    .option('--json', 'one JSON document per line')
    .addHelpText(
      'after',
      `${examples(
        'fragment events tail --type track',
        'fragment events tail --url http://127.0.0.1:9091 --json',
      )}

An event that matches is shown with all of its jobs. With --url, exit code 4 when the scheduler there goes away.`,
    )
    .action(async (flags: TailFlags) => {
      const { tail } = await import('../commands/tail.js');
      done(await tail(flags));
    });
  return group('events', HEADINGS.events.description).addCommand(tail);
}

export function jobsCommand(done: Done): Command {
  return group('jobs', HEADINGS.jobs.description)
    .addCommand(listCommand(done))
    .addCommand(changeCommand(done, 'retry', 'Let failed, discarded and unknown jobs run again at once.'))
    .addCommand(changeCommand(done, 'discard', 'End awaiting, failed and unknown jobs.'));
}

function listCommand(done: Done): Command {
  return timed(filtered(operated('list', 'List jobs, the newest first.')))
    .option('--event <id>', 'the jobs of this event; goes without other filters')
    .option('--limit <n>', 'at most so many, up to 500', positive, 50)
    .option('--cursor <cursor>', 'the page after, as the page before has said')
    .option('--fail-if-empty', 'exit code 5 when there are none')
    .option(...JSON_FLAG)
    .addHelpText(
      'after',
      examples('fragment jobs list --status failed --since 24h', 'fragment jobs list --json'),
    )
    .action(async (flags: JobsListFlags) => {
      const { listJobs } = await import('../commands/jobs.js');
      done(await listJobs(flags));
    });
}

function changeCommand(done: Done, kind: 'retry' | 'discard', description: string): Command {
  return timed(filtered(operated(kind, description)))
    .option('--event <id>', 'the jobs of this event; goes without other filters')
    .option('--all', 'no filter: all of them')
    .option('--dry-run', 'only tell how many')
    .addOption(new Option('--dryrun', 'the same').hideHelp().implies({ dryRun: true }))
    .option('--rate <n/s>', 'so many a second; a scheduler carries it out', rate)
    .option('-y, --yes', 'do not ask')
    .option('--fail-if-empty', 'exit code 5 when there are none')
    .option(...JSON_FLAG)
    .addHelpText(
      'after',
      examples(
        `fragment jobs ${kind} --destination amplitude --status failed --since 24h --dry-run`,
        `fragment jobs ${kind} --error-code FRAGMENT_DELIVERY_TIMEOUT --rate 50/s --yes`,
      ),
    )
    .action(async (flags: JobsChangeFlags) => {
      const { changeJobs } = await import('../commands/jobs.js');
      done(await changeJobs(kind, flags));
    });
}
