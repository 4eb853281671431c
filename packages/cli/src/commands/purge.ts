import { FragmentError } from '@fragment/core';
import { confirm } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import type { PurgeFlags } from '../flags.js';
import { isEmpty, whereOf } from '../operate/filter.js';
import { withOperator } from '../operate/open.js';
import type { Ordered, Preview } from '../operate/operator.js';
import { printJson } from '../output.js';
import { amount, nothingMatched } from './listing.js';

/** Orders that the events that match are deleted, or tells how many they are. */
export async function purgeEvents(flags: PurgeFlags): Promise<number> {
  const where = whereOf(flags, 'events');
  if (isEmpty(where) !== (flags.all ?? false)) {
    const detail = flags.all ? '--all goes without filters.' : 'Say which events by a filter, or --all.';
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail });
  }
  return withOperator(flags, async (operator) => {
    const about = await operator.preview('purge', where);
    if (about.count === 0 && flags.failIfEmpty) throw nothingMatched();
    if (flags.dryRun || about.count === 0) {
      tellPreview(about, flags);
      return EXIT.ok;
    }
    const answer = flags.yes ?? (await confirm(`Delete ${amount(about, 'event')} for good?`));
    if (answer !== true) {
      process.stderr.write('Nothing was changed.\n');
      return answer === 'cancelled' ? EXIT.interrupted : EXIT.failed;
    }
    tellOrder(await operator.purge(where, flags.rate), flags);
    return EXIT.ok;
  });
}

function tellPreview(about: Preview, { json, dryRun }: PurgeFlags): void {
  const { count, countIsCapped } = about;
  if (json) printJson({ kind: 'purge', dry_run: dryRun ?? false, count, count_is_capped: countIsCapped });
  else if (count === 0) process.stdout.write('No event matches that could be deleted.\n');
  else process.stdout.write(`Purge would delete ${amount(about, 'event')}. Dry run: nothing was changed.\n`);
}

function tellOrder(ordered: Ordered, { json, rate }: PurgeFlags): void {
  const { order, count } = ordered;
  if (json) printJson({ kind: 'purge', dry_run: false, count, order });
  else {
    const pace = rate === undefined ? '' : ` at ${rate} a second`;
    process.stdout.write(
      `Ordered to delete ${amount(ordered, 'event')}${pace}; a scheduler carries it out (${order}).\n`,
    );
  }
}
