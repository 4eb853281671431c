import { createInterface } from 'node:readline/promises';
import { FragmentError } from '@fragment/core';

/**
 * Asks on a terminal; elsewhere, and in CI, nobody could answer. Ctrl-C and Ctrl-D cancel.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE naming the flag that answers it
 */
export async function confirm(question: string): Promise<boolean | 'cancelled'> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || process.env['CI'])
    throw new FragmentError('FRAGMENT_CLI_USAGE', {
      detail: `${question} Nobody can be asked here: add --yes.`,
    });
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return 'cancelled';
    throw error;
  } finally {
    lines.close();
  }
}
