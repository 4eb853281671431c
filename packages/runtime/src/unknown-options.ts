import { nearest, type Validation } from '@fragment/core';
import { optionTable, type OptionGroup, type OptionRow, type OptionTable } from './option-table.js';
import type { FragmentOptions } from './options.js';

/**
 * A problem for each option that nobody would read, with the name that was probably meant. Those of plugins and adapters
 * are theirs to check.
 */
export const unknownOptions = (options: FragmentOptions): readonly Validation[] => [
  ...unknownIn(options, optionTable, []),
];

function* unknownIn(value: object, known: OptionTable, at: readonly string[]): Generator<Validation> {
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    const path = [...at, key];
    const row = Object.hasOwn(known, key) ? known[key] : undefined;
    if (row === undefined) yield { message: messageOf(path, known), path };
    else if (isGroup(row) && typeof item === 'object' && item !== null)
      yield* unknownIn(item, row.options, path);
  }
}

export const isGroup = (row: OptionRow): row is OptionGroup => row !== 'code' && 'options' in row;

function messageOf(path: readonly string[], known: OptionTable): string {
  const meant = nearest(path.at(-1) ?? '', Object.keys(known));
  const question = meant === undefined ? '' : `; did you mean ${[...path.slice(0, -1), meant].join('.')}?`;
  return `${path.join('.')} is not an option${question}`;
}
