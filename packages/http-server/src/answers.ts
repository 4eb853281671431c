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
 * Answers an error as `{ statusCode, code, message, validations }`. What is not a FragmentError is told as
 * FRAGMENT_HTTP_INTERNAL; from 500 on the details stay in the log, because they name our own machines.
 */
export function answerError(res: ServerResponse, error: unknown, logger: Logger, headers = none): void {
  const known = isFragmentError(error)
    ? error
    : new FragmentError('FRAGMENT_HTTP_INTERNAL', { cause: error });
  if (known.status === 500) logger.error(describe(error), 'a request failed');
  const body = known.toBody();
  answerJson(res, known.status, known.status >= 500 ? { ...body, validations: [] } : body, [
    ...headers,
    ...retryAfter(known),
  ]);
}

/** Whole seconds, never a date: SDKs read it with parseInt. */
function retryAfter(error: FragmentError): Headers {
  if (error.status !== 429 && error.status !== 503) return none;
  return ['retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1)))];
}

/** The message of a SyntaxError quotes what could not be parsed, which is a sender's data: only its place is logged. */
function describe(error: unknown): object {
  if (!(error instanceof SyntaxError)) return { err: error };
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return { error: error.name, frames };
}
