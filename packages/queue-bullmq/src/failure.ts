import { FragmentError, isFragmentError } from '@fragment/core';

/**
 * What an error says, fit for logs. Never the error itself: ioredis attaches the command with its arguments, which for
 * AUTH are the password.
 */
export function describe(error: unknown): string {
  // Not `instanceof`: errors of Node itself belong to another realm where the host runs us in a vm, as jest does.
  if (typeof error !== 'object' || error === null) return 'unknown error';
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (message === '') return code === '' ? 'unknown error' : code;
  return code === '' || message.includes(code) ? message : `${message} (${code})`;
}

export function unavailable(error: unknown): FragmentError {
  if (isFragmentError(error, 'FRAGMENT_QUEUE_UNAVAILABLE')) return error;
  return new FragmentError('FRAGMENT_QUEUE_UNAVAILABLE', { detail: describe(error) });
}

export function closed(): FragmentError {
  return new FragmentError('FRAGMENT_QUEUE_UNAVAILABLE', { detail: 'It was closed.' });
}
