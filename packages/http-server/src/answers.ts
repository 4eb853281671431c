import type { ServerResponse } from 'node:http';
import { FragmentError, isFragmentError, type Logger } from '@fragment/core';

/** Name, value, name, value: the form that Node writes as it stands. Made for every answer, so it has to be cheap. */
export type Headers = readonly string[];

const none: Headers = [];
const jsonType: Headers = ['content-type', 'application/json; charset=utf-8'];

/** Writes one complete JSON answer; text is taken to be JSON already. Does nothing when an answer is on its way. */
export function answerJson(res: ServerResponse, status: number, body: object | string, headers = none): void {
  if (res.headersSent) return;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  res.writeHead(status, [...jsonType, 'content-length', length, ...headers]);
  res.end(text);
}

/**
 * The error as an answer tells it: what is not a FragmentError becomes FRAGMENT_HTTP_INTERNAL, and every fault of our
 * own is logged here, since its answer says nothing.
 */
export function knownError(error: unknown, logger: Logger): FragmentError {
  const known = isFragmentError(error)
    ? error
    : new FragmentError('FRAGMENT_HTTP_INTERNAL', { cause: error });
  if (known.status === 500) logger.error(describe(error), 'a request failed');
  return known;
}

/**
 * Answers an error as `{ statusCode, code, message, validations }`; from 500 on without details, because they name our
 * own machines. Pass it through {@link knownError} first.
 */
export function answerKnown(res: ServerResponse, error: FragmentError, headers = none): void {
  const body = error.toBody();
  answerJson(res, error.status, error.status >= 500 ? { ...body, validations: [] } : body, [
    ...headers,
    ...retryAfter(error),
  ]);
}

/** Both in one: logs what must be known here, and answers. */
export function answerError(res: ServerResponse, error: unknown, logger: Logger, headers = none): void {
  answerKnown(res, knownError(error, logger), headers);
}

/** Whole seconds, never a date: SDKs read it with parseInt. */
export function retryAfterSeconds(error: FragmentError): number {
  return Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1));
}

function retryAfter(error: FragmentError): Headers {
  if (error.status !== 429 && error.status !== 503) return none;
  return ['retry-after', String(retryAfterSeconds(error))];
}

/** The message of a SyntaxError quotes what could not be parsed, which is a sender's data: only its place is logged. */
function describe(error: unknown): object {
  if (!(error instanceof SyntaxError)) return { err: error };
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return { error: error.name, frames };
}
