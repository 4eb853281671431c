import { setTimeout } from 'node:timers/promises';
import { FragmentError, isFragmentError } from '@fragment/core';

const RETRY_AFTER_SECONDS = 2;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Undefined table, schema or column: the migrations have not run, or not all of them. */
const SCHEMA_MISSING = new Set(['42P01', '3F000', '42703']);
const CONFLICT = new Set(['40P01', '40001']);
/** A canceled statement or lock wait, a read-only standby, a transaction left open, a wrong database name. */
const UNAVAILABLE = new Set(['57014', '55P03', '25006', '25P03', '3D000', ...CONFLICT]);
/** Connection, authentication, resources, operator intervention, system error. */
const UNAVAILABLE_CLASSES = new Set(['08', '28', '53', '57', '58']);
/** Bad data, broken constraints, and program limits such as an index entry that is too long. */
const DATA_CLASSES = new Set(['22', '23', '54']);

/** The SQLSTATE that PostgreSQL gave; undefined when the error is not PostgreSQL's. */
export function sqlState(error: unknown): string | undefined {
  const raw = isFragmentError(error) ? error.cause : error;
  if (typeof raw !== 'object' || raw === null || !('code' in raw) || !('severity' in raw)) return undefined;
  return typeof raw.code === 'string' && SQLSTATE.test(raw.code) ? raw.code : undefined;
}

/** Two transactions were in each other's way: the same again may well succeed. */
const isConflict = (error: unknown): boolean => CONFLICT.has(sqlState(error) ?? '');

/** The event is at fault, not the store: its neighbours can be stored without it. */
export const isDataError = (error: unknown): boolean =>
  isFragmentError(error, 'FRAGMENT_INGEST_EVENT_REFUSED') ||
  DATA_CLASSES.has((sqlState(error) ?? '').slice(0, 2));

/** What PostgreSQL adds to a message may quote rows; an error that may be logged must not. */
function scrub(error: unknown): void {
  if (typeof error !== 'object' || error === null) return;
  for (const field of ['detail', 'where', 'hint', 'internalQuery'])
    if (field in error) Reflect.deleteProperty(error, field);
}

/** The first line, which names no values of bound parameters, only of what the statement itself says. */
const firstLine = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);

/** Whatever pg or knex threw, as an error of the registry. Everything that is no answer of PostgreSQL means: unreachable. */
export function toFragmentError(error: unknown): FragmentError {
  if (isFragmentError(error)) return error;
  scrub(error);
  const state = sqlState(error);
  if (state === undefined || UNAVAILABLE.has(state) || UNAVAILABLE_CLASSES.has(state.slice(0, 2))) {
    return new FragmentError('FRAGMENT_STORE_UNAVAILABLE', {
      detail: firstLine(error),
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  if (SCHEMA_MISSING.has(state)) {
    return new FragmentError('FRAGMENT_STORE_SCHEMA_MISSING', { detail: firstLine(error), cause: error });
  }
  return new FragmentError('FRAGMENT_STORE_FAILED', {
    detail: `${firstLine(error)} (${state})`,
    cause: error,
  });
}

/** At once it would often meet the same transaction again, before that one has what it waited for. */
const WAITS_MS = [20, 60, 180];

/** Runs it up to four times when it loses against other transactions. */
export async function repeatOnConflict<T>(work: () => Promise<T>): Promise<T> {
  for (const waitMs of WAITS_MS) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    await setTimeout(waitMs * (0.5 + Math.random() / 2));
  }
  return work();
}
