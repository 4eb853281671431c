import type { Command } from 'commander';
import { examples, group, type Done } from '../command.js';
import type { OperatorFlags, SearchFlags } from '../flags.js';
import { HEADINGS } from '../headings.js';
import { word, words } from '../values.js';
import { changing } from './changing.js';
import { filtered, named, operated, paged, timed } from './operating.js';

export function jobsCommand(done: Done): Command {
  return group('jobs', HEADINGS.jobs.description)
    .addCommand(listCommand(done))
    .addCommand(showCommand(done))
    .addCommand(changeCommand(done, 'retry', 'Let failed, discarded and unknown jobs run again at once.'))
    .addCommand(changeCommand(done, 'discard', 'End awaiting, failed and unknown jobs.'));
}

const searched = (name: string, description: string): Command =>
  timed(filtered(operated(name, description)), 'created')
    .option('--event <id>', 'the jobs of this event; goes without other filters', word)
    .option('--job <id>', 'this job; repeatable', words);

function listCommand(done: Done): Command {
  return paged(searched('list', 'List jobs, the newest first.'))
    .addHelpText(
      'after',
      examples('fragment jobs list --status failed --since 24h', 'fragment jobs list --json'),
    )
    .action(async (flags: SearchFlags) => {
      const { listJobs } = await import('../commands/jobs.js');
      done(await listJobs(flags));
    });
}

function showCommand(done: Done): Command {
  return named(
    operated('show', 'Show a job with every change of its status, what was sent and what came back.'),
    'of the job',
  )
    .addHelpText(
      'after',
      `${examples('fragment jobs show <job id>')}

Requests and responses are shown as far as they were kept, secrets masked.`,
    )
    .action(async (id: string, flags: OperatorFlags) => {
      const { showJob } = await import('../commands/jobs.js');
      done(await showJob(id, flags));
    });
}

function changeCommand(done: Done, kind: 'retry' | 'discard', description: string): Command {
  return changing(searched(kind, description), kind, {
    done,
    lines: [
      `fragment jobs ${kind} --destination amplitude --status failed --since 24h --dry-run`,
      `fragment jobs ${kind} --error-code FRAGMENT_DELIVERY_TIMEOUT --rate 50/s --yes`,
    ],
  });
}
