import { createInterface } from 'node:readline/promises';
import { FragmentError } from '@fragment/core';
import { printable } from './output.js';

/**
 * Asks on a terminal; elsewhere, and in CI, nobody could answer. Ctrl-C and Ctrl-D cancel.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE naming the flag that answers it
 */
export async function confirm(question: string): Promise<boolean | 'cancelled'> {
  const answer = await ask(question, { choices: ' [y/N] ', flag: '--yes' });
  return answer === undefined ? 'cancelled' : /^y(es)?$/i.test(answer.trim());
}

/**
 * The same for what cannot be undone: the text itself is the answer that agrees.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE naming the flag that answers it
 */
export async function confirmByTyping(
  text: string,
  question: string,
  flag: string,
): Promise<boolean | 'cancelled'> {
  const answer = await ask(question, { choices: ` Type ${printable(text)} to do that: `, flag });
  return answer === undefined ? 'cancelled' : answer.trim() === text.trim();
}

/** undefined: it was cancelled. */
async function ask(
  question: string,
  { choices, flag }: { readonly choices: string; readonly flag: string },
): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || process.env['CI'])
    throw new FragmentError('FRAGMENT_CLI_USAGE', {
      detail: `${question} Nobody can be asked here: add ${flag}.`,
    });
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(`${question}${choices}`);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return undefined;
    throw error;
  } finally {
    lines.close();
  }
}
