import { setMaxListeners } from 'node:events';
import type { Clock } from '../contracts/toolkit.js';

/** The call did not end in time. What it still does is of no interest to anybody. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * Waits for `work` at most `ms`; on the deadline, or when `outer` aborts, the signal handed to it aborts and the
 * wait ends even if the work ignores it.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  const controller = new AbortController();
  let end: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = (error) => {
      controller.abort(error);
      reject(error);
    };
  });
  const onAbort = (): void => end(new DeadlineError('aborted'));
  const timer = clock.setTimer(() => end(new DeadlineError(`no result after ${ms} ms`)), ms);
  // Dozens of calls wait on the one signal of their lease: no leak, so no warning.
  setMaxListeners(0, outer);
  outer.addEventListener('abort', onAbort, { once: true });
  if (outer.aborted) onAbort();
  try {
    return await Promise.race([Promise.resolve(work(controller.signal)), ended]);
  } finally {
    timer.clear();
    outer.removeEventListener('abort', onAbort);
    ended.catch(() => undefined);
  }
}
