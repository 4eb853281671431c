import { FragmentError } from '@fragment/core';
import { confirm } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import type { ChangeFlags } from '../flags.js';
import { isEmpty, whereOf } from '../operate/filter.js';
import { withOperator } from '../operate/open.js';
import type { Change, ChangeKind, Preview } from '../operate/operator.js';
import { printJson } from '../output.js';
import { amount, nothingMatched } from './listing.js';

/** What is changed, and how that is said. */
const WORDS = {
  retry: { noun: 'job', capital: 'Retry', done: 'Retried' },
  discard: { noun: 'job', capital: 'Discard', done: 'Discarded' },
  replay: { noun: 'event', capital: 'Replay', done: 'Replayed' },
} as const satisfies Record<ChangeKind, object>;

/** Retries, discards or replays all that match, or tells how many they are. */
export async function change(kind: ChangeKind, flags: ChangeFlags): Promise<number> {
  const { noun, capital } = WORDS[kind];
  const where = whereOf(flags, kind === 'replay' ? 'events' : 'jobs');
  if (isEmpty(where) !== (flags.all ?? false)) {
    const detail = flags.all ? '--all goes without filters.' : `Say which ${noun}s by a filter, or --all.`;
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail });
  }
  return withOperator(flags, async (operator) => {
    const about = await operator.preview(kind, where);
    if (about.count === 0 && flags.failIfEmpty) throw nothingMatched();
    if (flags.dryRun || about.count === 0) {
      tellPreview(kind, about, flags);
      return EXIT.ok;
    }
    const answer = flags.yes ?? (await confirm(`${capital} ${amount(about, noun)}?`));
    if (answer !== true) {
      process.stderr.write('Nothing was changed.\n');
      return answer === 'cancelled' ? EXIT.interrupted : EXIT.failed;
    }
    tellChange(kind, await operator.change(kind, where, flags.rate), flags);
    return EXIT.ok;
  });
}

function tellPreview(kind: ChangeKind, about: Preview, { json, dryRun }: ChangeFlags): void {
  const { noun, capital } = WORDS[kind];
  const { count, countIsCapped } = about;
  if (json) printJson({ kind, dry_run: dryRun ?? false, count, count_is_capped: countIsCapped });
  else if (count === 0)
    process.stdout.write(
      kind === 'replay' ? 'No event matches.\n' : `No ${noun} matches that could be changed so.\n`,
    );
  else
    process.stdout.write(`${capital} would change ${amount(about, noun)}. Dry run: nothing was changed.\n`);
}

function tellChange(kind: ChangeKind, changed: Change, { json, rate }: ChangeFlags): void {
  const { noun, done } = WORDS[kind];
  const { count } = changed;
  const jobs = 'jobs' in changed ? changed.jobs : undefined;
  const order = 'order' in changed ? changed.order : null;
  if (json) printJson({ kind, dry_run: false, count, ...(jobs !== undefined && { jobs }), order });
  else if ('order' in changed) {
    const pace = rate === undefined ? '' : ` at ${rate} a second`;
    process.stdout.write(
      `Ordered to ${kind} ${amount(changed, noun)}${pace}; a scheduler carries it out (${changed.order}).\n`,
    );
  } else {
    const added = jobs === undefined ? '' : `: ${amount({ count: jobs }, 'job')} added`;
    process.stdout.write(`${done} ${amount({ count }, noun)}${added}.\n`);
  }
}
