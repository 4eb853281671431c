import { errorRegistry, type DeliveryError, type ErrorCode, type Exchange } from '@fragment/core';
import { withoutNul } from './arrays.js';

const EXCERPT_CHARACTERS = 4096;
const MESSAGE_CHARACTERS = 2048;

/** Going through bytes turns a lone surrogate, which cutting can leave behind, into U+FFFD. */
const printable = (value: string, length: number): string =>
  Buffer.from(withoutNul(value.slice(0, length))).toString();

/** What went over the wire as an attempt's row holds it. */
export interface ExchangeColumns {
  readonly httpStatus: number | undefined;
  readonly request: string | undefined;
  readonly response: string | undefined;
}

/** A delivery's error as the tables hold it: the job's row has the reason, its attempt also what went over the wire. */
export interface ErrorColumns extends ExchangeColumns {
  readonly error: string;
}

export function exchangeColumns({ status, request, response }: Exchange): ExchangeColumns {
  return {
    httpStatus:
      status !== undefined && Number.isInteger(status) && Math.abs(status) < 32_768 ? status : undefined,
    request: request === undefined ? undefined : printable(request, EXCERPT_CHARACTERS),
    response: response === undefined ? undefined : printable(response, EXCERPT_CHARACTERS),
  };
}

export function errorColumns(error: DeliveryError): ErrorColumns {
  const { code, message } = error;
  const wire = exchangeColumns(error);
  return {
    ...wire,
    error: JSON.stringify({
      code: printable(code, 200),
      message: printable(message, MESSAGE_CHARACTERS),
      ...(wire.httpStatus === undefined ? {} : { status: wire.httpStatus }),
    }),
  };
}

/** A registered reason as the text of a `last_error` column. */
export const registeredError = (code: ErrorCode, detail?: string): string =>
  errorColumns({
    code,
    message: detail ? `${errorRegistry[code].message} ${detail}` : errorRegistry[code].message,
  }).error;

interface ExchangeRow {
  readonly request?: string | null;
  readonly response?: string | null;
}

export const parseError = (row: ExchangeRow & { readonly error: string }): DeliveryError => ({
  ...(JSON.parse(row.error) as DeliveryError),
  ...excerptsOf(row),
});

export const parseExchange = (row: ExchangeRow & { readonly http_status: number | null }): Exchange => ({
  ...(row.http_status === null ? {} : { status: row.http_status }),
  ...excerptsOf(row),
});

const excerptsOf = ({ request, response }: ExchangeRow): Exchange => ({
  ...(request == null ? {} : { request }),
  ...(response == null ? {} : { response }),
});
