import { FragmentError } from '@fragment/core';
import { confirm } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import type { JobsChangeFlags, JobsListFlags } from '../flags.js';
import { isEmpty, whereOf } from '../operate/filter.js';
import { withOperator } from '../operate/open.js';
import type { Change, ChangeKind, Preview } from '../operate/operator.js';
import type { JobPage, JobView } from '../operate/views.js';
import { printable, printJson, table } from '../output.js';

export async function listJobs(flags: JobsListFlags): Promise<number> {
  const where = whereOf(flags);
  const { limit, cursor } = flags;
  const page = await withOperator(flags, (operator) =>
    operator.findJobs(where, { limit, ...(cursor !== undefined && { cursor }) }),
  );
  if (flags.failIfEmpty && page.jobs.length === 0) throw nothingMatched();
  print(page, flags.json ?? false);
  return EXIT.ok;
}

function print({ jobs, count, countIsCapped, nextCursor }: JobPage, json: boolean): void {
  if (json) {
    const meta = { count, count_is_capped: countIsCapped, next_cursor: nextCursor ?? null };
    printJson({ meta, data: jobs });
    return;
  }
  process.stdout.write(table(jobs.map(rowOf)));
  const more = nextCursor === undefined ? '' : `; more: --cursor ${nextCursor}`;
  process.stderr.write(`${jobs.length} of ${amount({ count, countIsCapped })}${more}\n`);
}

const rowOf = (job: JobView): string[] => [
  job.created_at,
  job.id,
  `${job.destination}/${job.action}`,
  job.status,
  `${job.attempt}x`,
  job.error ? printable(`${job.error.code}: ${job.error.message}`) : '',
];

/** Retries or discards all jobs that match, or tells how many they are. */
export async function changeJobs(kind: ChangeKind, flags: JobsChangeFlags): Promise<number> {
  const where = whereOf(flags);
  if (isEmpty(where) !== (flags.all ?? false)) {
    const detail = flags.all ? '--all goes without filters.' : 'Say which jobs by a filter, or --all.';
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail });
  }
  return withOperator(flags, async (operator) => {
    const about = await operator.preview(kind, where);
    if (about.count === 0 && flags.failIfEmpty) throw nothingMatched();
    if (flags.dryRun || about.count === 0) {
      tellPreview(kind, about, flags);
      return EXIT.ok;
    }
    const answer = flags.yes ?? (await confirm(`${capital(kind)} ${amount(about)}?`));
    if (answer !== true) {
      process.stderr.write('Nothing was changed.\n');
      return answer === 'cancelled' ? EXIT.interrupted : EXIT.failed;
    }
    tellChange(kind, await operator.change(kind, where, flags.rate), flags);
    return EXIT.ok;
  });
}

function tellPreview(kind: ChangeKind, about: Preview, { json, dryRun }: JobsChangeFlags): void {
  const { count, countIsCapped } = about;
  if (json) printJson({ kind, dry_run: dryRun ?? false, count, count_is_capped: countIsCapped });
  else if (count === 0) process.stdout.write('No job matches that could be changed so.\n');
  else
    process.stdout.write(`${capital(kind)} would change ${amount(about)}. Dry run: nothing was changed.\n`);
}

function tellChange(kind: ChangeKind, change: Change, { json, rate }: JobsChangeFlags): void {
  const { count } = change;
  const order = 'order' in change ? change.order : null;
  if (json) printJson({ kind, dry_run: false, count, order });
  else if ('order' in change) {
    const pace = rate === undefined ? '' : ` at ${rate} a second`;
    process.stdout.write(
      `Ordered to ${kind} ${amount(change)}${pace}; a scheduler carries it out (${change.order}).\n`,
    );
  } else process.stdout.write(`${kind === 'retry' ? 'Retried' : 'Discarded'} ${amount({ count })}.\n`);
}

const amount = ({ count, countIsCapped }: { count: number; countIsCapped?: boolean }): string =>
  `${countIsCapped ? `more than ${count}` : count} job${count === 1 ? '' : 's'}`;

const capital = (kind: ChangeKind): string => (kind === 'retry' ? 'Retry' : 'Discard');

const nothingMatched = (): FragmentError => new FragmentError('FRAGMENT_CLI_NOTHING_MATCHED');
