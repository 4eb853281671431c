import type { RejectedItem, Validation } from '../contracts/events.js';
import { errorRegistry, type ErrorCode } from './registry.js';

export interface FragmentErrorOptions {
  /** What in particular; follows the registered sentence. Never a secret, a body or traits. */
  readonly detail?: string;
  readonly validations?: readonly Validation[];
  /** Whole seconds after which a repeat makes sense. */
  readonly retryAfterSeconds?: number;
  /** What was refused, for the record of rejections. */
  readonly rejection?: Omit<RejectedItem, 'code' | 'message' | 'validations'>;
  readonly cause?: unknown;
}

/** Every error Fragment throws: a registered code, a status, a sentence and what to try. */
export class FragmentError extends Error {
  override readonly name = 'FragmentError';
  readonly code: ErrorCode;
  /** HTTP status of an answer that carries it. */
  readonly status: number;
  readonly advice: string;
  /** Where to read more. */
  readonly page: string;
  readonly detail: string | undefined;
  readonly validations: readonly Validation[];
  readonly retryAfterSeconds: number | undefined;
  /** Non-enumerable, so that a logged error never carries a message. */
  declare readonly rejection: FragmentErrorOptions['rejection'];

  constructor(code: ErrorCode, o: FragmentErrorOptions = {}) {
    const row = errorRegistry[code];
    super(
      o.detail ? `${row.message} ${o.detail}` : row.message,
      o.cause === undefined ? {} : { cause: o.cause },
    );
    this.code = code;
    this.status = row.status;
    this.advice = row.advice;
    this.page = `docs/errors.md#${code.toLowerCase()}`;
    this.detail = o.detail;
    this.validations = o.validations ?? [];
    this.retryAfterSeconds = o.retryAfterSeconds;
    Object.defineProperty(this, 'rejection', { value: o.rejection, enumerable: false });
  }

  /** The body of an HTTP answer: `{ statusCode, code, message, validations }`. */
  toBody(): { statusCode: number; code: ErrorCode; message: string; validations: readonly Validation[] } {
    return {
      statusCode: this.status,
      code: this.code,
      message: errorRegistry[this.code].message,
      validations:
        this.validations.length > 0 || this.detail === undefined
          ? this.validations
          : [{ message: this.detail, path: [] }],
    };
  }
}

/** True for a FragmentError of any copy of this package, optionally of one code. */
export function isFragmentError(error: unknown, code?: ErrorCode): error is FragmentError {
  return (
    error instanceof Error &&
    error.name === 'FragmentError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  );
}
