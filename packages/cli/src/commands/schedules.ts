import { FragmentError, type TriggerRef } from '@fragment/core';
import { EXIT } from '../exit-codes.js';
import type { ListFlags, OperatorFlags, WholeFlags } from '../flags.js';
import type { RunView, ScheduleView } from '../operate/schedule-views.js';
import { printable, printJson } from '../output.js';
import { amount, list, listWhole } from './listing.js';

export const listSchedules = (flags: WholeFlags): Promise<number> =>
  listWhole(flags, (operator) => operator.schedules(), rowOf);

const rowOf = ({ source, trigger, interval, next_run_at, last_run }: ScheduleView): string[] => [
  printable(`${source}/${trigger}`),
  printable(interval),
  next_run_at === null ? 'never again' : `next ${next_run_at}`,
  last_run ? `last ${last_run.started_at}  ${outcomeOf(last_run)}` : 'has not run',
];

/** How it ended: no event is well, there was nothing to add. */
function outcomeOf({ state, events, error }: RunView): string {
  const added = events === null ? '' : `, ${amount({ count: events }, 'event')}`;
  return printable(`${state}${added}${error ? `: ${error.code}: ${error.message}` : ''}`);
}

export const listRuns = (of: TriggerRef, flags: ListFlags): Promise<number> =>
  list(flags, (operator, page) => operator.findRuns(of, page), { noun: 'run', row: runRow });

const runRow = (run: RunView): string[] => [
  run.started_at,
  run.id,
  run.by_hand ? 'by hand' : 'scheduled',
  run.finished_at === null ? '' : `until ${run.finished_at}`,
  printable(run.process),
  outcomeOf(run),
];

/**
 * Runs a cron trigger now, which only a scheduler can: its sources are open, and it enters the run as its own.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE without --url
 */
export async function runSchedule(of: TriggerRef, flags: OperatorFlags): Promise<number> {
  if (flags.url === undefined) {
    throw new FragmentError('FRAGMENT_CLI_USAGE', {
      detail:
        'Only a running scheduler can run a schedule: name it with --url. `fragment services` says where one is.',
    });
  }
  const { remoteOperator } = await import('../operate/remote.js');
  const run = await remoteOperator(flags.url, flags).runNow(of);
  if (flags.json) printJson(run);
  else process.stdout.write(`Run ${run.id} of ${of.source}/${of.trigger} has begun.\n`);
  return EXIT.ok;
}
