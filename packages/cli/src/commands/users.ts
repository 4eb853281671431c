import { FragmentError } from '@fragment/core';
import { confirmByTyping } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import type { EraseFlags, ListFlags, OperatorFlags } from '../flags.js';
import { withOperator } from '../operate/open.js';
import type { ErasureView, UserView } from '../operate/oversight-views.js';
import { printable, printJson, table } from '../output.js';
import { amount, list } from './listing.js';

/** What the store knows of one user. */
export async function showUser(id: string, flags: OperatorFlags): Promise<number> {
  const user = await withOperator(flags, (operator) => operator.findUser(id));
  if (flags.json) printJson(user);
  else process.stdout.write(table(factsOf(user)));
  return EXIT.ok;
}

const factsOf = (user: UserView): string[][] =>
  [
    ['user', user.user_id],
    ['anonymous', user.anonymous_ids.join(' ')],
    ['events', `${user.events_is_capped ? 'more than ' : ''}${user.events}`],
    ['first seen', user.first_seen_at],
    ['last seen', user.last_seen_at],
  ].flatMap(([name, value]) => (value ? [[name ?? '', printable(value)]] : []));

/** Deletes everything of one user, once the id was given a second time. */
export async function eraseUser(id: string, flags: EraseFlags): Promise<number> {
  if (flags.confirm !== undefined && flags.confirm !== id)
    throw new FragmentError('FRAGMENT_CLI_USAGE', { detail: '--confirm must repeat the id.' });
  const question = `Delete everything of ${printable(id)} for good?`;
  const answer = flags.confirm === id || (await confirmByTyping(id, question, '--confirm with the id'));
  if (answer !== true) {
    process.stderr.write('Nothing was erased.\n');
    return answer === 'cancelled' ? EXIT.interrupted : EXIT.failed;
  }
  const receipt = await withOperator(flags, (operator) => operator.erase(id));
  if (flags.json) printJson(receipt);
  else {
    const parts = (['event', 'job', 'rejection'] as const).map((noun) =>
      amount({ count: receipt[`${noun}s`] }, noun),
    );
    process.stdout.write(`Erased ${parts.join(', ')}.\n`);
    process.stdout.write(
      table([
        ['receipt', receipt.id],
        ['at', receipt.at],
        ['subject', receipt.subject],
      ]),
    );
  }
  return EXIT.ok;
}

/** The receipts. They do not say whom they are about: `subject` is the SHA-256 of the id. */
export const listErasures = (flags: ListFlags): Promise<number> =>
  list(flags, (operator, page) => operator.findErasures(page), { noun: 'erasure', row: rowOf });

const rowOf = ({ at, id, actor, events, jobs, subject }: ErasureView): string[] => [
  at,
  id,
  printable(actor),
  amount({ count: events }, 'event'),
  amount({ count: jobs }, 'job'),
  subject,
];
