import type { Command } from 'commander';
import { examples, group, JSON_FLAG, type Done } from '../command.js';
import type { ListFlags, OperatorFlags, WholeFlags } from '../flags.js';
import { HEADINGS } from '../headings.js';
import { word } from '../values.js';
import { listed, operated, paged } from './operating.js';

export function schedulesCommand(done: Done): Command {
  return group('schedules', HEADINGS.schedules.description)
    .addCommand(listCommand(done))
    .addCommand(runsCommand(done))
    .addCommand(runCommand(done));
}

function listCommand(done: Done): Command {
  return listed(operated('list', 'List the schedules: when they run next, and how they ended last.'))
    .addHelpText('after', `${examples('fragment schedules list')}\n\nIntervals are in UTC.`)
    .action(async (flags: WholeFlags) => {
      const { listSchedules } = await import('../commands/schedules.js');
      done(await listSchedules(flags));
    });
}

const aimed = (name: string, description: string): Command =>
  operated(name, description)
    .argument('<source>', 'its name', word)
    .argument('<trigger>', 'the name of its cron trigger', word);

function runsCommand(done: Done): Command {
  return paged(aimed('runs', 'List the runs of a schedule, the newest first.'))
    .addHelpText('after', examples('fragment schedules runs crm contacts --limit 5'))
    .action(async (source: string, trigger: string, flags: ListFlags) => {
      const { listRuns } = await import('../commands/schedules.js');
      done(await listRuns({ source, trigger }, flags));
    });
}

function runCommand(done: Done): Command {
  return aimed('run', 'Run a schedule now, once more than it says. It needs --url.')
    .option(...JSON_FLAG)
    .addHelpText(
      'after',
      `${examples('fragment schedules run crm contacts --url http://127.0.0.1:9091')}

The command ends when the run has begun: \`fragment schedules runs\` tells how it ended. The scheduler at --url runs it, and
refuses while the schedule runs already.`,
    )
    .action(async (source: string, trigger: string, flags: OperatorFlags) => {
      const { runSchedule } = await import('../commands/schedules.js');
      done(await runSchedule({ source, trigger }, flags));
    });
}
