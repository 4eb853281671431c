import { createInterface } from 'node:readline/promises';
import { FragmentError } from '@fragment/core';

/**
 * Asks on a terminal; elsewhere, and in CI, nobody could answer. Ctrl-C and Ctrl-D cancel.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE naming the flag that answers it
 */
export async function confirm(question: string): Promise<boolean | 'cancelled'> {
  const answer = await ask(question, { choices: ' [y/N] ', flag: '--yes' });
  return answer === undefined ? 'cancelled' : /^y(es)?$/i.test(answer.trim());
}

/**
 * Asks for a text to be typed again: does it say the same? Otherwise as `confirm`.
 * @throws {FragmentError} FRAGMENT_CLI_USAGE naming the flag that answers it
 */
export async function confirmByTyping(
  text: string,
  { question, flag }: { readonly question: string; readonly flag: string },
): Promise<boolean | 'cancelled'> {
  const answer = await ask(question, { choices: ' ', flag });
  return answer === undefined ? 'cancelled' : answer === text;
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
