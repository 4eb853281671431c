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
  if (json) process.stdout.write(`${JSON.stringify({ error: documentOf(error) })}\n`);
  else process.stderr.write(textOf(error));
  return (isFragmentError(error) ? codes[error.code] : undefined) ?? EXIT.failed;
}

function documentOf(error: unknown): object {
  if (!isFragmentError(error))
    return { code: null, message: error instanceof Error ? error.message : inspect(error) };
  const { code, message, validations, advice, page } = error;
  return { code, message, validations, try: advice, read: page };
}

function textOf(error: unknown): string {
  if (!isFragmentError(error))
    return `error ${error instanceof Error ? (error.stack ?? error.message) : inspect(error)}\n`;
  const { code, message, advice, page } = error;
  return `error ${code} ${message}\n  try:  ${advice}\n  read: ${page}\n`;
}
