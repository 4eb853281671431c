import { inspect } from 'node:util';
import { errorRegistry, isFragmentError, type FragmentError } from '@fragment/core';
import { EXIT, exitCodeOf } from './exit-codes.js';

/** Where text goes: a stream of the process, or anything that collects it. */
interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

/** Says what happened, in which setting, what to try and where to read; returns the exit code that goes with it. */
export function reportError(error: unknown, stream: Output): number {
  const red = (text: string): string => (paintable(stream) ? `\u001b[31m${text}\u001b[39m` : text);
  if (!isFragmentError(error)) {
    stream.write(
      `${red('error')} ${error instanceof Error ? (error.stack ?? error.message) : inspect(error)}\n`,
    );
    return EXIT.failed;
  }
  stream.write(`${red(`error ${error.code}`)} ${explain(error).join('\n')}\n`);
  return exitCodeOf(error.code);
}

/** The same as one JSON document, for programs: `{ error: { code, message, validations, try, read } }`. */
export function reportErrorAsJson(error: unknown, stream: Output): number {
  const known = isFragmentError(error);
  const body = known
    ? {
        code: error.code,
        message: error.message,
        validations: error.validations,
        try: error.advice,
        read: error.page,
      }
    : { code: null, message: error instanceof Error ? error.message : inspect(error) };
  stream.write(`${JSON.stringify({ error: body })}\n`);
  return known ? exitCodeOf(error.code) : EXIT.failed;
}

/** True for a terminal, unless NO_COLOR is set or it is a dumb one. */
export function paintable(stream: Output): boolean {
  return stream.isTTY === true && stream.hasColors?.() === true;
}

function explain(error: FragmentError): string[] {
  const { validations, advice, page } = error;
  // The detail repeats the validations in one line: as a list they can be read.
  const what = validations.length > 0 ? errorRegistry[error.code].message : error.message;
  return [
    what,
    ...validations.map(
      ({ message, path }) => `  - ${message}${path.length > 0 ? ` (${path.join('.')})` : ''}`,
    ),
    ...causeLines(error),
    `  try:  ${advice}`,
    `  read: ${page}`,
  ];
}

/** What lies below, unless the error has said it already. */
function causeLines({ cause, message }: FragmentError): string[] {
  if (cause === undefined) return [];
  const why = cause instanceof Error ? cause.message : inspect(cause);
  return message.includes(why) ? [] : [`  because: ${why}`];
}
