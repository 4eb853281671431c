import { FragmentError } from '@fragment/core';
import type { ListFlags, WholeFlags } from '../flags.js';
import { withOperator } from '../operate/open.js';
import type { Operator, PageRequest, ViewPage } from '../operate/operator.js';
import { printJson, table } from '../output.js';
import { EXIT } from '../exit-codes.js';

export interface Counted {
  readonly count: number;
  readonly countIsCapped?: boolean;
}

/** `1 job`, `more than 10000 events`. */
export const amount = ({ count, countIsCapped }: Counted, noun: string): string =>
  `${countIsCapped ? `more than ${count}` : count} ${noun}${count === 1 && !countIsCapped ? '' : 's'}`;

export const nothingMatched = (): FragmentError => new FragmentError('FRAGMENT_CLI_NOTHING_MATCHED');

/** How the items of a list are told. */
interface Telling<T> {
  /** One of them. */
  readonly noun: string;
  readonly row: (item: T) => string[];
}

/** Prints one page of a list, and how to come to the next one. */
export async function list<T>(
  flags: ListFlags,
  find: (operator: Operator, page: PageRequest) => Promise<ViewPage<T>>,
  { noun, row }: Telling<T>,
): Promise<number> {
  const { limit, cursor } = flags;
  const { items, count, countIsCapped, nextCursor } = await withOperator(flags, (operator) =>
    find(operator, { limit, ...(cursor !== undefined && { cursor }) }),
  );
  if (flags.failIfEmpty && items.length === 0) throw nothingMatched();
  if (flags.json) {
    const meta = { count, count_is_capped: countIsCapped, next_cursor: nextCursor ?? null };
    printJson({ meta, data: items });
    return EXIT.ok;
  }
  process.stdout.write(table(items.map(row)));
  const more = nextCursor === undefined ? '' : `; more: --cursor ${nextCursor}`;
  process.stderr.write(`${items.length} of ${amount({ count, countIsCapped }, noun)}${more}\n`);
  return EXIT.ok;
}

/** Prints a list that is told whole. */
export async function listWhole<T>(
  flags: WholeFlags,
  find: (operator: Operator) => Promise<readonly T[]>,
  row: (item: T) => string[],
): Promise<number> {
  const items = await withOperator(flags, find);
  if (flags.failIfEmpty && items.length === 0) throw nothingMatched();
  if (flags.json) printJson({ meta: { count: items.length }, data: items });
  else process.stdout.write(table(items.map(row)));
  return EXIT.ok;
}
