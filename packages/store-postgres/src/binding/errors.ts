import { errorRegistry, type DeliveryError, type ErrorCode } from '@fragment/core';
import { withoutNul } from './arrays.js';

const EXCERPT_CHARACTERS = 4096;
const MESSAGE_CHARACTERS = 2048;

/** Going through bytes turns a lone surrogate, which cutting can leave behind, into U+FFFD. */
const printable = (value: string, length: number): string =>
  Buffer.from(withoutNul(value.slice(0, length))).toString();

/** A delivery's error as the tables hold it: the job's row has the reason, its attempt also what went over the wire. */
export interface ErrorColumns {
  readonly error: string;
  readonly httpStatus: number | undefined;
  readonly request: string | undefined;
  readonly response: string | undefined;
}

export function errorColumns(error: DeliveryError): ErrorColumns {
  const { code, message, status, request, response } = error;
  const httpStatus =
    status !== undefined && Number.isInteger(status) && Math.abs(status) < 32_768 ? status : undefined;
  return {
    error: JSON.stringify({
      code: printable(code, 200),
      message: printable(message, MESSAGE_CHARACTERS),
      ...(httpStatus === undefined ? {} : { status: httpStatus }),
    }),
    httpStatus,
    request: request === undefined ? undefined : printable(request, EXCERPT_CHARACTERS),
    response: response === undefined ? undefined : printable(response, EXCERPT_CHARACTERS),
  };
}

/** A registered reason as the text of a `last_error` column. */
export const registeredError = (code: ErrorCode, detail?: string): string =>
  errorColumns({
    code,
    message: detail ? `${errorRegistry[code].message} ${detail}` : errorRegistry[code].message,
  }).error;

export function parseError(row: {
  readonly error: string;
  readonly request?: string | null;
  readonly response?: string | null;
}): DeliveryError {
  return {
    ...(JSON.parse(row.error) as DeliveryError),
    ...(row.request == null ? {} : { request: row.request }),
    ...(row.response == null ? {} : { response: row.response }),
  };
}
