import { inspect } from 'node:util';
import { isFragmentError } from '@fragment/core';

/** The exit codes of the `fragment` command, as far as they can happen here. */
export const EXIT = { ok: 0, failed: 1, usage: 2, conflict: 6, interrupted: 130 } as const;

const codes: Readonly<Partial<Record<string, number>>> = {
  FRAGMENT_CLI_USAGE: EXIT.usage,
  FRAGMENT_SCAFFOLD_CONFLICT: EXIT.conflict,
};

/** Says what happened and what to try, and returns the exit code that goes with it. */
export function reportError(error: unknown, json: boolean): number {
  if (!isFragmentError(error)) {
    process.stderr.write(
      `error ${error instanceof Error ? (error.stack ?? error.message) : inspect(error)}\n`,
    );
    return EXIT.failed;
  }
  const { code, message, validations, advice, page } = error;
  if (json)
    process.stdout.write(
      `${JSON.stringify({ error: { code, message, validations, try: advice, read: page } })}\n`,
    );
  else process.stderr.write(`error ${code} ${message}\n  try:  ${advice}\n  read: ${page}\n`);
  return codes[code] ?? EXIT.failed;
}
